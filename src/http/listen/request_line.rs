//! Lets raw quotes through: HTTP/1 request targets with characters that the `http` crate refuses are escaped.
//!
//! Entra may send `filter=userName+eq+"x"` with the quotes as they are, which RFC 3986 forbids and `http::Uri`
//! answers with a bare 400 before any handler sees it. The line is rewritten while it is read; a byte stream that
//! does not begin like a request line is left alone.

/// The longest method name that is looked through.
const METHOD: usize = 16;

/// Where in the request line the stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestLine {
    /// In the method, after this many letters.
    Method(usize),
    /// In the request target.
    Target,
    /// Past the target, or in something that is no request line.
    Done,
}

impl RequestLine {
    /// The start of a line.
    pub(super) const START: RequestLine = RequestLine::Method(0);

    /// Copies `read` to `out`, escaping within the target what a URI must not hold.
    pub(super) fn copy(&mut self, read: &[u8], out: &mut Vec<u8>) {
        for (i, &byte) in read.iter().enumerate() {
            if *self == RequestLine::Done {
                out.extend_from_slice(&read[i..]);
                return;
            }
            match escape(byte) {
                Some(escaped) if *self == RequestLine::Target => out.extend_from_slice(escaped),
                _ => out.push(byte),
            }
            *self = self.after(byte);
        }
    }

    /// Where the stream is after this byte.
    fn after(self, byte: u8) -> RequestLine {
        match (self, byte) {
            // empty lines before a request are skipped, RFC 9112 section 2.2
            (RequestLine::Method(0), b'\r' | b'\n') => self,
            (RequestLine::Method(n), b'A'..=b'Z') if n < METHOD => RequestLine::Method(n + 1),
            (RequestLine::Method(1..), b' ') => RequestLine::Target,
            (RequestLine::Target, b' ' | b'\r' | b'\n') => RequestLine::Done,
            (RequestLine::Target, _) => RequestLine::Target,
            _ => RequestLine::Done,
        }
    }
}

/// The escaped form of a byte that `http::Uri` refuses, or takes for the start of a fragment.
fn escape(byte: u8) -> Option<&'static [u8]> {
    match byte {
        b'"' => Some(b"%22"),
        b'#' => Some(b"%23"),
        b'<' => Some(b"%3C"),
        b'>' => Some(b"%3E"),
        b'`' => Some(b"%60"),
        b'\\' => Some(b"%5C"),
        b'^' => Some(b"%5E"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line as the parser will see it, however the bytes are cut.
    fn copied(text: &str) -> String {
        let mut whole = Vec::new();
        let mut line = RequestLine::START;
        line.copy(text.as_bytes(), &mut whole);
        let mut line = RequestLine::START;
        let mut bytes = Vec::new();
        for byte in text.as_bytes().chunks(1) {
            line.copy(byte, &mut bytes);
        }
        assert_eq!(whole, bytes);
        String::from_utf8(whole).unwrap()
    }

    #[test]
    fn only_the_target_is_escaped() {
        let request = "GET /Users?filter=userName+eq+\"a<b>#\" HTTP/1.1\r\nx: \"y\"\r\n\r\n{\"a\":1}";
        let expected = "GET /Users?filter=userName+eq+%22a%3Cb%3E%23%22 HTTP/1.1\r\nx: \"y\"\r\n\r\n{\"a\":1}";
        assert_eq!(copied(request), expected);
        assert_eq!(copied("\r\nGET /\" HTTP/1.1\r\n"), "\r\nGET /%22 HTTP/1.1\r\n");
    }

    #[test]
    fn what_is_no_request_line_is_left_alone() {
        for text in ["{\"a\" : \"b\"}", "get \"x\"", " \"", "ABCDEFGHIJKLMNOPQ \"x\"", "\u{16}\u{3}\"", "A\" \""] {
            assert_eq!(copied(text), text);
        }
    }
}

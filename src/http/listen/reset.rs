//! Sends HTTP/2 clients with raw quotes to HTTP/1.1, where [`super::request_line`] lets them through.
//!
//! A `:path` that `http::Uri` refuses makes the `h2` crate reset the stream with `PROTOCOL_ERROR`. The code is changed
//! on its way out to `HTTP_1_1_REQUIRED` (RFC 9113 section 7), upon which curl and .NET try again with HTTP/1.1.

/// The length of a frame's header, RFC 9113 section 4.1.
const HEADER: usize = 9;

/// The frame type of RST_STREAM, RFC 9113 section 6.4.
const RST_STREAM: u8 = 3;

/// The error code that is replaced.
const PROTOCOL_ERROR: [u8; 4] = [0, 0, 0, 1];

/// The last byte of the code that replaces it.
pub(super) const HTTP_1_1_REQUIRED: u8 = 0xd;

/// Where in the frames sent so far the stream is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frames {
    /// The header of the frame, as far as it was sent.
    header: [u8; HEADER],
    /// How much of the header was sent.
    known: usize,
    /// How much of the payload is still to come.
    left: usize,
    /// The last bytes of the payload that were sent.
    tail: [u8; 3],
}

impl Frames {
    /// Where in `bytes`, which are to be sent next, the first byte is that must be replaced.
    pub(super) fn first_replaced<'b>(&self, bytes: impl IntoIterator<Item = &'b [u8]>) -> Option<usize> {
        let mut frames = *self;
        let mut before = 0;
        for bytes in bytes {
            if let Some(at) = frames.advance(bytes) {
                return Some(before + at);
            }
            before += bytes.len();
        }
        None
    }

    /// Takes note of what was sent; stops at a byte that must be replaced, unless it was the first.
    pub(super) fn sent(&mut self, bytes: &[u8]) {
        self.advance(bytes);
    }

    /// Goes through the bytes up to one that must be replaced.
    fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.left > 4 || (self.left > 0 && self.header[3] != RST_STREAM) {
                let skipped = self.left.min(bytes.len() - at);
                self.left -= skipped;
                at += skipped;
            } else if self.left > 0 {
                let [a, b, c] = self.tail;
                if self.left == 1 && [a, b, c, byte] == PROTOCOL_ERROR {
                    return Some(at);
                }
                self.tail = [b, c, byte];
                self.left -= 1;
                at += 1;
            } else {
                self.header[self.known] = byte;
                self.known += 1;
                at += 1;
                if self.known == HEADER {
                    let [a, b, c, ..] = self.header;
                    self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
                    self.known = 0;
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of this type on stream 1.
    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).unwrap();
        [&[0, 0, length, kind, 0, 0, 0, 0, 1], payload].concat()
    }

    /// What is sent when at most `most` bytes are taken at a time.
    fn sent(bytes: &[u8], most: usize) -> Vec<u8> {
        let mut frames = Frames::default();
        let mut out = Vec::new();
        while out.len() < bytes.len() {
            let rest = &bytes[out.len()..];
            let next = match frames.first_replaced([rest]) {
                Some(0) => &[HTTP_1_1_REQUIRED],
                Some(at) => &rest[..at.min(most)],
                None => &rest[..rest.len().min(most)],
            };
            frames.sent(next);
            out.extend_from_slice(next);
        }
        out
    }

    #[test]
    fn only_the_protocol_error_of_a_stream_is_replaced() {
        let data = frame(0, &[0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 1]);
        let settings = frame(4, &[]);
        let goaway = frame(7, &[0, 0, 0, 1, 0, 0, 0, 1]);
        let cancel = frame(RST_STREAM, &[0, 0, 0, 8]);
        let far = frame(RST_STREAM, &[0, 1, 0, 1]);
        let before = [&settings[..], &data, &cancel, &far, &goaway].concat();
        let error = frame(RST_STREAM, &PROTOCOL_ERROR);
        let required = frame(RST_STREAM, &[0, 0, 0, HTTP_1_1_REQUIRED]);
        let bytes = [&before[..], &error, &before, &error, &data].concat();
        let expected = [&before[..], &required, &before, &required, &data].concat();
        for most in [1, 2, 7, 1000] {
            assert_eq!(sent(&bytes, most), expected, "{most} at a time");
        }
    }
}

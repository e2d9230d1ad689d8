//! The byte stream of one connection: notes activity and lets raw quotes through.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::activity::Activity;
use super::request_line::RequestLine;
use super::reset::{Frames, HTTP_1_1_REQUIRED};

/// How much of a head is looked at in one read.
const CHUNK: usize = 4096;

/// A socket or TLS stream under watch.
pub(super) struct Watched<S> {
    inner: S,
    activity: Activity,
    /// Absent for HTTP/2, where bytes between requests are no sign of one and heads are compressed.
    line: Option<RequestLine>,
    /// Absent for HTTP/1.
    frames: Option<Frames>,
    /// Read and rewritten, not yet handed on.
    pending: Vec<u8>,
}

impl<S> Watched<S> {
    /// A stream that speaks HTTP/1.
    pub(super) fn http1(inner: S, activity: Activity) -> Watched<S> {
        Watched { inner, activity, line: Some(RequestLine::Done), frames: None, pending: Vec::new() }
    }

    /// A stream that speaks HTTP/2.
    pub(super) fn http2(inner: S, activity: Activity) -> Watched<S> {
        Watched { inner, activity, line: None, frames: Some(Frames::default()), pending: Vec::new() }
    }

    /// Takes note of what the client took.
    fn written(&mut self, bytes: &[u8]) {
        self.activity.written();
        if let Some(frames) = &mut self.frames {
            frames.sent(bytes);
        }
    }

    /// Hands on what is pending; false when there is nothing.
    fn hand_on(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let n = self.pending.len().min(buf.remaining());
        buf.put_slice(&self.pending[..n]);
        self.pending.drain(..n);
        n > 0
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.hand_on(buf) {
            return Poll::Ready(Ok(()));
        }
        let Some(line) = this.line.as_mut() else {
            return Pin::new(&mut this.inner).poll_read(cx, buf);
        };
        if this.activity.take_at_line() {
            *line = RequestLine::START;
        }
        if *line == RequestLine::Done {
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
            if buf.filled().len() > before {
                this.activity.head_begun();
            }
            return Poll::Ready(Ok(()));
        }
        let mut chunk = [0; CHUNK];
        let mut chunk = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut this.inner).poll_read(cx, &mut chunk))?;
        if !chunk.filled().is_empty() {
            this.activity.head_begun();
        }
        line.copy(chunk.filled(), &mut this.pending);
        this.hand_on(buf);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let replaced = self.frames.and_then(|frames| frames.first_replaced([bytes]));
        let bytes = match replaced {
            Some(0) => &[HTTP_1_1_REQUIRED],
            Some(at) => &bytes[..at],
            None => bytes,
        };
        let n = ready!(Pin::new(&mut self.inner).poll_write(cx, bytes))?;
        self.written(&bytes[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes = || slices.iter().map(|slice| &**slice);
        if self.frames.is_some_and(|frames| frames.first_replaced(bytes()).is_some()) {
            let first = bytes().find(|bytes| !bytes.is_empty()).unwrap_or_default();
            return self.poll_write(cx, first);
        }
        let n = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, slices))?;
        let mut left = n;
        for bytes in bytes() {
            let taken = left.min(bytes.len());
            self.written(&bytes[..taken]);
            left -= taken;
        }
        Poll::Ready(Ok(n))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

//! Closes a connection so that its client can still read the last response (RFC 9112, section 9.6).
//!
//! If a socket is closed while data of the client is unread or on its way, TCP resets the connection, and the client may lose a response
//! that it has already received.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::timeout;

/// How long the server reads what it has no use for.
const LINGER: Duration = Duration::from_secs(5);
/// How much of it the server reads at the end of a connection, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// Becomes ready after [`LINGER`], or at once when the server stops.
pub async fn patience(mut stopping: watch::Receiver<()>) {
    let _ = timeout(LINGER, stopping.changed()).await;
}

/// Whether the client may be in the middle of a request.
#[derive(Clone, Default)]
pub struct MidRequest(Arc<AtomicBool>);

impl MidRequest {
    /// Notes that a request has arrived completely.
    pub fn has_ended(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A connection that is read for a while after the last response, if the client may be in the middle of a request.
pub struct Lingering<S> {
    stream: S,
    mid_request: MidRequest,
    stopping: watch::Receiver<()>,
    /// When to stop reading. `None` until the server has sent everything.
    end: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    discarded: usize,
}

impl<S> Lingering<S> {
    pub fn new(stream: S, mid_request: MidRequest, stopping: watch::Receiver<()>) -> Self {
        Self { stream, mid_request, stopping, end: None, discarded: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, into))?;
        if into.filled().len() > before {
            self.mid_request.0.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.end.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        }
        if !this.mid_request.0.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        let stopping = &this.stopping;
        let end = this.end.get_or_insert_with(|| Box::pin(patience(stopping.clone())));
        while this.discarded < LARGEST && end.as_mut().poll(context).is_pending() {
            let mut bytes = [0; 4096];
            let mut bytes = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut this.stream).poll_read(context, &mut bytes));
            if read.is_err() || bytes.filled().is_empty() {
                break;
            }
            this.discarded += bytes.filled().len();
        }
        Poll::Ready(Ok(()))
    }
}

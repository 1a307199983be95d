//! A connection that is read line by line.
//!
//! Before TLS begins, somebody on the way can add answers of their own to the server's 'go ahead'. A reader that has taken them in
//! already would believe that they came through TLS (CVE-2011-0411 and what is like it). Here they stay behind the line that was
//! asked for, and the TLS handshake stumbles over them. And since lettre takes in whole lines, however long, more than any answer
//! needs is an error here.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::net::TcpStream;

/// Bytes of one answer.
const ANSWER_LIMIT: usize = 128 * 1024;

#[derive(Debug)]
pub struct LineStream {
    stream: BufReader<TcpStream>,
    /// Read since the last time that something was said.
    answered: usize,
}

impl LineStream {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream: BufReader::new(stream), answered: 0 }
    }

    fn inner(self: Pin<&mut Self>) -> Pin<&mut BufReader<TcpStream>> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl AsyncRead for LineStream {
    /// Never more than the rest of one line.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let arrived = ready!(self.as_mut().inner().poll_fill_buf(context))?;
        let line =
            arrived.iter().position(|byte| *byte == b'\n').map_or(arrived.len(), |at| at + 1);
        let taken = line.min(into.remaining());
        into.put_slice(&arrived[..taken]);
        self.as_mut().inner().consume(taken);
        self.answered += taken;
        if self.answered > ANSWER_LIMIT {
            return Poll::Ready(Err(io::Error::other("its answer does not end")));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.answered = 0;
        self.inner().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(context)
    }
}

impl AsyncTokioStream for LineStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.get_ref().peer_addr()
    }
}

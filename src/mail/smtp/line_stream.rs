//! A connection that never reads more than one line at a time.
//!
//! Before TLS starts, an attacker in the network can append replies to the server's 'go ahead'. If a reader has already buffered them, it
//! treats them as if they came through TLS (CVE-2011-0411 and similar). Here they stay unread, and the TLS handshake fails on them.
//! lettre reads lines of any length, so this also limits the length of a reply.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::net::TcpStream;

/// The longest reply, in bytes.
const REPLY_LIMIT: usize = 128 * 1024;

#[derive(Debug)]
pub struct LineStream {
    stream: BufReader<TcpStream>,
    /// Bytes read since the last command.
    replied: usize,
}

impl LineStream {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream: BufReader::new(stream), replied: 0 }
    }

    fn inner(self: Pin<&mut Self>) -> Pin<&mut BufReader<TcpStream>> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl AsyncRead for LineStream {
    /// Reads at most the rest of one line.
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
        self.replied += taken;
        if self.replied > REPLY_LIMIT {
            return Poll::Ready(Err(io::Error::other("its reply does not end")));
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
        self.replied = 0;
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

//! The accept loop: bounded connections, bounded waiting, and a stop that does not depend on clients.
//!
//! `axum::serve` waits forever for a header that is never finished, even when it is told to stop.

mod connections;
mod limits;
mod log_limit;
mod peer;
mod service;
mod slots;

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

pub use self::limits::Limits;
use self::service::service;
use self::slots::{Logs, Slot, Slots};

/// How long a client may stop reading its response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest header of a request, in bytes.
const LARGEST_HEADER: usize = 16 * 1024;
/// How long running requests may take after the server is told to stop.
pub const DRAIN: Duration = Duration::from_secs(15);

/// Serves until `stop` is ready, then waits for running requests, for [`DRAIN`] at most. Each request gets the current `router`. Peers
/// for which `is_trusted_proxy` is true may take all connections; every other peer has a bound.
pub async fn serve(
    listener: TcpListener,
    router: watch::Receiver<Router>,
    is_trusted_proxy: impl Fn(IpAddr) -> bool,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let graceful = GracefulShutdown::new();
    let slots = Slots::new(limits);
    let mut logs = Logs::default();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header).max_buf_size(LARGEST_HEADER);

    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener) => accepted,
        };
        let address = peer.ip().to_canonical();
        let slot = tokio::select! {
            () = &mut stop => break,
            slot = slots.enter(address, is_trusted_proxy(address), &mut logs) => slot,
        };
        if let Some(slot) = slot {
            start(&http, &graceful, stream, peer, router.clone(), slot);
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were aborted");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                // Probably out of file descriptors, until other connections close.
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Serves a connection in the background until it ends or has to make room for another.
fn start(
    http: &http1::Builder,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    peer: SocketAddr,
    router: watch::Receiver<Router>,
    slot: Slot,
) {
    let _ = stream.set_nodelay(true); // a small response is sent at once
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let io = TokioIo::new(Box::pin(stream));
    let connection = http.serve_connection(io, service(router, peer, slot.status()));
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(%error, %peer, "a connection failed");
            },
            () = slot.close.notified() => {
                tracing::debug!(%peer, "closed a connection to make room");
            }
        }
        drop(slot);
    });
}

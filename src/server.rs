//! The accept loop. The number of connections, their waits and the shutdown are bounded, whatever clients do.
//!
//! `axum::serve` waits forever for an incomplete request header, even during shutdown.

mod connections;
mod limits;
mod linger;
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
use self::linger::{Lingering, MidRequest};
use self::service::{ConnectionContext, service};
use self::slots::{Logs, Slot, Slots};

/// How long a client may stop reading its response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest request header, in bytes. The gate gets all headers of guarded apps; our own pages accept fewer (`web::http::oversized`).
const LARGEST_HEADER: usize = 64 * 1024;
/// The largest number of header lines.
const MOST_HEADERS: usize = 512;
/// How long running requests may take during shutdown.
pub const DRAIN: Duration = Duration::from_secs(15);

/// Serves until `stop` is ready, then waits for running requests, at most for [`DRAIN`]. Each request gets the current `router`. The
/// connections of each peer are limited, except for peers for which `is_trusted_proxy` is true.
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
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(LARGEST_HEADER)
        .max_headers(MOST_HEADERS);
    let (running, stopping) = watch::channel(());

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
            start(&http, &graceful, stream, peer, (router.clone(), stopping.clone()), slot);
        }
    }
    drop(listener);
    drop(running);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were aborted");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                // Probably no file descriptor is free until another connection closes.
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
    (router, stopping): (watch::Receiver<Router>, watch::Receiver<()>),
    slot: Slot,
) {
    let _ = stream.set_nodelay(true); // sends small responses at once
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let context = ConnectionContext {
        peer,
        status: slot.status(),
        mid_request: MidRequest::default(),
        stopping: stopping.clone(),
    };
    let stream = Lingering::new(Box::pin(stream), context.mid_request.clone(), stopping);
    let connection = http.serve_connection(TokioIo::new(stream), service(router, context));
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(%error, %peer, "connection failed");
            },
            () = slot.close.notified() => {
                tracing::debug!(%peer, "closed a connection to make room");
            }
        }
        drop(slot);
    });
}

//! The accept loop: bounded connections, bounded waiting, and a stop that ends whatever clients do.
//!
//! `axum::serve` waits for ever for a header that is never finished, also when it is told to stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// Connections at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 1_024;
/// How long a request's header may take, and how long a connection may idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may refuse to read what it asked for.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How large a request's header may be.
const LARGEST_HEADER: usize = 16 * 1024;
/// How long requests under way may take to finish once the server is told to stop.
pub const DRAIN: Duration = Duration::from_secs(15);

/// Serves until `stop` is ready, then lets requests under way finish, for [`DRAIN`] at most. Each request is answered by the router
/// of its moment.
pub async fn serve(
    listener: TcpListener,
    router: watch::Receiver<Router>,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(LARGEST_HEADER);

    loop {
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, (stream, peer)) = tokio::select! {
            () = &mut stop => break,
            (slot, accepted) = accepted => match accepted {
                Ok(connection) => (slot, connection),
                Err(error) => {
                    // Out of file descriptors, most likely: others have to close first.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true); // a small answer does not wait for more to send
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let io = TokioIo::new(Box::pin(stream));
        let connection = http.serve_connection(io, service(router.clone(), peer));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, %peer, "a connection broke off");
            }
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were broken off");
    }
}

/// The router as hyper wants it, told who is at the other end.
fn service(
    router: watch::Receiver<Router>,
    peer: SocketAddr,
) -> impl Service<hyper::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> {
    service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.borrow().clone();
        router.oneshot(request)
    })
}

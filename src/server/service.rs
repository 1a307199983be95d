//! Passes requests to the router, and reports what each connection waits for.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use tokio::sync::watch;
use tower::ServiceExt;

use super::connections::Phase;
use super::slots::ConnectionStatus;

/// The service of one connection. Each request gets the current router and the address of the peer.
pub fn service(
    router: watch::Receiver<Router>,
    peer: SocketAddr,
    status: ConnectionStatus,
) -> impl Service<hyper::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> {
    service_fn(move |request: hyper::Request<Incoming>| {
        let (router, status) = (router.borrow().clone(), status.clone());
        async move {
            let phase = if request.body().is_end_stream() { Phase::Work } else { Phase::Body };
            if !status.set(phase) {
                // The connection is being closed, so a response could not be sent: the work never starts.
                std::future::pending::<()>().await;
            }
            let received = OnDrop(status.clone(), ConnectionStatus::body_received);
            let mut request = request.map(|body| Body::new(holding(body, received)));
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = router.oneshot(request).await?;
            let sent = OnDrop(status, |status| {
                status.set(Phase::Header);
            });
            Ok(response.map(|body| Body::new(holding(body, sent))))
        }
    })
}

/// Drops `kept` when the body has been read or dropped.
fn holding<B: HttpBody>(body: B, kept: OnDrop) -> impl HttpBody<Data = B::Data, Error = B::Error> {
    body.map_err(move |error| {
        let _ = &kept;
        error
    })
}

struct OnDrop(ConnectionStatus, fn(&ConnectionStatus));

impl Drop for OnDrop {
    fn drop(&mut self) {
        (self.1)(&self.0);
    }
}

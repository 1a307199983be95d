//! Passes requests to the router, and reports what each connection waits for.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::HeaderValue;
use axum::http::header::{CONNECTION, EXPECT};
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::{Service, service_fn};
use tokio::sync::{oneshot, watch};
use tower::ServiceExt;

use super::connections::Phase;
use super::linger::{MidRequest, patience};
use super::slots::ConnectionStatus;

/// The largest rest of a body that is read after an early response, in bytes. A client with a larger one needs a new connection.
const SMALL_REST: u64 = 64 * 1024;

/// What the service of one connection needs to know about it.
#[derive(Clone)]
pub struct ConnectionContext {
    pub peer: SocketAddr,
    pub status: ConnectionStatus,
    pub mid_request: MidRequest,
    /// Changes when the server stops.
    pub stopping: watch::Receiver<()>,
}

/// The service of one connection. Each request gets the current router and the address of the peer.
///
/// If the response comes before the whole body, a small rest of the body is read and discarded, so that the connection can carry the next
/// request. Otherwise the response says `Connection: close` (RFC 9112, section 9.3).
pub fn service(
    router: watch::Receiver<Router>,
    context: ConnectionContext,
) -> impl Service<hyper::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> {
    service_fn(move |request: hyper::Request<Incoming>| {
        let (router, context) = (router.borrow().clone(), context.clone());
        async move {
            let has_body = !request.body().is_end_stream();
            if !context.status.set(if has_body { Phase::Body } else { Phase::Work }) {
                // The connection is being closed, so a response could not be sent: the work never starts.
                std::future::pending::<()>().await;
            }
            let waits_for_continue = request.headers().contains_key(EXPECT);
            let (leave, mut left) = oneshot::channel();
            let mut request = request.map(|body| {
                Body::new(RequestBody {
                    body: Some(body),
                    is_asked_for: !waits_for_continue,
                    context: context.clone(),
                    leave: Some(leave),
                })
            });
            if !has_body {
                context.mid_request.has_ended();
            }
            request.extensions_mut().insert(ConnectInfo(context.peer));
            let mut response = router.oneshot(request).await?;
            match left.try_recv() {
                Ok(rest) if rest.is_small() && !response.headers().contains_key(CONNECTION) => {
                    tokio::spawn(discard(rest.body, context.clone()));
                }
                Ok(_) => {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Err(_) => {} // read completely, or still being read for the response
            }
            let sent = OnDrop(context.status, |status| {
                status.set(Phase::Header);
            });
            Ok(response.map(|body| Body::new(holding(body, sent))))
        }
    })
}

/// Reads the rest of a body within the time that a client gets for it. Otherwise hyper closes the connection.
async fn discard(mut body: Incoming, context: ConnectionContext) {
    let reading = async {
        while let Some(Ok(_)) = body.frame().await {}
        if body.is_end_stream() {
            context.mid_request.has_ended();
        }
    };
    tokio::select! {
        () = reading => {}
        () = patience(context.stopping.clone()) => {}
    }
}

/// The body of a request. Sends what is left of it to the service when it is dropped.
struct RequestBody {
    body: Option<Incoming>,
    /// Whether the client sends it: a client with `Expect: 100-continue` may wait until the server starts to read.
    is_asked_for: bool,
    context: ConnectionContext,
    leave: Option<oneshot::Sender<Rest>>,
}

/// The unread rest of a request's body.
struct Rest {
    body: Incoming,
    is_asked_for: bool,
}

impl Rest {
    /// Whether the client sends it, and it is known to be small.
    fn is_small(&self) -> bool {
        self.is_asked_for && self.body.size_hint().exact().is_some_and(|it| it <= SMALL_REST)
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let polled = Pin::new(&mut *body).poll_frame(context);
        let is_end = matches!(polled, Poll::Ready(None)) || body.is_end_stream();
        self.is_asked_for = true;
        let frame = ready!(polled);
        if is_end {
            self.body = None;
            self.context.mid_request.has_ended();
            self.context.status.body_received();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.context.status.body_received();
        let body = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Some(leave)) = (body, self.leave.take()) {
            let _ = leave.send(Rest { body, is_asked_for: self.is_asked_for });
        }
    }
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

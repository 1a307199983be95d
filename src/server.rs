//! The accept loop: bounded connections, bounded waiting, and a stop that ends whatever clients do.
//!
//! `axum::serve` waits for ever for a header that is never finished, also when it is told to stop.

mod connections;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

pub use self::connections::Limits;
use self::connections::{Answer, Connections, Peer, Phase};

/// How long a client may refuse to read what it asked for.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How large a request's header may be.
const LARGEST_HEADER: usize = 16 * 1024;
/// How long requests under way may take to finish once the server is told to stop.
pub const DRAIN: Duration = Duration::from_secs(15);
/// A full server looks again whether a client has become slow enough to make room.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The log tells of refused connections this often at most.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// Serves until `stop` is ready, then lets requests under way finish, for [`DRAIN`] at most. Each request is answered by the router
/// of its moment. Peers that `is_trusted_proxy` names may take every connection; any other has a bound.
pub async fn serve(
    listener: TcpListener,
    router: watch::Receiver<Router>,
    is_trusted_proxy: impl Fn(IpAddr) -> bool,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let graceful = GracefulShutdown::new();
    let open = Arc::new(Open {
        connections: Mutex::new(Connections::new(limits)),
        one_closed: Notify::new(),
    });
    let (mut crowded, mut full) = (Told::default(), Told::default());
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header).max_buf_size(LARGEST_HEADER);

    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    // Out of file descriptors, most likely: others have to close first.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let address = peer.ip().to_canonical();
        let other = (!is_trusted_proxy(address)).then(|| Peer::new(address));
        let Entered { place, is_crowded } = tokio::select! {
            () = &mut stop => break,
            entered = open.enter(other, &mut full) => entered,
        };
        if is_crowded {
            crowded.tell(|count| {
                tracing::warn!(
                    %address,
                    count,
                    limit = limits.per_peer,
                    "closed connections over the limit of one address or network; if it is a proxy, name it in TRUSTED_PROXIES"
                );
            });
        }
        let Some(place) = place else { continue };
        let _ = stream.set_nodelay(true); // a small answer does not wait for more to send
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let io = TokioIo::new(Box::pin(stream));
        let connection = http.serve_connection(io, service(router.clone(), peer, place.line()));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, %peer, "a connection broke off");
                },
                () = place.close.notified() => {
                    tracing::debug!(%peer, "a connection was closed to make room");
                }
            }
            drop(place);
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
    line: Line,
) -> impl Service<hyper::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> {
    service_fn(move |request: hyper::Request<Incoming>| {
        let (router, line) = (router.borrow().clone(), line.clone());
        async move {
            let phase = if request.body().is_end_stream() { Phase::Work } else { Phase::Body };
            if !line.enter(phase) {
                // It was closed to make room in this very moment. Nothing is begun that would not be answered.
                std::future::pending::<()>().await;
            }
            let until = OnDrop(line.clone(), Line::has_body);
            let mut request = request.map(|body| Body::new(holding(body, until)));
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = router.oneshot(request).await?;
            let until = OnDrop(line, |line| {
                line.enter(Phase::Header);
            });
            Ok(response.map(|body| Body::new(holding(body, until))))
        }
    })
}

/// The same body, which keeps something until it has been read or given up.
fn holding<B: HttpBody>(body: B, kept: OnDrop) -> impl HttpBody<Data = B::Data, Error = B::Error> {
    body.map_err(move |error| {
        let _ = &kept;
        error
    })
}

/// The open connections, shared by all of them.
struct Open {
    connections: Mutex<Connections<Arc<Notify>>>,
    one_closed: Notify,
}

impl Open {
    fn lock(&self) -> MutexGuard<'_, Connections<Arc<Notify>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room.
    async fn enter(self: &Arc<Self>, peer: Option<Peer>, full: &mut Told) -> Entered {
        loop {
            let close = Arc::new(Notify::new());
            let answer = self.lock().open(peer.clone(), Arc::clone(&close), Instant::now());
            let place = |id| Some(Place { open: Arc::clone(self), id, close });
            match answer {
                Answer::Open(id, closed) => {
                    for other in closed {
                        other.notify_one();
                    }
                    return Entered { place: place(id), is_crowded: false };
                }
                Answer::InsteadOf(id, other) => {
                    other.notify_one();
                    return Entered { place: place(id), is_crowded: true };
                }
                Answer::TooManyOfPeer => return Entered { place: None, is_crowded: true },
                Answer::Full => {
                    full.tell(|count| {
                        tracing::warn!(count, "every connection is taken; new ones wait");
                    });
                    let _ = tokio::time::timeout(LOOK_AGAIN, self.one_closed.notified()).await;
                }
            }
        }
    }
}

/// What became of a new connection.
struct Entered {
    /// Nothing if all connections of its peer are at work.
    place: Option<Place>,
    /// Whether its peer had as many as it may have.
    is_crowded: bool,
}

/// The place of one connection, free again when it is dropped.
struct Place {
    open: Arc<Open>,
    id: u64,
    close: Arc<Notify>,
}

impl Place {
    fn line(&self) -> Line {
        Line { open: Arc::clone(&self.open), id: self.id }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.lock().close(self.id);
        self.open.one_closed.notify_one();
    }
}

/// Says what a connection waits for.
#[derive(Clone)]
struct Line {
    open: Arc<Open>,
    id: u64,
}

impl Line {
    fn enter(&self, phase: Phase) -> bool {
        self.open.lock().enter(self.id, phase, Instant::now())
    }

    fn has_body(&self) {
        self.open.lock().has_body(self.id, Instant::now());
    }
}

/// Does something with a connection when it is dropped.
struct OnDrop(Line, fn(&Line));

impl Drop for OnDrop {
    fn drop(&mut self) {
        (self.1)(&self.0);
    }
}

/// What the log is told of once in a while.
#[derive(Default)]
struct Told {
    last: Option<Instant>,
    count: u64,
}

impl Told {
    /// Counts one, and tells how many it were since the last time.
    fn tell(&mut self, log: impl FnOnce(u64)) {
        self.count += 1;
        if self.last.is_none_or(|last| last.elapsed() >= TOLD_EVERY) {
            log(self.count);
            (self.last, self.count) = (Some(Instant::now()), 0);
        }
    }
}

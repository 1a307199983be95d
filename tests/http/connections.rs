//! Connection limits: one client, or a few, cannot starve the others.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use authflow::server::{self, Limits};
use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

const HALF_A_HEADER: &[u8] = b"GET /quick HTTP/1.1\r\nhost: x\r\nx-slow: ";
/// Long enough that no slow client is disconnected.
const HEADER: Duration = Duration::from_hours(1);
const SMALL: Limits = Limits { connections: 16, per_peer: 4, header: HEADER };
/// The timeout for a failing test.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that trusts only 127.0.0.1 as a proxy.
struct Server {
    address: SocketAddr,
    /// Notified when a request arrives at `/slow`.
    entered: Arc<Notify>,
    /// Notified by the test to send the response.
    leave: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (enters, leaves) = (Arc::clone(&entered), Arc::clone(&leave));
        let slow = async move || {
            enters.notify_one();
            leaves.notified().await;
            "slow"
        };
        let router = Router::new()
            .route("/quick", get(async || "quick"))
            .route("/echo", post(async |body: Bytes| body))
            .route("/large", get(async || vec![b'x'; 16 * 1024 * 1024]))
            .route("/slow", get(slow));
        let (router, shown) = tokio::sync::watch::channel(router);
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let is_proxy = |peer: IpAddr| peer == IpAddr::from([127, 0, 0, 1]);
            let stopped = async { stopped.await.unwrap_or_default() };
            server::serve(listener, shown, is_proxy, limits, stopped).await;
            drop(router);
        });
        Self { address, entered, leave, stop: Some(stop), serving }
    }

    /// A connection from 127.0.0.`host`.
    async fn connect(&self, host: u8) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, host], 0).into()).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    /// `count` connections from 127.0.0.`host` that send only this.
    async fn hold(&self, host: u8, count: usize, sent: &[u8]) -> Vec<TcpStream> {
        let mut held = Vec::new();
        for _ in 0..count {
            let mut stream = self.connect(host).await;
            let _ = stream.write_all(sent).await; // the connection may be closed already
            held.push(stream);
        }
        held
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn send(stream: &mut TcpStream, request: &str) {
    let request = format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Reads one response and returns its body, or nothing if the connection is closed.
async fn answer(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    let reading = async {
        loop {
            let mut piece = [0; 1_024];
            let count = stream.read(&mut piece).await.unwrap_or_default();
            if count == 0 {
                return None;
            }
            read.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&read);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|it| it.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return Some(body.to_owned());
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("a response or a closed connection")
}

async fn ask(stream: &mut TcpStream, request: &str) -> Option<String> {
    send(stream, request).await;
    answer(stream).await
}

/// How many of these the server closed without a response.
async fn count_closed(streams: &mut [TcpStream]) -> usize {
    let mut closed = 0;
    for stream in streams {
        let read = tokio::time::timeout(Duration::from_millis(1), stream.read(&mut [0; 16])).await;
        closed += usize::from(matches!(read, Ok(Ok(0) | Err(_))));
    }
    closed
}

#[tokio::test]
async fn a_thousand_half_sent_headers_from_one_client_do_not_block_others() {
    let server = Server::start(Limits { header: HEADER, ..Limits::default() }).await;
    let mut held = server.hold(2, 1_030, HALF_A_HEADER).await;
    assert_eq!(ask(&mut server.connect(3).await, "GET /quick").await.unwrap(), "quick");
    let limit = Limits::default().per_peer;
    assert!(count_closed(&mut held).await >= 1_030 - limit);
    drop(held);
    // Then that client can connect again.
    assert_eq!(ask(&mut server.connect(2).await, "GET /quick").await, Some("quick".into()));
}

#[tokio::test]
async fn half_sent_headers_do_not_block_others_behind_the_same_address() {
    let server = Server::start(SMALL).await;
    let mut held = server.hold(2, 3 * SMALL.per_peer, HALF_A_HEADER).await;
    for _ in 0..2 * SMALL.per_peer {
        let mut owner = server.connect(2).await;
        assert_eq!(ask(&mut owner, "GET /quick").await.as_deref(), Some("quick"));
        held.push(owner);
    }
}

#[tokio::test]
async fn a_client_at_its_limit_keeps_the_requests_in_progress() {
    let server = Server::start(SMALL).await;
    let mut working = Vec::new();
    for _ in 0..SMALL.per_peer {
        let mut one = server.connect(2).await;
        send(&mut one, "GET /slow").await;
        server.entered.notified().await;
        working.push(one);
    }
    let mut further = server.connect(2).await;
    let _ = further.write_all(b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(answer(&mut further).await, None);
    server.leave.notify_waiters();
    for mut one in working {
        assert_eq!(answer(&mut one).await.as_deref(), Some("slow"));
    }
}

#[tokio::test]
async fn a_full_server_frees_connections_without_ending_a_request() {
    let server = Server::start(SMALL).await;
    let mut honest = server.connect(9).await;
    assert_eq!(ask(&mut honest, "GET /quick").await.unwrap(), "quick");
    send(&mut honest, "GET /slow").await;
    server.entered.notified().await;
    let mut attackers = Vec::new();
    for host in 10..30 {
        attackers.extend(server.hold(host, SMALL.per_peer, HALF_A_HEADER).await);
        let mut other = server.connect(3).await;
        assert_eq!(ask(&mut other, "GET /quick").await.unwrap(), "quick", "{host}");
    }
    assert!(count_closed(&mut attackers).await >= attackers.len() - SMALL.connections);
    server.leave.notify_one();
    assert_eq!(answer(&mut honest).await.unwrap(), "slow");
}

#[tokio::test]
async fn a_full_server_closes_clients_that_do_not_send_their_body() {
    let server = Server::start(SMALL).await;
    let head = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\na=";
    let mut attackers = Vec::new();
    for host in 10..14 {
        attackers.extend(server.hold(host, SMALL.per_peer, head).await);
    }
    assert_eq!(ask(&mut server.connect(3).await, "GET /quick").await.unwrap(), "quick");
    drop(attackers);
    let whole = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody";
    let mut honest = server.connect(3).await;
    honest.write_all(whole.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut honest).await.unwrap(), "body");
}

#[tokio::test]
async fn a_full_server_closes_clients_that_do_not_read() {
    let server = Server::start(SMALL).await;
    let mut attackers = Vec::new();
    for host in 10..14 {
        let request = b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n";
        attackers.extend(server.hold(host, SMALL.per_peer, request).await);
    }
    assert_eq!(ask(&mut server.connect(3).await, "GET /quick").await.unwrap(), "quick");
}

#[tokio::test]
async fn a_proxy_may_use_every_connection() {
    let server = Server::start(SMALL).await;
    let mut proxied = server.hold(1, SMALL.connections, HALF_A_HEADER).await;
    for one in &mut proxied {
        one.write_all(b"x\r\n\r\n").await.unwrap();
        assert_eq!(answer(one).await.unwrap(), "quick");
    }
}

#[tokio::test]
async fn a_full_server_shuts_down_in_time() {
    let mut server = Server::start(SMALL).await;
    let mut attackers = Vec::new();
    for host in 10..16 {
        attackers.extend(server.hold(host, SMALL.per_peer, HALF_A_HEADER).await);
    }
    let mut honest = server.connect(9).await;
    send(&mut honest, "GET /slow").await;
    server.entered.notified().await;
    server.stop.take().unwrap().send(()).unwrap();
    server.leave.notify_one();
    assert_eq!(answer(&mut honest).await.unwrap(), "slow");
    tokio::time::timeout(PATIENCE, &mut server.serving)
        .await
        .expect("the server should stop")
        .unwrap();
}

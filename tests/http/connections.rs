//! Connections: one client, or a few, cannot starve the others, and no request is lost after an early response.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use authflow::server::{self, Limits};
use axum::Router;
use axum::body::Bytes;
use axum::routing::{any, get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::support::*;

const HALF_A_HEADER: &[u8] = b"GET /quick HTTP/1.1\r\nhost: x\r\nx-slow: ";
/// Long enough that no slow client is disconnected.
const HEADER: Duration = Duration::from_hours(1);
const SMALL: Limits = Limits { connections: 16, per_peer: 4, header: HEADER };

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
            .route("/unread", any(async || "unread"))
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

/// Reads one response, byte by byte because another may follow.
async fn response(stream: &mut TcpStream, has_body: bool) -> String {
    let mut read = Vec::new();
    let reading = async {
        loop {
            let text = String::from_utf8_lossy(&read);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|it| it.strip_prefix("content-length: "));
                let length = length.filter(|_| has_body).map_or(0, |it| it.parse().unwrap());
                if body.len() >= length {
                    return text.into_owned();
                }
            }
            let byte = stream.read_u8().await.expect("a complete response");
            read.push(byte);
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("a response")
}

/// Whether the server closes the connection, without a reset.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let read = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 16])).await;
    read.expect("the connection should close").expect("no reset") == 0
}

/// Sends a request whose response does not need the body, then the body, then another request on the same connection. Returns the first
/// response.
async fn early(address: SocketAddr, request: &str, more: &str, [kind, body]: [&str; 2]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{request} HTTP/1.1\r\nhost: localhost:5000\r\n{more}{kind}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let has_body = !request.starts_with("HEAD");
    let first = response(&mut stream, has_body).await;
    if first.contains("connection: close") {
        stream.write_all(body.as_bytes()).await.unwrap();
        assert!(is_closed(&mut stream).await, "{request}");
        return first;
    }
    stream.write_all(body.as_bytes()).await.unwrap();
    let next = b"GET /health HTTP/1.1\r\nhost: localhost:5000\r\n\r\n";
    stream.write_all(next).await.unwrap();
    let second = response(&mut stream, true).await;
    assert!(second.starts_with("HTTP/1.1 200"), "{request}: {second}");
    first
}

#[tokio::test]
async fn the_request_after_an_early_response_is_not_lost() {
    let app = TestApp::start().await;
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let foreign = format!("origin: https://evil.example\r\nsec-fetch-site: cross-site\r\n{form}");
    let bad = "authorization: Bearer x\r\n";
    let text = "content-type: text/plain\r\n";
    let large = "cookie: a=".to_owned() + &"x".repeat(20_000) + "\r\n";
    let long = "POST /auth/login?".to_owned() + &"x".repeat(40_000);
    let chunked = ["transfer-encoding: chunked", "2\r\n{}\r\n0\r\n\r\n"];
    let huge = "x".repeat(100_000);
    for (request, more, status) in [
        ("POST /nowhere", form, 404),
        ("POST /api/nowhere", "", 404),
        ("PUT /nowhere", "", 404),
        ("DELETE /auth/login", "", 405),
        ("PUT /api/auth/login", "", 405),
        ("POST /static/style.css", "", 405),
        ("POST /auth/login", &foreign, 403),
        ("POST /auth/login", text, 415),
        ("POST /api/auth/login", text, 415),
        ("POST /api/auth/logout", "", 401),
        ("POST /api/auth/logout", bad, 401),
        ("POST /gate/forward", "", 403),
        ("POST /.authflow/x", "", 404),
        ("POST /auth/login", &large, 431),
        ("POST /api/auth/login", &large, 431),
        (&long, "", 414),
        ("GET /auth/login", "", 200),
        ("GET /", "", 303),
        ("HEAD /auth/login", "", 200),
        ("GET /health", "", 200),
    ] {
        let known = early(app.address, request, more, ["content-length: 2", "{}"]).await;
        assert!(known.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {known}");
        assert!(!known.contains("connection: close"), "{request}: {known}");
        // Clients with a larger body, one of unknown length, or one that they may not send at all, need a new connection.
        for sent in [
            chunked,
            ["content-length: 100000", &huge],
            ["content-length: 2\r\nexpect: 100-continue", ""],
            ["content-length: 2\r\nexpect: 100-continue", "{}"],
        ] {
            let other = early(app.address, request, more, sent).await;
            assert!(other.contains("connection: close"), "{request}, {}: {other}", sent[0]);
            assert!(!other.contains("100 Continue"), "{request}: {other}");
        }
    }
}

#[tokio::test]
async fn an_unread_body_is_discarded_whenever_it_arrives() {
    let server = Server::start(SMALL).await;
    let head = "POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n";
    let next = "GET /quick HTTP/1.1\r\nhost: x\r\n\r\n";
    for pieces in [
        vec![format!("{head}body{next}")],
        vec![format!("{head}bo"), format!("dy{next}")],
        vec![head.to_owned(), "b".into(), "o".into(), "dy".into(), next.into()],
        vec![format!("{head}body{head}body{next}")],
        // a body that looks like a request
        vec![format!("{}{next}{next}", head.replace(": 4", &format!(": {}", next.len())))],
        vec![format!("{}body{next}", head.replace("1.1\r\n", "1.0\r\nconnection: keep-alive\r\n"))],
    ] {
        let mut stream = server.connect(2).await;
        for piece in &pieces {
            stream.write_all(piece.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
        }
        for _ in 0..pieces.concat().matches("POST").count() {
            assert!(response(&mut stream, true).await.ends_with("unread"), "{pieces:?}");
        }
        assert!(response(&mut stream, true).await.ends_with("quick"), "{pieces:?}");
    }
    // A body that the handler reads is asked for.
    let mut stream = server.connect(2).await;
    let waits =
        "POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n";
    stream.write_all(waits.as_bytes()).await.unwrap();
    assert_eq!(response(&mut stream, false).await, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"body").await.unwrap();
    assert_eq!(answer(&mut stream).await.as_deref(), Some("body"));
    assert_eq!(ask(&mut stream, "GET /quick").await.as_deref(), Some("quick"));
}

#[tokio::test]
async fn clients_can_read_the_response_while_they_still_send() {
    let server = Server::start(SMALL).await;
    let large = vec![b'x'; 4 * 1024 * 1024];
    let length = large.len();
    for (head, status) in [
        (format!("POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n"), 200),
        (format!("POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n"), 404),
        ("GET / HTTP/1.1\r\nhost: x\r\nbroken header\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nhost: x\r\ncookie: ".to_owned(), 431),
        ("GET /".to_owned(), 431),
    ] {
        let mut stream = server.connect(2).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&large).await.expect("the server reads");
        let head = response(&mut stream, true).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
        assert!(head.contains("connection: close"), "{head}");
        assert!(is_closed(&mut stream).await);
    }
}

#[tokio::test]
async fn a_body_that_never_arrives_does_not_delay_the_shutdown() {
    let mut server = Server::start(SMALL).await;
    let mut held = Vec::new();
    for rest in [2, 1_000_000] {
        let mut stream = server.connect(2).await;
        let request = format!("POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: {rest}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut stream).await.as_deref(), Some("unread"));
        held.push(stream);
    }
    server.stop.take().unwrap().send(()).unwrap();
    tokio::time::timeout(PATIENCE, &mut server.serving).await.expect("it stops").unwrap();
    for mut stream in held {
        assert!(is_closed(&mut stream).await);
    }
}

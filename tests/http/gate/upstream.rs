//! An app behind the gate: it returns the requests that it receives, and echoes on a WebSocket.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::support::Page;

/// The heads of all requests that reached the app.
pub type Seen = Arc<Mutex<String>>;

/// Serves until the test ends.
pub async fn start() -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let all = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&all)));
        }
    });
    (address, seen)
}

/// Answers requests on one connection until the client closes it.
async fn serve(mut stream: TcpStream, seen: Seen) -> Option<()> {
    let mut read = Vec::new();
    loop {
        let head = read_head(&mut stream, &mut read).await?;
        *seen.lock().unwrap() += &(head.clone() + "\n\n");
        let mut lines = head.lines();
        let request = lines.next()?.to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let header = |name: &str| {
            headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
        };
        if header("upgrade") == Some("websocket") {
            return echo(stream).await;
        }
        if header("expect").is_some() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
        }
        let body = if header("transfer-encoding").is_some() {
            read_chunks(&mut stream, &mut read).await?
        } else {
            let length = header("content-length").map_or(Some(0), |it| it.parse().ok())?;
            take(&mut stream, &mut read, length).await?
        };
        let mut words = request.split(' ');
        let (method, uri) = (words.next()?, words.next()?);
        if uri == "/events" {
            return send_event(stream).await;
        }
        let got = json!({
            "method": method,
            "uri": uri,
            "headers": headers,
            "length": body.len(),
            "body": String::from_utf8_lossy(&body[..body.len().min(1_000_000)]),
        });
        stream.write_all(answer(method, uri, &got).as_bytes()).await.ok()?;
    }
}

/// Reads to the end of a request's head, and leaves the rest in `read`.
async fn read_head(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = read.windows(4).position(|it| it == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            read.drain(..end + 4);
            return Some(head);
        }
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
}

/// Takes this many bytes of a request's body.
async fn take(stream: &mut TcpStream, read: &mut Vec<u8>, length: usize) -> Option<Vec<u8>> {
    while read.len() < length {
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
    Some(read.drain(..length).collect())
}

/// Reads a body of chunks without extensions or trailers (RFC 9112, section 7.1).
async fn read_chunks(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = read.windows(2).position(|it| it == b"\r\n") {
                break end;
            }
            let more = read.len() + 1;
            let some = take(stream, read, more).await?;
            read.splice(..0, some);
        };
        let size = take(stream, read, end + 2).await?;
        let size = usize::from_str_radix(std::str::from_utf8(&size[..end]).ok()?, 16).ok()?;
        body.extend(take(stream, read, size).await?);
        take(stream, read, 2).await?;
        if size == 0 {
            return Some(body);
        }
    }
}

/// Sends one server-sent event, and then waits for the client to close the connection.
async fn send_event(mut stream: TcpStream) -> Option<()> {
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n";
    stream.write_all(answer.as_bytes()).await.ok()?;
    let _ = stream.read(&mut [0; 1]).await;
    None
}

/// Accepts a WebSocket, and sends back what arrives on it.
async fn echo(mut stream: TcpStream) -> Option<()> {
    let answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    stream.write_all(answer.as_bytes()).await.ok()?;
    let (mut from, mut to) = stream.split();
    tokio::io::copy(&mut from, &mut to).await.ok()?;
    None
}

/// The response: the request as JSON, or as a page below `/page/`.
fn answer(method: &str, uri: &str, got: &Value) -> String {
    // Statuses with a meaning for the gate must pass unchanged when the app sends them.
    let status = match uri {
        "/own-401" => "401 Unauthorized",
        "/own-403" => "403 Forbidden",
        "/own-500" => "500 Internal Server Error",
        _ => "200 OK",
    };
    let (kind, body) = if uri.starts_with("/page/") {
        // The title says whether scripts run.
        let script = "<script>document.title = 'with script'</script>";
        ("text/html", format!("<title>without script</title>{script}<pre>{got}</pre>"))
    } else {
        ("application/json", got.to_string())
    };
    let length = body.len();
    let body = if method == "HEAD" { "" } else { &body };
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// The request that reached the app.
pub struct Got(pub Value);

impl Got {
    #[track_caller]
    pub fn from(page: &Page) -> Self {
        Self(serde_json::from_str(&page.body).unwrap_or_else(|_| {
            panic!("{} did not reach the app: {} {}", page.path, page.status, page.text())
        }))
    }

    pub fn uri(&self) -> &str {
        self.0["uri"].as_str().unwrap()
    }

    /// All values of a header, including names that apps treat as the same.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let headers = self.0["headers"].as_array().unwrap().iter();
        let same = headers.filter(|it| it[0].as_str().unwrap().replace('_', "-") == name);
        same.map(|it| it[1].as_str().unwrap()).collect()
    }
}

//! `authflow healthcheck`: asks the server on this machine whether it is ready, directly at its port.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::exit_code::FAILED;
use crate::config::Config;

const TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of a response.
const LARGEST_BODY: usize = 16 * 1024;

pub async fn run(config: &Config) -> ExitCode {
    let address = address(config);
    let why = match ask(config).await {
        Ok(Responder::Ready) => {
            println!("ready");
            return ExitCode::SUCCESS;
        }
        Ok(Responder::NotReady) => {
            format!("authflow at {address} is starting, or cannot use its database")
        }
        Ok(Responder::Stranger) => format!("another program responds at {address}"),
        Err(error) => format!("authflow does not respond at {address}: {error}"),
    };
    eprintln!("not ready: {why}");
    ExitCode::from(FAILED)
}

/// What responds at the address of the server.
pub enum Responder {
    /// authflow, with its database.
    Ready,
    /// authflow, which is starting or cannot use its database.
    NotReady,
    /// Another program.
    Stranger,
}

/// Asks `/health/ready`. The error says why there is no response; after five seconds, it is a timeout.
pub async fn ask(config: &Config) -> io::Result<Responder> {
    let asked = tokio::time::timeout(TIMEOUT, async {
        let stream = TcpStream::connect(address(config)).await?;
        // An error of HTTP means that it is not a server of HTTP.
        Ok(request(config, stream).await.unwrap_or(Responder::Stranger))
    });
    let late = |_| Err(io::Error::new(ErrorKind::TimedOut, "no response within 5 seconds"));
    asked.await.unwrap_or_else(late)
}

/// The address of the server on this machine.
pub fn address(config: &Config) -> SocketAddr {
    // A server that listens on all addresses also listens on loopback.
    let host = match config.listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(host, config.listen.port())
}

async fn request(
    config: &Config,
    stream: TcpStream,
) -> Result<Responder, Box<dyn std::error::Error>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let path = format!("{}/health/ready", config.public_url.base());
    let request =
        Request::get(path).header("host", address(config).to_string()).body(Body::empty())?;
    let response = sender.send_request(request).await?;
    let body = axum::body::to_bytes(Body::new(response.into_body()), LARGEST_BODY).await?;
    connection.abort();
    let body: Value = serde_json::from_slice(&body)?;
    Ok(match body["status"].as_str() {
        Some("ok") => Responder::Ready,
        Some("unavailable") => Responder::NotReady,
        _ => Responder::Stranger,
    })
}

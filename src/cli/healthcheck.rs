//! `authflow healthcheck`: asks the server on this machine whether it is ready, directly at its port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::exit_code::FAILED;
use crate::config::Config;

const TIMEOUT: Duration = Duration::from_secs(5);

pub async fn run(config: &Config) -> ExitCode {
    let why = match ask(config).await {
        Ok(status) if status.is_success() => {
            println!("ready");
            return ExitCode::SUCCESS;
        }
        Ok(status) => format!("it answered {status}"),
        Err(error) => error.to_string(),
    };
    eprintln!("not ready: {why}");
    ExitCode::from(FAILED)
}

/// The status of `/health/ready`. The error says why there is none.
pub async fn ask(config: &Config) -> Result<StatusCode, Box<dyn std::error::Error>> {
    let outcome = tokio::time::timeout(TIMEOUT, request(config, address(config))).await;
    outcome.unwrap_or_else(|_| Err("it did not respond in time".into()))
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
    address: SocketAddr,
) -> Result<StatusCode, Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let path = format!("{}/health/ready", config.public_url.base());
    let request = Request::get(path).header("host", address.to_string()).body(Body::empty())?;
    let status = sender.send_request(request).await?.status();
    connection.abort();
    Ok(status)
}

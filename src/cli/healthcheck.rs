//! `authflow healthcheck`: asks the server on this machine whether it is ready, directly at its port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::exit_code::FAILED;
use crate::config::Config;

const TIMEOUT: Duration = Duration::from_secs(5);

pub async fn run(config: &Config) -> ExitCode {
    let outcome = tokio::time::timeout(TIMEOUT, ask(config)).await;
    match outcome.unwrap_or_else(|_| Err("it did not respond in time".into())) {
        Ok(()) => {
            println!("ready");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("not ready: {why}");
            ExitCode::from(FAILED)
        }
    }
}

async fn ask(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    // A server that listens on all addresses also listens on loopback.
    let host = match config.listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let address = SocketAddr::new(host, config.listen.port());
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let path = format!("{}/health/ready", config.public_url.base());
    let request = Request::get(path).header("host", address.to_string()).body(Body::empty())?;
    let status = sender.send_request(request).await?.status();
    connection.abort();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {status}").into()) }
}

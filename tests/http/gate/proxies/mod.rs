//! The gate in real proxies, each with the exact configuration that `authflow proxy` prints.

/// Defines a test of each function for every proxy.
macro_rules! in_each {
    ($($name:ident)*) => {
        mod nginx {
            use super::Kind;

            $(#[tokio::test]
            async fn $name() {
                super::$name(Kind::Nginx).await;
            })*
        }
        mod caddy {
            use super::Kind;

            $(#[tokio::test]
            async fn $name() {
                super::$name(Kind::Caddy).await;
            })*
        }
        mod traefik {
            use super::Kind;

            $(#[tokio::test]
            async fn $name() {
                super::$name(Kind::Traefik).await;
            })*
        }
    };
}

mod addresses;
mod client_claims;
mod container;
mod printed;
mod sign_in;
mod tickets;
mod traffic;
mod uploads;

use authflow::domain::gate::ticket::Nonce;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::support::*;
use super::proxy::Kind;
use super::stage::Stage;
use super::traveller::{NAVIGATION, SCRIPT, Traveller};
use super::upstream::Got;

const IDENTITY: [&str; 4] = ["remote-user", "remote-email", "remote-name", "remote-groups"];
const GATE: &str = "__Host-authflow-gate";
const NONCE: &str = "__Host-authflow-gate-nonce";

/// The stage, and Ada's browser; `None` where the proxy is not installed.
async fn set(kind: Kind, rules: &[&[&str]]) -> Option<(Stage, Traveller)> {
    let stage = Stage::set(kind, "https", "", rules).await?;
    let ada = stage.browser();
    Some((stage, ada))
}

/// Sends a request exactly as written, and returns the whole response.
async fn raw(stage: &Stage, request: &str) -> String {
    let stream = TcpStream::connect(stage.proxy).await.unwrap();
    let mut stream = stage.tls(stream).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read).await;
    String::from_utf8_lossy(&read).into_owned()
}

/// The address of a ticket that has not been used yet.
async fn ticket(ada: &Traveller, guarded: &str) -> String {
    let start = ada.go(guarded).await;
    ada.go(start.header("location")).await.is(303).header("location").to_owned()
}

/// The address of an unused ticket for the first app, where the browser may be signed in already.
async fn another_ticket(stage: &Stage, ada: &Traveller) -> String {
    let app = stage.app(0);
    let nonce = Nonce::parse(&ada.cookies(&app)[NONCE]).unwrap();
    let (to, nonce) = (format!("{app}/x"), nonce.hash().to_text());
    let way = encode(&[("return_to", &to), ("nonce", &nonce)]);
    let start = ada.go(&stage.login(&format!("/gate/start?{way}"))).await;
    start.is(303).header("location").to_owned()
}

//! Checks whether authflow itself responds, without the proxy.

use std::io::ErrorKind;

use super::reported::{PartName, Reported};
use crate::cli::healthcheck::{self, Responder};
use crate::config::Config;
use crate::installation;
use crate::installation::docs_page::DocsPage;

const PART: PartName =
    PartName { json: "server", heading: "Server", help: DocsPage::Troubleshooting };

/// Asks the server on this machine, because its sign-in page could not be opened: `seen` says what happened there. `None`: it responds, so
/// the cause is between the browser and the server.
pub async fn examine(config: &Config, seen: &str) -> Option<Reported> {
    let address = healthcheck::address(config);
    let (text, fix) = match healthcheck::ask(config).await {
        Ok(Responder::Ready) => return None,
        Ok(Responder::NotReady) => (
            format!("authflow at {address} is starting, or cannot use its database."),
            "Fix the database first. authflow then continues by itself.".to_owned(),
        ),
        Ok(Responder::Stranger) => (
            format!("Another program responds at {address} (HOST and PORT)."),
            format!(
                "Stop that program and start authflow, or set PORT to another port. To find it: sudo ss -ltnp 'sport = :{}'",
                address.port()
            ),
        ),
        Err(error) => (
            format!("authflow does not respond at {address} (HOST and PORT): {error}."),
            start(error.kind()).to_owned(),
        ),
    };
    Some(Reported::bad(PART, format!("{text} {seen} The apps were not checked."), fix))
}

/// How to start a server that does not respond.
fn start(error: ErrorKind) -> &'static str {
    match (installation::has_systemd(), error) {
        (true, ErrorKind::ConnectionRefused) => {
            "Start it: sudo systemctl start authflow. To see why it stopped: sudo journalctl -u authflow -n 50"
        }
        (true, _) => {
            "Restart it: sudo systemctl restart authflow. Its log: sudo journalctl -u authflow -n 50"
        }
        (false, _) => {
            "Start it. Its log says why it stopped. If it runs on another machine or in another container, run this command there."
        }
    }
}

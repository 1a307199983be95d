//! Checks whether authflow itself responds, without the proxy.

use super::reported::{PartName, Reported};
use crate::cli::healthcheck;
use crate::config::Config;
use crate::installation::docs_page::DocsPage;
use crate::installation::is_service;

const PART: PartName =
    PartName { json: "server", heading: "Server", help: DocsPage::Troubleshooting };

/// Asks the server on this machine, whose sign-in page could not be opened. `None`: it responds, so the cause is somewhere before it.
pub async fn examine(config: &Config) -> Option<Reported> {
    let why = healthcheck::ask(config).await.err()?;
    let fix = if is_service() {
        "Start it: sudo systemctl start authflow. To see why it stopped: sudo journalctl -u authflow -n 50"
    } else {
        "Start it. Its log says why it stopped."
    };
    Some(Reported::bad(
        PART,
        format!(
            "authflow does not respond at {} (HOST and PORT): {why}.",
            healthcheck::address(config)
        ),
        fix,
    ))
}

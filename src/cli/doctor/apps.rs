//! Checks guarded apps at their public URLs.

use reqwest::header::{ACCEPT, LOCATION, SET_COOKIE};
use reqwest::{Client, Response};

use super::network::{causes, explain, help};
use super::reported::{PartName, Reported};
use crate::config::Config;
use crate::domain::addresses;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::reserved::TICKET_PATH;
use crate::installation::authflow;
use crate::installation::docs_page::DocsPage;
use crate::web::gate::answer::NO_TICKET;

const PART: PartName = PartName { json: "application", heading: "App", help: DocsPage::Gate };

/// The fix where the proxy responds with an error of its own.
const UNREACHABLE: &str = "The proxy's log says what it cannot reach. Check the addresses of authflow and of the app in its configuration.";

/// Checks that the app redirects visitors to the sign-in page, and that its proxy passes their tickets to authflow afterwards.
pub async fn examine(config: &Config, client: &Client, origin: &GateOrigin) -> Vec<Reported> {
    let visitor = visitor(config, client, origin).await;
    if visitor.is_bad() {
        return vec![visitor];
    }
    vec![visitor, tickets(client, origin).await]
}

/// Requests the ticket URL without a ticket: authflow must respond, not the app.
async fn tickets(client: &Client, origin: &GateOrigin) -> Reported {
    let address = format!("{origin}{TICKET_PATH}");
    let answer = match client.get(&address).header(ACCEPT, "*/*").send().await {
        Ok(answer) => answer,
        Err(error) => {
            return Reported::bad(
                PART,
                format!("{address} cannot be opened from this machine: {}.", causes(&error)),
                "Check that the proxy can reach authflow.",
            );
        }
    };
    let reason = reason(&answer);
    if reason == Some(NO_TICKET) {
        return Reported::good(PART, format!("{origin} passes /.authflow/ to authflow."));
    }
    if answer.status().is_server_error() && reason.is_none() {
        let text = format!("{address} responds with {}.", answer.status());
        return Reported::bad(PART, text, UNREACHABLE);
    }
    let said = reason.map_or(String::new(), |reason| format!(", {reason}"));
    Reported::bad(
        PART,
        format!(
            "{origin} does not pass /.authflow/ to authflow ({}{said}), so no one can sign in there. The proxy's configuration is for an earlier \
             version.",
            answer.status()
        ),
        format!(
            "Print the configuration again with the command in its line \"Made by\", which has the rules of this app, such as --role: {} \
             proxy nginx|caddy|traefik --app {origin} --upstream ADDR",
            authflow()
        ),
    )
}

/// Opens the app like the browser of a visitor who is not signed in: it must be redirected to the sign-in page.
async fn visitor(config: &Config, client: &Client, origin: &GateOrigin) -> Reported {
    let asked = client
        .get(format!("{origin}/"))
        .header(ACCEPT, "text/html")
        .header("sec-fetch-mode", "navigate");
    let answer = match asked.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let first = if error.is_connect() { "Start the proxy. " } else { "" };
            let fix = format!(
                "{first}Check that the proxy has a site for this name; {} proxy prints one.",
                authflow()
            );
            let (why, fix) = explain(&error, &fix);
            let part = PartName { help: help(&error, PART.help), ..PART };
            let text = format!("{origin} cannot be opened from this machine: {why}.");
            return Reported::bad(part, text, fix);
        }
    };
    judge(config, origin, &answer)
}

fn judge(config: &Config, origin: &GateOrigin, answer: &Response) -> Reported {
    let status = answer.status();
    let location =
        answer.headers().get(LOCATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let start = format!("{}?", config.public_url.link(addresses::GATE_START));
    if status.is_redirection() && location.starts_with(&start) {
        return if answer.headers().contains_key(SET_COOKIE) {
            Reported::good(PART, format!("{origin} sends visitors to the sign-in page."))
        } else {
            Reported::bad(
                PART,
                format!(
                    "{origin} sends visitors to the sign-in page without the gate's cookie, so they cannot come back."
                ),
                format!(
                    "Make the proxy pass on Set-Cookie from the gate ({} proxy prints how).",
                    authflow()
                ),
            )
        };
    }
    if status.is_success() {
        return Reported::bad(
            PART,
            format!("{origin} opens without signing in: it is NOT guarded."),
            format!(
                "Use the configuration that {} proxy nginx|caddy|traefik --app {origin} --upstream ADDR prints.",
                authflow()
            ),
        );
    }
    let said = match reason(answer) {
        Some(reason) => format!(" ({reason})"),
        None if location.is_empty() => String::new(),
        None => format!(" and leads to {location}"),
    };
    Reported::bad(
        PART,
        format!(
            "{origin} responds with {status}{said} instead of sending visitors to the sign-in page."
        ),
        match reason(answer) {
            None if status.is_server_error() => UNREACHABLE.to_owned(),
            Some("starting" | "unavailable") => {
                "Fix the database first. authflow then continues by itself.".to_owned()
            }
            _ => format!(
                "The log says why the gate refused. Compare the proxy's configuration with what {} proxy prints.",
                authflow()
            ),
        },
    )
}

/// Why the gate refused.
fn reason(answer: &Response) -> Option<&str> {
    answer.headers().get("authflow-reason")?.to_str().ok()
}

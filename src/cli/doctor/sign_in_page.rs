//! Checks the sign-in page at its public URL: whether the proxy passes requests, cookies and headers.

use reqwest::header::{ACCEPT, AUTHORIZATION, COOKIE, DATE, HeaderMap, SET_COOKIE};
use reqwest::{Client, Response};

use super::network::{causes, explain, help};
use super::reported::{PartName, Reported};
use crate::app::Secrets;
use crate::clock::{Clock, DRIFT, about};
use crate::config::Config;
use crate::domain::addresses;
use crate::installation::docs_page::DocsPage;
use crate::services::operations::doctor;
use crate::tls::TlsFailure;
use crate::web::http::arrival::{Arrival, Seen};

pub const PART: PartName =
    PartName { json: "way in", heading: "Sign-in page", help: DocsPage::Troubleshooting };

const REQUEST: PartName =
    PartName { json: "request", heading: "Request", help: DocsPage::Troubleshooting };
const CLOCKS: PartName =
    PartName { json: "clocks", heading: "Clocks", help: DocsPage::Troubleshooting };

/// Opens the page like a browser.
pub async fn open(config: &Config, client: &Client) -> reqwest::Result<Response> {
    let page = config.public_url.link(addresses::SIGN_IN);
    client.get(page).header(ACCEPT, "text/html").send().await
}

/// Why the page was not opened, as a sentence, if that can be because authflow does not run. A TLS error has another cause.
pub fn failure(config: &Config, opened: &reqwest::Result<Response>) -> Option<String> {
    let page = config.public_url.link(addresses::SIGN_IN);
    match opened {
        Ok(answer) if answer.status().is_success() => None,
        Ok(answer) => Some(format!("{page} responds with {}.", answer.status())),
        Err(error) if TlsFailure::of(error).is_some() => None,
        Err(error) => Some(format!("{page} cannot be opened: {}.", causes(error))),
    }
}

/// Judges the opened page, then asks the server which headers of a second request reached it.
pub async fn examine(
    config: &Config,
    client: &Client,
    opened: reqwest::Result<Response>,
) -> (Vec<Reported>, Vec<Seen>) {
    let page = config.public_url.link(addresses::SIGN_IN);
    let answer = match opened {
        Ok(answer) => answer,
        Err(error) => {
            let fix = "Start the proxy. If browsers can open the page and only this machine cannot, use /admin/doctor in a browser.";
            let (why, fix) = explain(&error, fix);
            let part = PartName { help: help(&error, PART.help), ..PART };
            let text = format!("{page} cannot be opened from this machine: {why}.");
            return (vec![Reported::bad(part, text, fix)], Vec::new());
        }
    };
    let status = answer.status();
    if !status.is_success() {
        let text = format!("{page} responds with {status}.");
        let fix = "authflow responds on this machine. Check whether the proxy can reach it, and whether another server uses this URL.";
        return (vec![Reported::bad(PART, text, fix)], Vec::new());
    }
    let mut findings = vec![Reported::good(PART, format!("{page} responds."))];
    findings.extend(clocks(&answer));
    let cookies = cookies(answer.headers());
    match arrival(config, client, &cookies).await {
        Ok(arrival) => {
            findings.extend(arrival.findings.into_iter().map(Reported::from));
            findings.push(round_trip(&cookies, &arrival.cookies));
            (findings, arrival.headers)
        }
        Err(why) => {
            findings.push(Reported::bad(
                REQUEST,
                format!("The server does not report the headers it received: {why}."),
                "Use the same SECRET_KEY (or DATA_DIR) and version as the server, and check this machine's clock.",
            ));
            (findings, Vec::new())
        }
    }
}

/// Asks the server which parts of a request reached it.
async fn arrival(config: &Config, client: &Client, cookies: &str) -> Result<Arrival, String> {
    let secrets = Secrets::derive(&config.master_key);
    let question = doctor::question(&secrets.doctor, Clock::System.now());
    let asked = client
        .get(config.public_url.link(addresses::DOCTOR_REQUEST))
        .header(AUTHORIZATION, format!("Bearer {question}"))
        .header(COOKIE, cookies)
        .send();
    let answer = asked.await.map_err(|error| causes(&error))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| causes(&error))?;
    serde_json::from_str(&text).map_err(|_| format!("it responds with {status}"))
}

/// Compares this machine's clock with the `Date` of a response.
fn clocks(answer: &Response) -> Option<Reported> {
    let date = answer.headers().get(DATE)?.to_str().ok()?;
    let there = httpdate::parse_http_date(date).ok()?;
    let here = Clock::System.now().to_system_time();
    let off = there.duration_since(here).or_else(|_| here.duration_since(there)).ok()?;
    Some(if off >= DRIFT {
        Reported::bad(
            CLOCKS,
            format!("The clocks of the server and of this machine differ by {}.", about(off)),
            "Set both clocks and keep them in sync (timedatectl set-ntp true).",
        )
    } else {
        Reported::good(CLOCKS, "The clocks of the server and of this machine agree.")
    })
}

/// The `Cookie` header with the cookies that a response has set.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(SET_COOKIE).iter().filter_map(|it| it.to_str().ok());
    set.filter_map(|line| line.split(';').next()).collect::<Vec<_>>().join("; ")
}

fn round_trip(sent: &str, arrived: &[String]) -> Reported {
    const PART: PartName =
        PartName { json: "cookies", heading: "Cookies", help: DocsPage::Troubleshooting };
    let sent: Vec<&str> = sent.split("; ").filter_map(|pair| pair.split('=').next()).collect();
    if sent.iter().all(|it| it.is_empty()) {
        return Reported::bad(
            PART,
            "The sign-in page sets no cookie.",
            "Make the proxy pass on Set-Cookie.",
        );
    }
    if sent.iter().all(|name| arrived.iter().any(|it| it == name)) {
        return Reported::good(PART, format!("Set and sent back: {}.", sent.join(", ")));
    }
    Reported::bad(
        PART,
        format!("Set, but not sent back: {}.", sent.join(", ")),
        "Make the proxy pass on the Cookie header.",
    )
}

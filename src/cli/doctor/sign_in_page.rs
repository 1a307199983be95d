//! Checks the sign-in page at its public URL: whether the proxy passes requests, cookies and headers.

use reqwest::header::{ACCEPT, AUTHORIZATION, COOKIE, DATE, HeaderMap, SET_COOKIE};
use reqwest::{Client, Response};

use super::network::{causes, explain};
use crate::app::Secrets;
use crate::clock::{Clock, DRIFT, about};
use crate::config::Config;
use crate::domain::addresses;
use crate::domain::finding::Finding;
use crate::services::operations::doctor;
use crate::web::http::arrival::{Arrival, Seen};

const PART: &str = "way in";

/// Opens the page like a browser, then asks the server which headers of a second request reached it.
pub async fn examine(config: &Config, client: &Client) -> (Vec<Finding>, Vec<Seen>) {
    let page = config.public_url.link(addresses::SIGN_IN);
    let answer = match client.get(&page).header(ACCEPT, "text/html").send().await {
        Ok(answer) => answer,
        Err(error) => {
            let fix = "start the server and the proxy; if browsers can open it and only this machine cannot, use /admin/doctor in a browser";
            let (why, fix) = explain(&error, fix);
            let text = format!("{page} cannot be opened from here: {why}");
            return (vec![Finding::bad(PART, text, fix)], Vec::new());
        }
    };
    let status = answer.status();
    let mut findings = vec![if status.is_success() {
        Finding::good(PART, format!("{page} answers"))
    } else {
        Finding::bad(
            PART,
            format!("{page} answers {status}"),
            "another server answers at this address, or the proxy cannot reach authflow",
        )
    }];
    findings.extend(clocks(&answer));
    let cookies = cookies(answer.headers());
    match arrival(config, client, &cookies).await {
        Ok(arrival) => {
            findings.extend(arrival.findings);
            findings.push(round_trip(&cookies, &arrival.cookies));
            (findings, arrival.headers)
        }
        Err(why) => {
            findings.push(Finding::bad(
                "request",
                format!("the server does not report the headers it received: {why}"),
                "use the SECRET_KEY (or DATA_DIR) and the version of the server, and check the clock of this machine",
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
    serde_json::from_str(&text).map_err(|_| format!("it answers {status}"))
}

/// Compares this machine's clock with the `Date` of a response.
fn clocks(answer: &Response) -> Option<Finding> {
    let date = answer.headers().get(DATE)?.to_str().ok()?;
    let there = httpdate::parse_http_date(date).ok()?;
    let here = Clock::System.now().to_system_time();
    let off = there.duration_since(here).or_else(|_| here.duration_since(there)).ok()?;
    Some(if off >= DRIFT {
        Finding::bad(
            "clocks",
            format!("the clocks of the server and of this machine differ by {}", about(off)),
            "synchronize both clocks (timedatectl set-ntp true)",
        )
    } else {
        Finding::good("clocks", "the server's and this machine's clocks agree")
    })
}

/// The `Cookie` header with the cookies that a response has set.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(SET_COOKIE).iter().filter_map(|it| it.to_str().ok());
    set.filter_map(|line| line.split(';').next()).collect::<Vec<_>>().join("; ")
}

fn round_trip(sent: &str, arrived: &[String]) -> Finding {
    const PART: &str = "cookies";
    let sent: Vec<&str> = sent.split("; ").filter_map(|pair| pair.split('=').next()).collect();
    if sent.iter().all(|it| it.is_empty()) {
        return Finding::bad(
            PART,
            "the sign-in page sets no cookie",
            "let the proxy pass on Set-Cookie",
        );
    }
    if sent.iter().all(|name| arrived.iter().any(|it| it == name)) {
        return Finding::good(PART, format!("{} goes out and comes back", sent.join(", ")));
    }
    Finding::bad(
        PART,
        format!("{} goes out and does not come back", sent.join(", ")),
        "let the proxy pass on the Cookie header",
    )
}

//! `authflow doctor`: what is wrong with the installation, from here to the browser and back, each thing with its mend.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, COOKIE, DATE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, redirect};
use url::Url;

use super::{FAILED, check};
use crate::app::Secrets;
use crate::clock::{Clock, in_words};
use crate::config::Config;
use crate::db::{Db, Place};
use crate::domain::addresses;
use crate::domain::finding::Finding;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::target::TICKET_PATH;
use crate::error::Result;
use crate::services::operations::doctor;
use crate::tls::{Trouble, Trust};
use crate::web::gate::answer::NO_TICKET;
use crate::web::http::arrival::{Arrival, Seen};

const TIMEOUT: Duration = Duration::from_secs(10);

/// Looks at everything, and prints it.
pub async fn run(config: &Config, warnings: &[String], as_json: bool) -> ExitCode {
    let mut findings: Vec<Finding> = warnings
        .iter()
        .map(|it| {
            Finding::note(
                "configuration",
                it.trim_end_matches('.'),
                "see the table of variables in the README",
            )
        })
        .collect();
    findings.extend(inside(config).await);
    findings.push(match check::mail(config).await {
        Ok(text) => Finding::good("mail", text),
        Err(why) => Finding::bad("mail", why, "authflow mail test --to ADDRESS tries it again"),
    });
    let mut headers = Vec::new();
    match client(config) {
        Ok(client) => {
            let (found, seen) = way_in(config, &client).await;
            findings.extend(found);
            headers = seen;
            for origin in &config.gate_origins {
                findings.extend(guarded(config, &client, origin).await);
            }
        }
        Err(error) => findings.push(Finding::bad(
            "way in",
            format!("nothing can be asked over the network: {}", causes(&error)),
            "see whether this machine has its certificate authorities (ca-certificates)",
        )),
    }
    if as_json {
        println!("{}", serde_json::json!({ "findings": findings, "headers": headers }));
    } else {
        findings.iter().for_each(print);
        if !headers.is_empty() {
            println!("\nwhat arrived with a request by way of {}:", config.public_url);
        }
        for Seen { name, value, remark } in headers {
            println!("  {name}: {value}\n      {remark}");
        }
    }
    if findings.iter().any(Finding::is_bad) { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
}

fn print(finding: &Finding) {
    println!("{:<5} {}: {}", finding.word(), finding.part, finding.text);
    if let Some(mend) = &finding.mend {
        println!("      to mend it: {mend}");
    }
}

/// What the data says.
async fn inside(config: &Config) -> Vec<Finding> {
    let database = match check::database(config).await {
        Ok(text) => Finding::good("database", text),
        Err(why) => {
            return vec![Finding::bad(
                "database",
                why,
                "mend this first: what hangs on it was not looked at",
            )];
        }
    };
    if let Place::Sqlite(path) = &config.database
        && !path.exists()
    {
        return vec![database, doctor::place(config)];
    }
    let examined = async {
        let db = Db::look(&config.database).await?;
        db.must_be_current().await?;
        let found = doctor::examine(config, &db, Clock::System.now()).await;
        db.close().await;
        found
    };
    let examined: Result<Vec<Finding>> = examined.await;
    let rest = examined.unwrap_or_else(|error| {
        vec![Finding::note(
            "database",
            error.to_string(),
            "start the server, which brings it up to date",
        )]
    });
    // Where the data lies has been said, unless something is wrong with that.
    let rest = rest.into_iter().filter(|it| it.part != database.part || it.word() != "good");
    [database.clone()].into_iter().chain(rest).collect()
}

fn client(config: &Config) -> reqwest::Result<Client> {
    let mut client = Client::builder().redirect(redirect::Policy::none()).timeout(TIMEOUT);
    let origins = config.gate_origins.iter().map(|it| it.as_str().to_owned());
    for origin in origins.chain([config.public_url.origin()]) {
        let host = Url::parse(&origin).ok().and_then(|url| url.domain().map(ToOwned::to_owned));
        // Browsers know where these are; not every system does (RFC 6761, section 6.3).
        if let Some(host) = host.filter(|host| host.ends_with(".localhost")) {
            let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            client =
                client.resolve_to_addrs(&host, &loopback.map(|ip: IpAddr| SocketAddr::new(ip, 0)));
        }
    }
    client.build()
}

/// An error with what caused it (reqwest's own words leave that out), and what to do about it if that is more than `fix`.
fn explain(error: &reqwest::Error, fix: &str) -> (String, String) {
    let host = error.url().and_then(Url::host_str).unwrap_or_default();
    match Trouble::of(error) {
        Some(trouble) => {
            let fix = trouble.fix(host, Trust::System).unwrap_or_else(|| fix.to_owned());
            (trouble.to_string(), fix)
        }
        None => (causes(error), fix.to_owned()),
    }
}

fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// To the login's own page by its public address, as browsers come, and back.
async fn way_in(config: &Config, client: &Client) -> (Vec<Finding>, Vec<Seen>) {
    const PART: &str = "way in";
    let page = config.public_url.link(addresses::SIGN_IN);
    let answer = match client.get(&page).header(ACCEPT, "text/html").send().await {
        Ok(answer) => answer,
        Err(error) => {
            let mend = "start the server and the proxy; if browsers get there and only this machine does not, open /admin/doctor in one";
            let (why, mend) = explain(&error, mend);
            let text = format!("{page} cannot be opened from here: {why}");
            return (vec![Finding::bad(PART, text, mend)], Vec::new());
        }
    };
    let status = answer.status();
    let mut findings = vec![if status.is_success() {
        Finding::good(PART, format!("{page} answers"))
    } else {
        Finding::bad(
            PART,
            format!("{page} answers {status}"),
            "something else answers there, or the proxy does not reach the server",
        )
    }];
    findings.extend(clocks(&answer));
    let cookies = cookies(answer.headers());
    let secrets = Secrets::derive(&config.master_key);
    let question = doctor::question(&secrets.doctor, Clock::System.now());
    let asked = client
        .get(config.public_url.link(addresses::DOCTOR_REQUEST))
        .header(AUTHORIZATION, format!("Bearer {question}"))
        .header(COOKIE, &cookies)
        .send();
    let arrival = async {
        let answer = asked.await.map_err(|error| causes(&error))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| causes(&error))?;
        serde_json::from_str::<Arrival>(&text).map_err(|_| format!("it answers {status}"))
    };
    match arrival.await {
        Ok(arrival) => {
            findings.extend(arrival.findings);
            findings.push(round_trip(&cookies, &arrival.cookies));
            (findings, arrival.headers)
        }
        Err(why) => {
            findings.push(Finding::bad(
                "request",
                format!("the server does not say what of a request arrives: {why}"),
                "run this with the server's own SECRET_KEY (or DATA_DIR), beside the same version, and with a clock that is right",
            ));
            (findings, Vec::new())
        }
    }
}

/// The proxy, or the server, says what time it is there.
fn clocks(answer: &Response) -> Option<Finding> {
    let told = answer.headers().get(DATE)?.to_str().ok()?;
    let there = httpdate::parse_http_date(told).ok()?;
    let here = Clock::System.now().to_system_time();
    let off = there.duration_since(here).or_else(|_| here.duration_since(there)).ok()?;
    Some(if off >= doctor::DRIFT {
        Finding::bad(
            "clocks",
            format!(
                "the clock there and the one here differ by {}",
                in_words(Duration::from_secs(off.as_secs()))
            ),
            "set both, and keep them right (timedatectl set-ntp true)",
        )
    } else {
        Finding::good("clocks", "the one there and the one here agree")
    })
}

/// `Cookie` for what an answer set.
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
            "the sign-in page comes without a cookie",
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

/// What a guarded host does with strangers, and with their tickets when they come back.
async fn guarded(config: &Config, client: &Client, origin: &GateOrigin) -> Vec<Finding> {
    let stranger = send_away(config, client, origin).await;
    if stranger.is_bad() {
        return vec![stranger];
    }
    vec![stranger, tickets(client, origin).await]
}

/// Asks for the address of tickets, without one: it must get to the server, and not to the application.
async fn tickets(client: &Client, origin: &GateOrigin) -> Finding {
    const PART: &str = "application";
    let address = format!("{origin}{TICKET_PATH}");
    let answer = match client.get(&address).header(ACCEPT, "*/*").send().await {
        Ok(answer) => answer,
        Err(error) => {
            return Finding::bad(
                PART,
                format!("{address} cannot be opened from here: {}", causes(&error)),
                "see whether the proxy reaches the server",
            );
        }
    };
    let reason = answer.headers().get("authflow-reason").and_then(|it| it.to_str().ok());
    if reason == Some(NO_TICKET) {
        return Finding::good(PART, format!("{origin} passes /.authflow/ to authflow"));
    }
    let said = reason.map_or(String::new(), |reason| format!(", {reason}"));
    Finding::bad(
        PART,
        format!(
            "{origin} does not pass /.authflow/ to authflow ({}{said}), so nobody can sign in there: its configuration is for an earlier \
             version",
            answer.status()
        ),
        format!(
            "print the site again: authflow proxy nginx|caddy|traefik --app {origin} --upstream ADDR"
        ),
    )
}

/// Asks for an application as a stranger's browser does: it must be sent to the login.
async fn send_away(config: &Config, client: &Client, origin: &GateOrigin) -> Finding {
    const PART: &str = "application";
    let asked = client
        .get(format!("{origin}/"))
        .header(ACCEPT, "text/html")
        .header("sec-fetch-mode", "navigate");
    let answer = match asked.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let mend = "see whether the proxy has a site of this name; authflow proxy prints one";
            let (why, mend) = explain(&error, mend);
            let text = format!("{origin} cannot be opened from here: {why}");
            return Finding::bad(PART, text, mend);
        }
    };
    let status = answer.status();
    let location =
        answer.headers().get(LOCATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let start = format!("{}?", config.public_url.link(addresses::GATE_START));
    if status.is_redirection() && location.starts_with(&start) {
        return if answer.headers().contains_key(SET_COOKIE) {
            Finding::good(PART, format!("{origin} sends strangers to the login"))
        } else {
            Finding::bad(
                PART,
                format!(
                    "{origin} sends strangers to the login, but without the gate's cookie: they cannot come back"
                ),
                "let the proxy pass on Set-Cookie from the gate (authflow proxy prints how)",
            )
        };
    }
    if status.is_success() {
        return Finding::bad(
            PART,
            format!("{origin} opens without a sign-in: it is NOT guarded"),
            format!(
                "authflow proxy nginx|caddy|traefik --app {origin} --upstream ADDR prints a site that is"
            ),
        );
    }
    let reason = answer.headers().get("authflow-reason").and_then(|it| it.to_str().ok());
    let said = match reason {
        Some(reason) => format!(" ({reason})"),
        None if location.is_empty() => String::new(),
        None => format!(" and leads to {location}"),
    };
    Finding::bad(
        PART,
        format!("{origin} answers {status}{said}, where strangers should be sent to the login"),
        "the server's log has a line about each question that it could not answer; compare the proxy's site with what authflow proxy prints",
    )
}

//! `authflow doctor`: diagnoses the installation. Checks the data and email, then the sign-in page and every guarded app over the
//! network.

mod apps;
mod data;
mod network;
mod reported;
mod server;
mod sign_in_page;

use std::process::ExitCode;

use reported::{PartName, Reported, in_english, sentence};
use serde_json::{Value, json};

use super::check;
use super::exit_code::FAILED;
use super::failure;
use crate::config::Config;
use crate::installation::authflow;
use crate::installation::docs_page::DocsPage;
use crate::web::http::arrival::Seen;

const MAIL: PartName = PartName { json: "mail", heading: "Mail server", help: DocsPage::Email };

pub async fn run(config: &Config, warnings: &[String], as_json: bool) -> ExitCode {
    let mut findings: Vec<Reported> = warnings.iter().map(|it| configuration(it)).collect();
    findings.extend(data::examine(config).await);
    findings.push(match check::mail(config).await {
        Ok(text) => Reported::good(MAIL, sentence(&text)),
        Err(why) => {
            let fix = format!("Fix the cause, then run {} mail test --to ADDRESS.", authflow());
            Reported::bad(MAIL, sentence(&why), fix)
        }
    });
    let mut headers = Vec::new();
    match network::client(config) {
        Ok(client) => {
            let page = sign_in_page::open(config, &client).await;
            let stopped = match sign_in_page::failure(config, &page) {
                Some(seen) => server::examine(config, &seen).await,
                None => None,
            };
            if let Some(stopped) = stopped {
                findings.push(stopped);
            } else {
                let (found, seen) = sign_in_page::examine(config, &client, page).await;
                findings.extend(found);
                headers = seen;
                for app in &config.guarded_apps {
                    findings.extend(apps::examine(config, &client, &app.origin).await);
                }
            }
        }
        Err(error) => findings.push(Reported::bad(
            sign_in_page::PART,
            format!("This machine cannot send requests: {}.", network::causes(&error)),
            "Check that it has certificate authorities (ca-certificates).",
        )),
    }
    if as_json {
        let headers: Vec<_> = headers.iter().map(header).collect();
        println!("{}", json!({ "findings": findings, "headers": headers }));
    } else {
        print(config, &findings, &headers);
    }
    if findings.iter().any(Reported::is_bad) { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
}

fn configuration(warning: &str) -> Reported {
    const PART: PartName =
        PartName { json: "configuration", heading: "Configuration", help: DocsPage::Configuration };
    Reported::note(PART, sentence(warning), "Change this setting, or leave it if this is intended.")
}

fn header(seen: &Seen) -> Value {
    json!({ "name": seen.name, "value": seen.value, "remark": in_english(&seen.remark) })
}

fn print(config: &Config, findings: &[Reported], headers: &[Seen]) {
    for finding in findings {
        println!("{:<5} {}: {}", finding.severity.word(), finding.heading, finding.text);
        if let Some(fix) = &finding.fix {
            println!("      Fix: {fix}");
        }
        if let Some(help) = finding.help {
            println!("      {}", failure::help(help));
        }
    }
    if !headers.is_empty() {
        println!("\nHeaders of a request that reached the server through {}:", config.public_url);
    }
    for Seen { name, value, remark } in headers {
        println!("  {name}: {value}\n      {}", in_english(remark));
    }
}

//! `authflow doctor`: diagnoses the installation. Checks the data and email, then the sign-in page and every guarded app over the
//! network.

mod apps;
mod data;
mod network;
mod sign_in_page;

use std::process::ExitCode;

use super::check;
use super::exit_code::FAILED;
use crate::config::Config;
use crate::domain::finding::Finding;
use crate::web::http::arrival::Seen;

pub async fn run(config: &Config, warnings: &[String], as_json: bool) -> ExitCode {
    let mut findings: Vec<Finding> = warnings.iter().map(|it| configuration(it)).collect();
    findings.extend(data::examine(config).await);
    findings.push(match check::mail(config).await {
        Ok(text) => Finding::good("mail", text),
        Err(why) => Finding::bad("mail", why, "try again with authflow mail test --to ADDRESS"),
    });
    let mut headers = Vec::new();
    match network::client(config) {
        Ok(client) => {
            let (found, seen) = sign_in_page::examine(config, &client).await;
            findings.extend(found);
            headers = seen;
            for origin in &config.gate_origins {
                findings.extend(apps::examine(config, &client, origin).await);
            }
        }
        Err(error) => findings.push(Finding::bad(
            "way in",
            format!("no request can be sent: {}", network::causes(&error)),
            "check that this machine has certificate authorities (ca-certificates)",
        )),
    }
    if as_json {
        println!("{}", serde_json::json!({ "findings": findings, "headers": headers }));
    } else {
        print(config, &findings, &headers);
    }
    if findings.iter().any(Finding::is_bad) { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
}

fn configuration(warning: &str) -> Finding {
    let text = warning.trim_end_matches('.');
    Finding::note("configuration", text, "see the table of variables in the README")
}

fn print(config: &Config, findings: &[Finding], headers: &[Seen]) {
    for finding in findings {
        println!("{:<5} {}: {}", finding.word(), finding.part, finding.text);
        if let Some(fix) = &finding.fix {
            println!("      to fix it: {fix}");
        }
    }
    if !headers.is_empty() {
        println!("\nheaders of a request that reached the server through {}:", config.public_url);
    }
    for Seen { name, value, remark } in headers {
        println!("  {name}: {value}\n      {remark}");
    }
}

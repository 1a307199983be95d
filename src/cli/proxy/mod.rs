//! `authflow proxy nginx|caddy|traefik`: the configuration of a reverse proxy for this installation.

mod address;
mod arguments;
mod caddy;
mod command_line;
mod nginx;
mod notes;
mod site;
mod traefik;

use std::process::ExitCode;

pub use self::arguments::ProxyArguments;
use self::arguments::ProxyKind;
use self::site::Site;
use super::exit_code::{FAILED, UNUSABLE};
use super::failure;
use crate::config::Config;
use crate::installation::authflow;
use crate::installation::docs_page::DocsPage;

/// Bytes of a line that nginx reads: its buffer for one parameter or comment has 4096.
const LONGEST_NGINX_LINE: usize = 4_000;

pub fn run(config: &Config, arguments: &ProxyArguments) -> ExitCode {
    let of_traefik =
        [(arguments.labels, "--labels"), (arguments.cert_resolver.is_some(), "--cert-resolver")];
    for (is_given, option) in of_traefik {
        if is_given && arguments.proxy != ProxyKind::Traefik {
            eprintln!("{option} is for Traefik: {} proxy traefik {option}", authflow());
            return ExitCode::from(UNUSABLE);
        }
    }
    for (is_given, option) in [(arguments.ipv6, "--ipv6"), (arguments.http2, "--http2")] {
        if is_given && arguments.proxy != ProxyKind::Nginx {
            eprintln!("{option} is for nginx. Caddy and Traefik do this without an option.");
            return ExitCode::from(UNUSABLE);
        }
    }
    let site = match Site::new(config, arguments) {
        Ok(site) => site,
        Err(why) => {
            eprintln!("{why}\n{}", failure::help(DocsPage::Gate));
            return ExitCode::from(UNUSABLE);
        }
    };
    for note in &site.notes {
        eprintln!("NOTE: {note}");
    }
    let rendered = match arguments.proxy {
        ProxyKind::Nginx => nginx::render(site),
        ProxyKind::Caddy => caddy::render(site),
        ProxyKind::Traefik if arguments.labels => traefik::render_labels(site),
        ProxyKind::Traefik => traefik::render_file(site),
    };
    let is_nginx = matches!(arguments.proxy, ProxyKind::Nginx);
    if is_nginx
        && rendered.as_ref().is_ok_and(|text| text.lines().any(|it| it.len() > LONGEST_NGINX_LINE))
    {
        eprintln!(
            "nginx reads at most 4096 characters as one parameter: use fewer or shorter --public and --role."
        );
        return ExitCode::from(FAILED);
    }
    match rendered {
        Ok(text) => {
            print!("{}", tidy(&text));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("The configuration cannot be rendered: {error}");
            ExitCode::from(FAILED)
        }
    }
}

/// Removes the empty lines that omitted parts of a template leave behind.
fn tidy(text: &str) -> String {
    let mut tidy = String::new();
    for line in text.lines() {
        if !(line.trim().is_empty() && (tidy.is_empty() || tidy.ends_with("\n\n"))) {
            tidy.push_str(line.trim_end());
            tidy.push('\n');
        }
    }
    tidy.trim_end().to_owned() + "\n"
}

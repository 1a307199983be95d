//! `authflow proxy nginx|caddy|traefik`: the configuration of a reverse proxy for this installation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;

use askama::Template;
use clap::{Args, ValueEnum};
use url::{Url, form_urlencoded};

use super::{FAILED, UNUSABLE};
use crate::config::{Config, Registration};
use crate::domain::gate::origin::GateOrigin;

/// The proxies that we print for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A file for /etc/nginx/conf.d/.
    Nginx,
    /// A site for the Caddyfile.
    Caddy,
    /// A file for Traefik's file provider; with --labels, labels for its Docker provider.
    Traefik,
}

/// What to print.
#[derive(Args, Debug)]
pub struct ProxyArguments {
    /// The proxy.
    kind: Kind,
    /// The application, as browsers call it: https://app.example.org. Without it the login's own site is printed.
    #[arg(long, value_name = "URL", requires = "upstream")]
    app: Option<String>,
    /// Where the application listens: HOST:PORT.
    #[arg(long, value_name = "ADDR", requires = "app")]
    upstream: Option<String>,
    /// Only for people with this role; repeat it for any of several.
    #[arg(long, requires = "app")]
    role: Vec<String>,
    /// 2: only for people who sign in with a second factor.
    #[arg(long, requires = "app", value_parser = ["2"])]
    factor: Option<String>,
    /// Send a signed token along as well (Remote-Token), which the application can verify.
    #[arg(long, requires = "app")]
    token: bool,
    /// Where the proxy finds authflow: HOST:PORT; HOST and PORT of the settings if nothing else is said.
    #[arg(long, value_name = "ADDR")]
    authflow: Option<String>,
    /// The certificate, with its chain: a file on the proxy's machine. nginx needs one; Caddy and Traefik get their own.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<String>,
    /// The certificate's key.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<String>,
    /// For Traefik: print Docker labels for compose.yaml instead of a file.
    #[arg(long)]
    labels: bool,
}

/// Prints it.
pub fn run(config: &Config, arguments: &ProxyArguments) -> ExitCode {
    match print(config, arguments) {
        Ok((text, notes)) => {
            for note in notes {
                eprintln!("MIND: {note}");
            }
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(Trouble::Arguments(why)) => {
            eprintln!("{why}");
            ExitCode::from(UNUSABLE)
        }
        Err(Trouble::Template(error)) => {
            eprintln!("The configuration cannot be drawn: {error}");
            ExitCode::from(FAILED)
        }
    }
}

enum Trouble {
    Arguments(String),
    Template(askama::Error),
}

/// A header that says who somebody is.
#[derive(Clone)]
struct Header {
    name: &'static str,
    /// What many an application takes for the same header.
    look_alike: String,
    /// As nginx calls it.
    variable: String,
}

/// The headers, in the usual spelling.
const CLAIMS: [&str; 6] =
    ["Remote-User", "Remote-Id", "Remote-Email", "Remote-Name", "Remote-Groups", "Remote-Token"];

struct Guarded {
    upstream: String,
    /// The query of the gate's address.
    rule: String,
}

impl Guarded {
    fn port(&self) -> &str {
        port(&self.upstream)
    }
}

struct Tls {
    certificate: String,
    key: String,
}

/// What all templates know.
struct Site {
    heading: String,
    command: String,
    notes: Vec<String>,
    id: String,
    origin: String,
    scheme: &'static str,
    host: String,
    port: u16,
    is_https: bool,
    authflow: String,
    base: String,
    login_host: String,
    login_id: String,
    has_login: bool,
    guarded: Option<Guarded>,
    tls: Option<Tls>,
    /// What the client must not say.
    claims: Vec<Header>,
    /// What the gate says.
    identity: Vec<Header>,
}

macro_rules! templates {
    ($($name:ident $path:literal;)*) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none", ext = "txt")]
        struct $name {
            site: Site,
        }
    )*};
}

templates! {
    Nginx "proxy/nginx.conf";
    Caddy "proxy/Caddyfile";
    Traefik "proxy/traefik.yml";
    TraefikLabels "proxy/traefik-labels.yml";
}

fn print(config: &Config, arguments: &ProxyArguments) -> Result<(String, Vec<String>), Trouble> {
    let site = site(config, arguments).map_err(Trouble::Arguments)?;
    let notes = site.notes.clone();
    let text = match arguments.kind {
        Kind::Nginx => Nginx { site }.render(),
        Kind::Caddy => Caddy { site }.render(),
        Kind::Traefik if arguments.labels => TraefikLabels { site }.render(),
        Kind::Traefik => Traefik { site }.render(),
    };
    // What a template leaves out leaves empty lines.
    let mut tidy = String::new();
    for line in text.map_err(Trouble::Template)?.lines() {
        if !(line.trim().is_empty() && (tidy.is_empty() || tidy.ends_with("\n\n"))) {
            tidy.push_str(line.trim_end());
            tidy.push('\n');
        }
    }
    Ok((tidy.trim_end().to_owned() + "\n", notes))
}

fn site(config: &Config, arguments: &ProxyArguments) -> Result<Site, String> {
    if arguments.labels && arguments.kind != Kind::Traefik {
        return Err("--labels is for Traefik: authflow proxy traefik --labels".into());
    }
    let login = GateOrigin::parse(&config.public_url.origin()).ok_or("PUBLIC_URL has no origin")?;
    let (origin, guarded) = match (&arguments.app, &arguments.upstream) {
        (Some(app), Some(upstream)) => {
            let origin = GateOrigin::parse(app).ok_or_else(|| {
                format!("--app {app}: write scheme, host and perhaps port, such as https://app.example.org")
            })?;
            let upstream = host_and_port(upstream).ok_or_else(|| {
                format!("--upstream {upstream}: write host and port, such as 127.0.0.1:8080")
            })?;
            (origin, Some(Guarded { upstream, rule: rule(arguments)? }))
        }
        _ => (login.clone(), None),
    };
    if guarded.is_some() && origin == login && config.public_url.base().is_empty() {
        return Err("--app: this is where the login itself is; give the application another host, or the login a path".into());
    }
    let authflow = match &arguments.authflow {
        Some(address) => host_and_port(address).ok_or_else(|| {
            format!("--authflow {address}: write host and port, such as authflow:5000")
        })?,
        None => reachable(config.listen).to_string(),
    };
    let url = Url::parse(origin.as_str()).map_err(|error| error.to_string())?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let certificate = |end: &str| format!("/etc/letsencrypt/live/{host}/{end}");
    let tls = match (&arguments.certificate, &arguments.key) {
        (Some(certificate), Some(key)) => {
            Some(Tls { certificate: certificate.clone(), key: key.clone() })
        }
        _ if origin.is_https() && arguments.kind == Kind::Nginx => {
            Some(Tls { certificate: certificate("fullchain.pem"), key: certificate("privkey.pem") })
        }
        _ => None,
    };
    for file in [&arguments.certificate, &arguments.key].into_iter().flatten() {
        if !file.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@+".contains(c)) {
            return Err(format!("{file}: a file whose name has no blanks or quotes, please"));
        }
    }
    let notes = notes(config, arguments, &origin, guarded.is_some());
    let claims: Vec<Header> = CLAIMS
        .into_iter()
        .map(|name| Header {
            name,
            look_alike: name.replace('-', "_"),
            variable: name.replace('-', "_").to_lowercase(),
        })
        .collect();
    let identity = claims.iter().filter(|it| arguments.token || it.name != "Remote-Token");
    Ok(Site {
        heading: match &guarded {
            Some(_) => format!("{origin}, guarded by the login at {}.", config.public_url),
            None => format!("The login at {}.", config.public_url),
        },
        command: command(arguments),
        notes,
        id: id(&origin),
        login_id: id(&login),
        scheme: if origin.is_https() { "https" } else { "http" },
        is_https: origin.is_https(),
        has_login: origin == login,
        origin: origin.to_string(),
        host,
        port,
        authflow,
        base: config.public_url.base().to_owned(),
        login_host: config.public_url.origin().split("://").last().unwrap_or_default().to_owned(),
        guarded,
        tls,
        identity: identity.cloned().collect(),
        claims,
    })
}

impl Site {
    /// The path of the login as a regular expression.
    fn base_pattern(&self) -> String {
        self.base.replace('.', "\\.")
    }

    /// Where http leads to, on the usual ports.
    fn plain(&self) -> Option<String> {
        (self.is_https && self.port == 443).then(|| self.origin.clone())
    }

    /// Host and port, as browsers write them.
    fn authority(&self) -> &str {
        self.origin.split("://").last().unwrap_or_default()
    }

    fn entry_point(&self) -> &'static str {
        if self.is_https { "websecure" } else { "web" }
    }

    /// What Traefik passes to the login's own site: the gate itself is for proxies alone.
    fn login_rule(&self) -> String {
        let (host, base) = (&self.host, &self.base);
        let below = if base.is_empty() {
            String::new()
        } else {
            format!(" && (Path(`{base}`) || PathPrefix(`{base}/`))")
        };
        format!(
            "Host(`{host}`){below} && !Path(`{base}/gate/nginx`) && !Path(`{base}/gate/forward`)"
        )
    }

    /// What Traefik passes from a guarded host to us without asking.
    fn ticket_rule(&self) -> String {
        format!("Host(`{}`) && PathPrefix(`/.authflow/`)", self.host)
    }

    /// Web sockets at a guarded host.
    fn socket_rule(&self) -> String {
        format!("Host(`{}`) && HeaderRegexp(`Upgrade`, `(?i)^websocket$`)", self.host)
    }

    /// Where Traefik asks.
    fn gate_address(&self, guarded: &Guarded) -> String {
        let mark = if guarded.rule.is_empty() { "" } else { "?" };
        format!("http://{}{}/gate/forward{mark}{}", self.authflow, self.base, guarded.rule)
    }

    /// A value in a label, in single quotes in a compose file: there a `$` begins the name of a variable.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn label(&self, value: &str) -> String {
        value.replace('$', "$$").replace('\'', "''")
    }

    fn authflow_port(&self) -> &str {
        port(&self.authflow)
    }
}

/// What things of a site are called in its configuration.
fn id(origin: &GateOrigin) -> String {
    let authority = origin.as_str().split("://").last().unwrap_or_default();
    authority.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

fn port(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(_, port)| port)
}

fn rule(arguments: &ProxyArguments) -> Result<String, String> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for role in &arguments.role {
        if role.trim().is_empty() || role.contains(char::is_control) {
            return Err("--role: write the name of a role".into());
        }
        query.append_pair("role", role);
    }
    if arguments.factor.is_some() {
        query.append_pair("factor", "2");
    }
    if arguments.token {
        query.append_pair("token", "1");
    }
    Ok(query.finish())
}

/// What somebody who guards this application should know.
fn notes(
    config: &Config,
    arguments: &ProxyArguments,
    origin: &GateOrigin,
    is_guarded: bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    if is_guarded && !config.gate_origins.contains(origin) {
        let mut all: Vec<&str> = config.gate_origins.iter().map(GateOrigin::as_str).collect();
        all.push(origin.as_str());
        notes.push(format!(
            "authflow refuses this application until it is set: GATE_ORIGINS={}",
            all.join(",")
        ));
    }
    if is_guarded && arguments.role.is_empty() && config.registration == Registration::Open {
        notes.push(
            "whoever signs up gets in, since REGISTRATION is open and no --role is asked for."
                .into(),
        );
    }
    if is_guarded && origin.as_str() == config.public_url.origin() {
        notes.push(
            "the login lies below a path of this application: to browsers both are one, so its scripts can act for the people who are \
             signed in. Good only where you trust it with every account."
                .into(),
        );
    }
    if config.public_url.is_https() && !origin.is_https() {
        notes.push(format!("{origin} is not https: the gate's cookie travels in the open there."));
    }
    if arguments.labels && arguments.authflow.is_none() {
        notes.push(
            "Traefik in a container of its own needs authflow's name in the network that they share: --authflow authflow:5000."
                .into(),
        );
    }
    let elsewhere = arguments.authflow.as_ref().is_some_and(|address| {
        let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host != "localhost" && !address.is_ok_and(|address| address.is_loopback())
    });
    if elsewhere {
        notes.push(
            "the proxy runs elsewhere: TRUSTED_PROXIES must have the address that it comes from (for the gate, GATE_PROXIES where that is set), \
             or the gate refuses to answer it."
                .into(),
        );
    }
    notes
}

/// The command, for the next time.
fn command(arguments: &ProxyArguments) -> String {
    let kind = match arguments.kind {
        Kind::Nginx => "nginx",
        Kind::Caddy => "caddy",
        Kind::Traefik => "traefik",
    };
    let mut words = vec![format!("authflow proxy {kind}")];
    let mut add = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            words.push(format!("--{name} {}", quoted(value)));
        }
    };
    add("app", arguments.app.as_ref());
    add("upstream", arguments.upstream.as_ref());
    for role in &arguments.role {
        add("role", Some(role));
    }
    add("factor", arguments.factor.as_ref());
    add("authflow", arguments.authflow.as_ref());
    add("certificate", arguments.certificate.as_ref());
    add("key", arguments.key.as_ref());
    if arguments.token {
        words.push("--token".into());
    }
    if arguments.labels {
        words.push("--labels".into());
    }
    words.join(" ")
}

/// As a shell takes it, on one line.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@[]".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace(char::is_control, " ").replace('\'', "'\\''"))
    }
}

/// Where a server that listens everywhere can be reached from its own machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Host and port, and nothing that would mean something else in a configuration.
fn host_and_port(text: &str) -> Option<String> {
    let bare = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
    let (host, port) = bare.rsplit_once(':')?;
    port.parse::<u16>().ok().filter(|port| *port > 0)?;
    let is_v6 = host
        .strip_prefix('[')
        .and_then(|it| it.strip_suffix(']'))
        .is_some_and(|it| it.parse::<Ipv6Addr>().is_ok());
    let is_name =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    (is_v6 || is_name).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_host_and_port() {
        for (text, read) in [
            ("127.0.0.1:8080", Some("127.0.0.1:8080")),
            ("http://app:80/", Some("app:80")),
            ("[::1]:80", Some("[::1]:80")),
            ("app_1.internal:8080", Some("app_1.internal:8080")),
            ("https://app:80", None),
            ("app", None),
            ("app:", None),
            ("app:0", None),
            ("app:99999", None),
            (":80", None),
            ("a b:80", None),
            ("a;b:80", None),
            ("::1:80", None),
            ("app:80/path", None),
            ("app:80\n}", None),
        ] {
            assert_eq!(host_and_port(text).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn commands_can_be_pasted() {
        assert_eq!(quoted("https://app.example.org:8443"), "https://app.example.org:8443");
        assert_eq!(quoted("it's\nme"), "'it'\\''s me'");
    }
}

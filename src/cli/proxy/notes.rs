//! The notes at the top of a printed configuration.

use std::net::IpAddr;

use url::Url;

use super::arguments::{ProxyArguments, ProxyKind};
use crate::config::{Config, Registration};
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::public_path::PublicPath;

/// What the operator has to know about this configuration. `guarded`: the paths of the app that need no sign-in; `None` for authflow's own
/// site.
pub fn notes(
    config: &Config,
    arguments: &ProxyArguments,
    origin: &GateOrigin,
    guarded: Option<&[PublicPath]>,
) -> Vec<String> {
    let mut notes = match guarded {
        Some(public) => of_app(config, arguments, origin, public),
        None => Vec::new(),
    };
    if guarded.is_none() && has_port_of_authflow(config, arguments, origin) {
        notes.push(
            "PUBLIC_URL has the port that authflow itself listens at. Set PUBLIC_URL to the proxy's URL, and print this again."
                .into(),
        );
    }
    if config.public_url.is_https() && !origin.is_https() {
        notes.push(format!("{origin} is not https: the gate's cookie is sent there unencrypted."));
    }
    if arguments.proxy == ProxyKind::Traefik
        && origin.is_https()
        && arguments.cert_resolver.is_none()
    {
        notes.push(
            "Traefik needs a certificate for this host in its TLS configuration, or the name of a certificate resolver: --cert-resolver NAME. \
             Routers like these don't take the resolver of their entry point."
                .into(),
        );
    }
    if arguments.labels && arguments.authflow.is_none() {
        notes.push(
            "Traefik in its own container needs authflow's name in their shared network: --authflow authflow:5000."
                .into(),
        );
    }
    if is_elsewhere(arguments) {
        notes.push(
            "the proxy reaches authflow over a network. Its address must be in TRUSTED_PROXIES (for the gate, in GATE_PROXIES if that is set), or \
             the gate refuses its requests."
                .into(),
        );
    }
    notes
}

/// What the operator has to know about the app.
fn of_app(
    config: &Config,
    arguments: &ProxyArguments,
    origin: &GateOrigin,
    public: &[PublicPath],
) -> Vec<String> {
    let mut notes = Vec::new();
    if !config.guarded_apps.iter().any(|app| app.origin == *origin) {
        let mut all: Vec<String> = config.guarded_apps.iter().map(ToString::to_string).collect();
        all.push(origin.to_string());
        notes.push(format!(
            "authflow refuses this app until it is set: GATE_ORIGINS={}",
            quoted(&all.join(","))
        ));
    }
    if arguments.role.is_empty() && config.registration == Registration::Open {
        notes.push(
            "anyone can sign up and then open this app, because REGISTRATION is open and no --role is required."
                .into(),
        );
    }
    if !public.is_empty() {
        let paths: Vec<&str> = public.iter().map(PublicPath::as_str).collect();
        notes.push(format!(
            "anyone can open {} and everything below without signing in. There the app alone decides who may do what, and it gets \
             no identity headers.",
            paths.join(", ")
        ));
    }
    if origin.as_str() == config.public_url.origin() {
        notes.push(
            "authflow is below a path of this app. To browsers both are one site, so the app's scripts can act for every signed-in user. \
             Do this only if you trust the app with every account."
                .into(),
        );
    }
    notes
}

/// Whether the proxy would listen at the port that authflow has on the same machine.
fn has_port_of_authflow(config: &Config, arguments: &ProxyArguments, origin: &GateOrigin) -> bool {
    let port = Url::parse(origin.as_str()).ok().and_then(|url| url.port_or_known_default());
    arguments.authflow.is_none() && port == Some(config.listen.port())
}

/// Whether the proxy reaches authflow at another machine.
fn is_elsewhere(arguments: &ProxyArguments) -> bool {
    arguments.authflow.as_ref().is_some_and(|address| {
        let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host != "localhost" && !address.is_ok_and(|address| address.is_loopback())
    })
}

/// A value as `.env` needs it, since names may contain spaces.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "=:/.,-_".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else if value.contains('\'') {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"))
    } else {
        format!("'{value}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_where_they_need_it() {
        for (value, shown) in [
            ("Wiki=https://wiki.example.org", "Wiki=https://wiki.example.org"),
            ("Bücher=https://b.example.org:8443", "Bücher=https://b.example.org:8443"),
            ("My $5 Wiki=https://x.example", "'My $5 Wiki=https://x.example'"),
            ("Ada's \"$5\\\"=https://x.example", "\"Ada's \\\"\\$5\\\\\\\"=https://x.example\""),
        ] {
            assert_eq!(quoted(value), shown);
        }
    }
}

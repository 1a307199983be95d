//! The command line shown in the printed configuration.

use super::arguments::{ProxyArguments, ProxyKind};
use crate::installation::authflow;

/// The command that prints the same configuration again.
pub fn command(arguments: &ProxyArguments) -> String {
    let proxy = match arguments.proxy {
        ProxyKind::Nginx => "nginx",
        ProxyKind::Caddy => "caddy",
        ProxyKind::Traefik => "traefik",
    };
    let mut words = vec![format!("{} proxy {proxy}", authflow())];
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
    for path in &arguments.public {
        add("public", Some(path));
    }
    add("authflow", arguments.authflow.as_ref());
    add("certificate", arguments.certificate.as_ref());
    add("key", arguments.key.as_ref());
    add("cert-resolver", arguments.cert_resolver.as_ref());
    if arguments.token {
        words.push("--token".into());
    }
    if arguments.ipv6 {
        words.push("--ipv6".into());
    }
    if arguments.http2 {
        words.push("--http2".into());
    }
    if arguments.labels {
        words.push("--labels".into());
    }
    words.join(" ")
}

/// Quoted for a shell, on one line.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@[]".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace(char::is_control, " ").replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted() {
        assert_eq!(quoted("https://app.example.org:8443"), "https://app.example.org:8443");
        assert_eq!(quoted("it's\nme"), "'it'\\''s me'");
    }
}

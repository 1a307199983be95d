//! Server addresses: `HOST:PORT`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address at which a server with this listening address can be reached from its own machine.
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Parses `HOST:PORT`. Refuses characters that are special in a configuration file.
pub fn host_and_port(text: &str) -> Option<String> {
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

pub fn port(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(_, port)| port)
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
}

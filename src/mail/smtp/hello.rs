//! The name by which authflow introduces itself to mail servers (EHLO).

use std::net::{IpAddr, SocketAddr};

/// The first of these names that a mail server accepts from strangers: it is qualified and has no underscore, because many servers refuse
/// others (Postfix: `reject_non_fqdn_helo_hostname`, `reject_invalid_helo_hostname`).
pub fn name<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names.into_iter().find(|name| is_qualified(name))
}

/// The address of our end of the connection, which is what a client without such a name says (RFC 5321, section 4.1.4).
pub fn literal(address: SocketAddr) -> String {
    match address.ip().to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

/// Whether this is the full name of a host (RFC 1123, section 2.1): labels of letters, digits and inner hyphens, the last not a number.
fn is_qualified(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_real = last.contains(|c: char| !c.is_ascii_digit())
        && !matches!(last, "localhost" | "localdomain");
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label) && is_real
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_qualified_and_has_no_underscore() {
        for (names, chosen) in [
            (["login.example.org", "example.com"], Some("login.example.org")),
            (["xn--bcher-kva.example", "example.com"], Some("xn--bcher-kva.example")),
            (["auth.lan", "example.com"], Some("auth.lan")),
            (["auth", "example.com"], Some("example.com")),
            (["3f2a9c81d0be", "example.com"], Some("example.com")),
            (["my_auth.example.org", "example.com"], Some("example.com")),
            (["auth.my_domain.org", "example.com"], Some("example.com")),
            (["-auth.example.org", "example.com"], Some("example.com")),
            (["auth-.example.org", "example.com"], Some("example.com")),
            (["auth..org", "example.com"], Some("example.com")),
            (["localhost", "example.com"], Some("example.com")),
            (["localhost.localdomain", "example.com"], Some("example.com")),
            (["login.localhost", "example.com"], Some("example.com")),
            (["192.0.2.1", "example.com"], Some("example.com")),
            (["", "example.com"], Some("example.com")),
            (["auth", "my_mail.example"], None),
            (["auth", "mail"], None),
        ] {
            assert_eq!(name(names), chosen, "{names:?}");
        }
    }

    #[test]
    fn the_literal_is_our_address() {
        for (address, said) in [
            ("192.0.2.1:40000", "[192.0.2.1]"),
            ("[2001:db8::1]:40000", "[IPv6:2001:db8::1]"),
            ("[::ffff:192.0.2.1]:40000", "[192.0.2.1]"),
        ] {
            assert_eq!(literal(address.parse().unwrap()), said);
        }
    }
}

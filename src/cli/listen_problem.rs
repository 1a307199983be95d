//! Explains to the operator why the server cannot listen at its address.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// What happened and what to do, as sentences.
pub fn explain(listen: SocketAddr, error: &io::Error) -> String {
    let (host, port) = (listen.ip(), listen.port());
    let fix = match error.kind() {
        ErrorKind::AddrInUse => format!(
            "Another program uses port {port}, perhaps another authflow. Stop it (to find it: sudo ss -ltnp 'sport = :{port}'), or set PORT to \
             another port"
        ),
        ErrorKind::AddrNotAvailable => format!(
            "{host} is not an address of this machine. Set HOST to one of its addresses (ip address), to 127.0.0.1, or to 0.0.0.0 for \
             all of them"
        ),
        ErrorKind::PermissionDenied if port < 1_024 => {
            "Ports below 1024 need a privilege. Set PORT to 1024 or more, and let a reverse proxy listen at ports 80 and 443".to_owned()
        }
        _ if host.is_ipv6() => {
            "If this machine has no IPv6, set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses".to_owned()
        }
        _ => "Set HOST and PORT to an address and a port that this machine can listen at".to_owned(),
    };
    format!("listening at {listen} (HOST and PORT) failed: {error}. {fix}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_names_the_setting_to_change() {
        for (listen, kind, fix) in [
            ("127.0.0.1:5000", ErrorKind::AddrInUse, "ss -ltnp 'sport = :5000'), or set PORT"),
            ("192.0.2.7:5000", ErrorKind::AddrNotAvailable, "Set HOST to one of its addresses"),
            ("127.0.0.1:443", ErrorKind::PermissionDenied, "Set PORT to 1024 or more"),
            ("[::]:5000", ErrorKind::Unsupported, "If this machine has no IPv6, set HOST"),
            ("127.0.0.1:5000", ErrorKind::Other, "Set HOST and PORT"),
        ] {
            let said = explain(listen.parse().unwrap(), &io::Error::from(kind));
            assert!(said.contains(fix) && said.contains(listen), "{said}");
        }
    }
}

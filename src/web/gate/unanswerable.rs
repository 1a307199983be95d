//! Requests that the gate can't decide, because of an error in the proxy's configuration or an attack.

use crate::domain::gate::target::NoTarget;
use crate::web::gate::proxy::Proxy;

/// Why the gate can't decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswerable {
    /// The peer is not in `GATE_PROXIES`.
    Untrusted,
    /// A header is missing.
    Missing(&'static str, Proxy),
    /// This header has several values, or an impossible one.
    Contradictory(String),
    /// This origin is not in `GATE_ORIGINS`.
    Unknown(String),
    /// This origin is in `GATE_ORIGINS`, but the request has the other scheme.
    OtherScheme(String),
    /// The rule in the query has this unknown part.
    Rule(String),
    /// The proxy sent the query of the client's request in place of its rule.
    RuleOfRequest,
    /// The query has NUL or invalid UTF-8.
    Unreadable,
}

impl Unanswerable {
    /// The reason code, for programs and logs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted_peer",
            Self::Missing(..) => "missing_header",
            Self::Contradictory(_) => "contradictory_headers",
            Self::Unknown(_) => "unknown_host",
            Self::OtherScheme(_) => "other_scheme",
            Self::Rule(_) | Self::RuleOfRequest => "unknown_rule",
            Self::Unreadable => "unreadable_address",
        }
    }

    /// The problem and how to fix it, for the administrator.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Untrusted => "The request came to the gate from an address that is not in GATE_PROXIES (by default the networks of \
                                TRUSTED_PROXIES, or loopback with hops:N). Add the proxy's address there; nobody else may ask the gate."
                .into(),
            Self::Missing(header, proxy) => {
                let other = match proxy {
                    Proxy::Nginx => "Caddy and Traefik ask at /gate/forward",
                    Proxy::Forward => "nginx asks at /gate/nginx",
                };
                format!("The proxy did not send the header {header}. Compare its configuration with what authflow proxy prints ({other}).")
            }
            Self::Contradictory(header) => format!(
                "The header {header} has more than one value, or one that does not belong there. The proxy must set it itself, instead of \
                 passing on what the client sent."
            ),
            Self::Unknown(origin) => {
                format!("{origin} is not in GATE_ORIGINS. Add it there, or ask for the application by its right name.")
            }
            Self::OtherScheme(origin) => format!(
                "GATE_ORIGINS has {origin}, but the proxy says that the request came by the other scheme. Send browsers to {origin}; if they \
                 are there, a proxy before yours keeps the scheme to itself."
            ),
            Self::RuleOfRequest => "The proxy asks with the query of the request itself, where its rule should be. With Caddy write a question mark \
                                    behind the gate's address: uri /gate/forward? (authflow proxy caddy prints it)."
                .into(),
            Self::Unreadable => "This address contains characters that are not valid text (UTF-8).".into(),
            Self::Rule(part) => format!(
                "The address at which the proxy asks has {part:?}, which is no rule; there are role=NAME, factor=2 and token=1."
            ),
        }
    }

    /// The reason for a URL in this header that is not a valid target.
    #[must_use]
    pub fn of_target(why: NoTarget, header: &'static str) -> Self {
        match why {
            NoTarget::Unreadable => Self::Contradictory(header.into()),
            NoTarget::Unknown(origin) => Self::Unknown(origin),
            NoTarget::OtherScheme(origin) => Self::OtherScheme(origin),
        }
    }
}

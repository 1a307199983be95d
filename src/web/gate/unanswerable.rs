//! Requests that the gate can't decide, because of an error in the proxy's configuration or an attack.

use crate::domain::gate::target::NoTarget;
use crate::i18n::message::{self, Message};
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
    pub fn message(&self) -> Message {
        match self {
            Self::Untrusted => message::gate_untrusted(),
            Self::Missing(header, Proxy::Nginx) => message::gate_header_missing_nginx(header),
            Self::Missing(header, Proxy::Forward) => message::gate_header_missing_forward(header),
            Self::Contradictory(header) => message::gate_header_contradictory(header),
            Self::Unknown(origin) => message::gate_unknown_origin(origin),
            Self::OtherScheme(origin) => message::gate_other_scheme(origin),
            Self::Rule(part) => message::gate_unknown_rule(part.escape_debug().to_string()),
            Self::RuleOfRequest => message::gate_rule_of_request(),
            Self::Unreadable => message::error_address_unreadable(),
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

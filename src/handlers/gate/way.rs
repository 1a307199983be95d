//! The URL of `/gate/start`, which takes a browser from a guarded host to the login host.

use url::form_urlencoded::{self, Serializer};

use crate::app::App;
use crate::domain::addresses::{self, SitePath};
use crate::domain::gate::target::Target;
use crate::domain::gate::ticket::NonceHash;

/// The parameters of `/gate/start`.
#[derive(Clone, Debug)]
pub struct Way {
    /// The URL to return to.
    pub target: Target,
    /// The hash of the browser's nonce at the guarded host. Without it no ticket is issued.
    pub nonce: Option<NonceHash>,
    /// Whether the app requires two-factor authentication.
    pub second_factor: bool,
    /// Whether the content of a posted form was lost.
    pub unsaved: bool,
    /// Whether a ticket has just failed.
    pub again: bool,
}

impl Way {
    /// Parses the query of `/gate/start`. `None` if it does not lead to a guarded app.
    pub fn parse(app: &App, query: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
        };
        Some(Self {
            target: Target::parse(&app.config.gate_origins, &field("return_to")?).ok()?,
            nonce: field("nonce").as_deref().and_then(NonceHash::parse),
            second_factor: field("factor").is_some_and(|it| it == "2"),
            unsaved: field("unsaved").is_some(),
            again: field("again").is_some(),
        })
    }

    /// The path of `/gate/start` with its query.
    pub fn path(&self) -> SitePath {
        let mut query = Serializer::new(String::new());
        query.append_pair("return_to", &self.target.return_address());
        if let Some(nonce) = self.nonce {
            query.append_pair("nonce", &nonce.to_text());
        }
        if self.second_factor {
            query.append_pair("factor", "2");
        }
        if self.unsaved {
            query.append_pair("unsaved", "on");
        }
        if self.again {
            query.append_pair("again", "on");
        }
        addresses::GATE_START.with_query(&query.finish())
    }
}

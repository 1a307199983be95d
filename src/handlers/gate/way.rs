//! The URL of `/gate/start`, which takes a browser from a guarded host to the login host.

use url::form_urlencoded::{self, Serializer};

use crate::app::App;
use crate::domain::addresses::{self, SitePath};
use crate::domain::gate::target::Target;
use crate::domain::gate::ticket::NonceHash;
use crate::domain::return_address::{LONGEST_NESTED, SavedId};
use crate::domain::source::Source;
use crate::error::{Error, Result};
use crate::services::long_addresses::{self, SaveError};

/// The parameters of `/gate/start`.
#[derive(Clone, Debug)]
pub struct Way {
    /// The URL to return to.
    pub target: Target,
    /// The id under which the target is saved, if it is too long for a URL. `path` then has only its root.
    pub saved: Option<SavedId>,
    /// The hash of the browser's nonce at the guarded host. Without it no ticket is issued.
    pub nonce: Option<NonceHash>,
    /// Whether the app requires two-factor authentication.
    pub second_factor: bool,
    /// Whether the content of a posted form was lost.
    pub unsaved: bool,
    /// Whether a ticket has just failed.
    pub again: bool,
    /// Why the target is only the root of the app.
    pub lost: Option<Lost>,
}

/// Why the address that a visitor asked for could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It is longer than 8 KiB.
    TooLong,
    /// The visitor's network has saved too many long addresses.
    TooMany,
    /// It was saved, but has expired.
    Expired,
}

impl Way {
    /// A way back to this target, which is saved if it is too long for a URL.
    pub async fn to(app: &App, source: &Source, target: Target) -> Result<Self> {
        let kept = long_addresses::save_if_long(app, source, &target.clean(), LONGEST_NESTED).await;
        let (saved, lost) = match kept {
            Ok(saved) => (saved, None),
            Err(SaveError::TooLong) => (None, Some(Lost::TooLong)),
            Err(SaveError::TooMany(_)) => {
                tracing::warn!(address = %source.address, "refused to save a long return address over the rate limit");
                (None, Some(Lost::TooMany))
            }
            Err(SaveError::Failed(error)) => return Err(error),
        };
        let target = if lost.is_some() { Target::root(target.origin) } else { target };
        let (nonce, again) = (None, false);
        Ok(Self { target, saved, nonce, second_factor: false, unsaved: false, again, lost })
    }

    /// Parses the query of `/gate/start`. `None` if it does not lead to a guarded app.
    pub async fn parse(app: &App, query: &str) -> Result<Option<Self>> {
        let field = |name: &str| parameter(query, name);
        let guarded = &app.config.guarded_apps;
        let target = field("return_to").and_then(|it| Target::parse(guarded, &it).ok());
        let Some(target) = target else { return Ok(None) };
        let lost = match field("lost").as_deref() {
            Some("long") => Some(Lost::TooLong),
            Some(_) => Some(Lost::TooMany),
            None => None,
        };
        let mut way = Self {
            target,
            saved: field("saved").as_deref().and_then(SavedId::parse),
            nonce: field("nonce").as_deref().and_then(NonceHash::parse),
            second_factor: field("factor").is_some_and(|it| it == "2"),
            unsaved: field("unsaved").is_some(),
            again: field("again").is_some(),
            lost,
        };
        if let Some(saved) = way.saved {
            if let Some(target) = saved_target(app, saved, &way.target).await? {
                way.target = target;
            } else {
                (way.saved, way.lost) = (None, Some(Lost::Expired));
            }
        }
        Ok(Some(way))
    }

    /// The target as a URL carries it: only its root if it is saved.
    #[must_use]
    pub fn carried(&self) -> Target {
        match self.saved {
            Some(_) => Target::root(self.target.origin.clone()),
            None => self.target.clone(),
        }
    }

    /// The path of `/gate/start` with its query.
    #[must_use]
    pub fn path(&self) -> SitePath {
        let mut query = Serializer::new(String::new());
        query.append_pair("return_to", &self.carried().clean());
        if let Some(saved) = self.saved {
            query.append_pair("saved", &saved.to_text());
        }
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
        match self.lost {
            Some(Lost::TooLong) => _ = query.append_pair("lost", "long"),
            Some(Lost::TooMany) => _ = query.append_pair("lost", "many"),
            Some(Lost::Expired) | None => {}
        }
        addresses::GATE_START.with_query(&query.finish())
    }
}

/// The saved target, if it belongs to the same app as `root`. Like every address in a request, it is parsed again.
pub async fn saved_target(
    app: &App,
    saved: SavedId,
    root: &Target,
) -> Result<Option<Target>, Error> {
    let address = long_addresses::find(app, saved).await?;
    let own = std::slice::from_ref(&root.origin);
    Ok(address.and_then(|address| Target::parse(own, &address).ok()))
}

/// A parameter of a query.
#[must_use]
pub fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

//! The return address after signing in: a page of this site or of a guarded app. Open redirects are impossible.

use axum::http::StatusCode;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::{self, byte_serialize};

use crate::app::App;
use crate::config::Config;
use crate::domain::addresses::{self, Address, SitePath};
use crate::domain::gate::guarded_app::GuardedApp;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::target::Target;
use crate::domain::public_url::PublicUrl;
use crate::domain::return_address::{LONGEST_IN_QUERY, is_too_long};
use crate::domain::source::Source;
use crate::i18n::message::{self, Message};
use crate::services::long_addresses::{self, SaveError};
use crate::web::http::problem::Problem;

/// A path of this site with its query, or a URL of a guarded app. The text is always the serialized URL, never the original input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo {
    address: String,
    application: Option<GateOrigin>,
}

impl ReturnTo {
    /// Parses a relative or absolute URL. `None` unless it leads to a page of this site or to a guarded app.
    #[must_use]
    pub fn parse(config: &Config, text: &str) -> Option<Self> {
        Self::read(&config.public_url, &config.guarded_apps, text)
    }

    fn read(url: &PublicUrl, guarded: &[GuardedApp], text: &str) -> Option<Self> {
        if text.is_empty() || is_too_long(text) {
            return None;
        }
        Self::here(url, guarded, text).or_else(|| {
            let target = Target::parse(guarded, text).ok()?;
            Some(Self { address: target.clean(), application: Some(target.origin) })
        })
    }

    fn here(url: &PublicUrl, guarded: &[GuardedApp], text: &str) -> Option<Self> {
        let own = Url::parse(&url.origin()).ok()?;
        let target = own.join(text).ok()?;
        let path = target.path();
        // `/.//evil` parses into the path `//evil`, in which a browser would see a host.
        if target.origin() != own.origin() || path.starts_with("//") || path.contains('\\') {
            return None;
        }
        if !target.username().is_empty() || target.password().is_some() {
            return None;
        }
        let inside = path.strip_prefix(url.base())?;
        if !inside.starts_with('/') {
            return None;
        }
        let leads_on = [addresses::GATE_START, addresses::RETURN].map(Address::route);
        let application = leads_on.contains(&inside).then(|| {
            let address = return_address(target.query())?;
            Target::parse(guarded, &address).ok().map(|it| it.origin)
        });
        let address = match target.query() {
            Some(query) => format!("{path}?{}", as_sent(text).unwrap_or(query)),
            None => path.to_owned(),
        };
        Some(Self { address, application: application.flatten() })
    }

    /// The parameter `return_to` of a query, as URLs can carry it. The error is about an address that is too long to be kept.
    pub async fn from_query(
        app: &App,
        source: &Source,
        query: Option<&str>,
    ) -> Result<Option<Self>, SaveError> {
        let Some(text) = return_address(query) else { return Ok(None) };
        if is_too_long(&text) {
            return Err(SaveError::TooLong);
        }
        match Self::parse(&app.config, &text) {
            Some(return_to) => return_to.shortened(app, source).await.map(Some),
            None => Ok(None),
        }
    }

    /// The address itself, or the address of the page that leads to it, if it is too long for a URL.
    pub async fn shortened(self, app: &App, source: &Source) -> Result<Self, SaveError> {
        let Some(saved) =
            long_addresses::save_if_long(app, source, &self.address, LONGEST_IN_QUERY).await?
        else {
            return Ok(self);
        };
        let root = match &self.application {
            Some(application) => format!("{application}/"),
            None => app.config.public_url.path(addresses::HOME),
        };
        let query = [("return_to", root.as_str()), ("saved", &saved.to_text())];
        let address = app.config.public_url.path(addresses::RETURN.with(&query));
        Ok(Self { address, application: self.application })
    }

    /// The path and query on this host, or the URL of an app.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The guarded app that it leads to, directly or through `/gate/start`.
    #[must_use]
    pub fn application(&self) -> Option<&GateOrigin> {
        self.application.as_ref()
    }
}

/// The return address in a form, not yet parsed. It is never used for a redirect without [`Carried::parse`].
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Carried(String);

impl Carried {
    /// The text for a hidden field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of another page of the flow, with the return address in its query.
    #[must_use]
    pub fn along(&self, to: Address) -> SitePath {
        if self.0.is_empty() { to.into() } else { to.with(&[("return_to", &self.0)]) }
    }

    /// The query of a link to another page of the flow, including `?`; empty without a return address.
    #[must_use]
    pub fn query(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let encoded: String = byte_serialize(self.0.as_bytes()).collect();
        format!("?return_to={encoded}")
    }

    /// The return address, if it is allowed.
    #[must_use]
    pub fn parse(&self, config: &Config) -> Option<ReturnTo> {
        ReturnTo::parse(config, &self.0)
    }
}

impl From<Option<ReturnTo>> for Carried {
    fn from(return_to: Option<ReturnTo>) -> Self {
        Self(return_to.map(|it| it.address).unwrap_or_default())
    }
}

/// The query of a URL as it was written, if it has only visible ASCII.
fn as_sent(url: &str) -> Option<&str> {
    let (_, query) = url.split('#').next()?.split_once('?')?;
    query.bytes().all(|byte| byte.is_ascii_graphic()).then_some(query)
}

/// The page with the reason why a return address could not be kept. It links to `onward`, a page that works without the address.
#[must_use]
pub fn explain(why: SaveError, onward: String, label: Message) -> Problem {
    let problem = match why {
        SaveError::TooLong => {
            Problem::new(StatusCode::URI_TOO_LONG, message::return_address_too_long())
        }
        SaveError::TooMany(wait) => Problem {
            retry_after: Some(wait),
            ..Problem::new(StatusCode::TOO_MANY_REQUESTS, message::return_address_too_many())
        },
        SaveError::Failed(error) => return Problem::of_error(&error),
    };
    problem.with_way_on(onward, label)
}

fn return_address(query: Option<&str>) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query?.as_bytes());
    pairs.find(|(name, _)| name == "return_to").map(|(_, text)| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(base: &str, text: &str) -> Option<String> {
        let url = PublicUrl::parse(&format!("https://login.example.org{base}")).unwrap();
        ReturnTo::read(&url, &[], text).map(|it| it.address)
    }

    #[test]
    fn urls_of_guarded_apps_are_accepted() {
        let guarded = ["https://app.example.org", "https://login.example.org"]
            .map(|text| GuardedApp { name: None, origin: GateOrigin::parse(text).unwrap() });
        let read = |base: &str, text: &str| {
            let url = PublicUrl::parse(&format!("https://login.example.org{base}")).unwrap();
            let it = ReturnTo::read(&url, &guarded, text)?;
            Some((it.as_str().to_owned(), it.application().map(ToString::to_string)))
        };
        let leads = |address: &str, to: &str| Some((address.to_owned(), Some(to.to_owned())));
        let stays = |address: &str| Some((address.to_owned(), None));
        let (app, own) = ("https://app.example.org", "https://login.example.org");
        let way = "/id/gate/start?return_to=https%3A%2F%2Fapp.example.org%2Fx";
        for (text, expected) in [
            ("https://app.example.org/x?y=z#t", leads("https://app.example.org/x?y=z", app)),
            ("https://app.example.org/x?__gate=t", leads("https://app.example.org/x", app)),
            // This site is below a path, on the same host as an app.
            ("https://login.example.org/x", leads("https://login.example.org/x", own)),
            ("https://login.example.org/id/profile", stays("/id/profile")),
            (way, leads(way, app)),
            (
                "/id/gate/start?return_to=https%3A%2F%2Fevil.example",
                stays("/id/gate/start?return_to=https%3A%2F%2Fevil.example"),
            ),
            ("https://app.example.org.evil.example/", None),
            ("https://app.example.org@evil.example/", None),
            ("http://app.example.org/", None),
            ("//app.example.org/", None),
            ("/x", None),
        ] {
            assert_eq!(read("/id", text), expected, "{text}");
        }
    }

    #[test]
    fn pages_of_this_site_are_accepted() {
        for (text, path) in [
            ("/dashboard", "/dashboard"),
            ("/profile?tab=1&x=%2F", "/profile?tab=1&x=%2F"),
            ("https://login.example.org/profile", "/profile"),
            ("https://LOGIN.example.org:443/profile", "/profile"),
            ("/a/../profile#top", "/profile"),
            ("/", "/"),
            ("/ä", "/%C3%A4"),
            ("/x?q='a'&b=<c>+%20%2F&", "/x?q='a'&b=<c>+%20%2F&"),
            ("/x?q=a b#c?d", "/x?q=a%20b"),
            ("/x?q=ä", "/x?q=%C3%A4"),
        ] {
            assert_eq!(at("", text).as_deref(), Some(path), "{text}");
        }
        assert_eq!(at("/id", "/id/profile").as_deref(), Some("/id/profile"));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "https://evil.example/",
            "http://login.example.org/",
            "https://login.example.org.evil.example/",
            "https://login.example.org@evil.example/",
            "https://user@login.example.org/",
            "https://login.example.org:8443/",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/x/..//evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "mailto:a@b",
            "\u{0}//evil.example",
        ] {
            assert_eq!(at("", text), None, "{text:?}");
        }
        for text in ["/", "/dashboard", "/identity", "/id", "/id/../dashboard", "/id/..//x"] {
            assert_eq!(at("/id", text), None, "{text:?}");
        }
        assert_eq!(at("", &format!("/{}", "x".repeat(8_192))), None);
    }

    proptest! {
        #[test]
        fn an_accepted_path_stays_on_this_host(text in "[a-z/\\\\.:@?#%\t\n ]{0,30}") {
            if let Some(path) = at("", &text) {
                let followed = Url::parse("https://login.example.org/auth/login").unwrap().join(&path).unwrap();
                prop_assert_eq!(followed.host_str(), Some("login.example.org"));
                prop_assert_eq!(followed.scheme(), "https");
            }
        }
    }
}

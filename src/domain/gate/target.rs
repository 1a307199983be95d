//! The URL of a guarded app that a browser requested.

use url::Url;
use url::form_urlencoded::{self, Serializer};

use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::reserved::{self, TICKET_PATH};
use crate::domain::return_address::SavedId;

/// The parameter for tickets in earlier versions, on any path. It is removed and never accepted.
const FORMER_PARAMETER: &str = "__gate";

/// A URL of a guarded app. The origin is the one in `GATE_ORIGINS`. Path and query are as the client sent them if that is the same URL,
/// because apps may compare them byte for byte. Otherwise they are serialized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The app.
    pub origin: GateOrigin,
    path: String,
    query: Option<String>,
}

/// Why a URL does not belong to a guarded app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// Not a URL, or one with a user name.
    Unreadable,
    /// `GATE_ORIGINS` does not contain this origin.
    Unknown(String),
    /// `GATE_ORIGINS` contains it with the other scheme.
    OtherScheme(String),
}

impl Target {
    /// Parses an absolute URL of one of these apps. Web sockets count as the request that starts them: `wss` as https.
    pub fn parse(guarded: &[impl AsRef<GateOrigin>], address: &str) -> Result<Self, NoTarget> {
        let address = match address.split_once("://") {
            Some(("wss", rest)) => format!("https://{rest}"),
            Some(("ws", rest)) => format!("http://{rest}"),
            Some(("http" | "https", _)) => address.to_owned(),
            _ => return Err(NoTarget::Unreadable),
        };
        let url = Url::parse(&address).map_err(|_| NoTarget::Unreadable)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NoTarget::Unreadable);
        }
        let origin = GateOrigin::of(&url).ok_or(NoTarget::Unreadable)?;
        let mut guarded = guarded.iter().map(AsRef::as_ref);
        if !guarded.clone().any(|it| *it == origin) {
            let other = guarded.find(|it| it.authority() == origin.authority());
            return Err(match other {
                Some(other) => NoTarget::OtherScheme(other.to_string()),
                None => NoTarget::Unknown(origin.to_string()),
            });
        }
        let (path, query) = match verbatim(&address, &url, &origin) {
            Some(sent) => match sent.split_once('?') {
                Some((path, query)) => (path, Some(query)),
                None => (sent, None),
            },
            None => (url.path(), url.query()),
        };
        Ok(Self { origin, path: path.to_owned(), query: query.map(ToOwned::to_owned) })
    }

    /// The root of an app.
    #[must_use]
    pub fn root(origin: GateOrigin) -> Self {
        Self { origin, path: "/".into(), query: None }
    }

    /// Where a ticket leads: the URL `to` if it belongs to this origin and not to the gate, otherwise the root of the origin.
    #[must_use]
    pub fn within(origin: &GateOrigin, to: &str) -> Self {
        let target = Self::parse(std::slice::from_ref(origin), to).ok();
        target.filter(|it| !it.is_reserved()).unwrap_or_else(|| Self::root(origin.clone()))
    }

    /// Whether the path belongs to the gate, in any spelling that a proxy or app may accept.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        reserved::is_reserved(&self.path)
    }

    /// The value of a query parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs =
            form_urlencoded::parse(self.query.as_deref().unwrap_or_default().as_bytes());
        pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }

    /// Whether it contains a ticket in the format of earlier versions.
    #[must_use]
    pub fn has_former_ticket(&self) -> bool {
        self.parts().any(is_former_ticket)
    }

    /// The URL without a ticket of an earlier version.
    #[must_use]
    pub fn clean(&self) -> String {
        let rest: Vec<&str> = self.parts().filter(|part| !is_former_ticket(part)).collect();
        let is_bare = self.query.is_none() || self.has_former_ticket() && rest.is_empty();
        let mark = if is_bare { "" } else { "?" };
        format!("{}{}{mark}{}", self.origin, self.path, rest.join("&"))
    }

    /// The URL that redeems this ticket and then redirects to this target, or to the saved one.
    #[must_use]
    pub fn ticket_address(&self, ticket: &str, saved: Option<SavedId>) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("ticket", ticket);
        query.append_pair("to", &self.clean());
        if let Some(saved) = saved {
            query.append_pair("saved", &saved.to_text());
        }
        format!("{}{TICKET_PATH}?{}", self.origin, query.finish())
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.query.iter().flat_map(|query| query.split('&'))
    }
}

/// Path and query of an address as they were written. `None` unless they have only visible ASCII and mean the same as `url`.
fn verbatim<'a>(address: &'a str, url: &Url, origin: &GateOrigin) -> Option<&'a str> {
    let (_, rest) = address.split_once("://")?;
    let rest = &rest[rest.find(['/', '\\', '?', '#'])?..];
    let sent = rest.split('#').next().unwrap_or_default();
    if !sent.starts_with('/') || !sent.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let same = Url::parse(&format!("{origin}{sent}")).ok()?;
    (same.path() == url.path() && same.query() == url.query()).then_some(sent)
}

fn is_former_ticket(part: &str) -> bool {
    part.split('=').next() == Some(FORMER_PARAMETER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn guarded() -> Vec<GateOrigin> {
        ["https://app.example.org", "http://app.localhost:8081", "https://münchen.example"]
            .map(|text| GateOrigin::of(&Url::parse(text).unwrap()).unwrap())
            .to_vec()
    }

    fn parse(address: &str) -> Result<Target, NoTarget> {
        Target::parse(&guarded(), address)
    }

    #[test]
    fn urls_of_guarded_apps_are_accepted() {
        for (address, clean) in [
            ("https://app.example.org/", "https://app.example.org/"),
            ("https://APP.example.org:443/a?b=c&d", "https://app.example.org/a?b=c&d"),
            ("wss://app.example.org/socket", "https://app.example.org/socket"),
            ("ws://app.localhost:8081/socket", "http://app.localhost:8081/socket"),
            ("https://xn--mnchen-3ya.example/x", "https://xn--mnchen-3ya.example/x"),
            ("https://MÜNCHEN.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
            ("https://app.example.org//evil.example/x", "https://app.example.org//evil.example/x"),
            ("https://app.example.org/?", "https://app.example.org/?"),
            ("https://app.example.org/a?__gate=T", "https://app.example.org/a"),
            ("https://app.example.org/a?__gate", "https://app.example.org/a"),
            (
                "https://app.example.org/a?b=%2F&__gate=T&c=+&c",
                "https://app.example.org/a?b=%2F&c=+&c",
            ),
            (
                "https://app.example.org/a?x__gate=1&__gates=2",
                "https://app.example.org/a?x__gate=1&__gates=2",
            ),
        ] {
            assert_eq!(parse(address).unwrap().clean(), clean, "{address}");
        }
    }

    #[test]
    fn all_other_urls_are_refused() {
        for address in [
            "",
            "/",
            "app.example.org",
            "//app.example.org/",
            "ftp://app.example.org/",
            "https://",
            "https://user@app.example.org/",
            "https://app.example.org@evil.example/",
            "javascript://app.example.org/",
            "https://:80/",
        ] {
            let refused = parse(address);
            assert!(
                matches!(refused, Err(NoTarget::Unreadable | NoTarget::Unknown(_))),
                "{address}: {refused:?}"
            );
        }
        for (address, origin) in [
            ("https://evil.example/", "https://evil.example"),
            ("https://app.example.org.evil.example/", "https://app.example.org.evil.example"),
            ("https://app.example.org:8443/", "https://app.example.org:8443"),
            ("https://app.example.org./", "https://app.example.org."),
        ] {
            assert_eq!(parse(address), Err(NoTarget::Unknown(origin.into())), "{address}");
        }
        let other = NoTarget::OtherScheme("https://app.example.org".into());
        assert_eq!(parse("http://app.example.org/"), Err(other));
    }

    #[test]
    fn path_and_query_stay_as_they_were_sent() {
        for sent in [
            "/",
            "/?",
            "/a//b///c/",
            "/a;x=y/b;",
            "/%2F%2f%20+%2B?a=%20+%2B&b&=&&c=%zz%",
            "/a?b=c?d=e?",
            "/%C3%BC%E4",
            "/it's/\"(x)\"?q='x'&y=<z>|^`{}",
            "/a/../b/./%2e%2e/c",
            "/a\\b?c=\\d",
            "//evil.example/x",
            "/@evil.example:80/",
        ] {
            let address = format!("https://app.example.org{sent}");
            assert_eq!(parse(&address).unwrap().clean(), address);
            let socket = format!("wss://APP.example.org:443{sent}");
            assert_eq!(parse(&socket).unwrap().clean(), address);
        }
        // These can't be sent as they are.
        for (sent, clean) in [
            ("/a b", "/a%20b"),
            ("/ä?ö", "/%C3%A4?%C3%B6"),
            ("/a\tb", "/ab"),
            ("/a?b#c", "/a?b"),
            ("\\a", "/a"),
            ("?a", "/?a"),
            ("", "/"),
        ] {
            let address = format!("https://app.example.org{sent}");
            assert_eq!(parse(&address).unwrap().clean(), format!("https://app.example.org{clean}"));
        }
        assert_eq!(
            parse("https:///app.example.org/a").unwrap().clean(),
            "https://app.example.org/a"
        );
    }

    #[test]
    fn a_ticket_leads_to_its_target_or_to_the_root() {
        let origin = &guarded()[0];
        for (to, there) in [
            (
                "https://app.example.org/deep?a=b&c=%2F+x",
                "https://app.example.org/deep?a=b&c=%2F+x",
            ),
            ("https://app.example.org//evil.example/x", "https://app.example.org//evil.example/x"),
            ("https://app.example.org/x?__gate=T", "https://app.example.org/x"),
            ("", "https://app.example.org/"),
            ("/deep", "https://app.example.org/"),
            ("//evil.example/", "https://app.example.org/"),
            ("https://evil.example/", "https://app.example.org/"),
            ("http://app.example.org/x", "https://app.example.org/"),
            ("http://app.localhost:8081/x", "https://app.example.org/"),
            ("https://app.example.org@evil.example/", "https://app.example.org/"),
            ("javascript:alert(1)", "https://app.example.org/"),
            ("https://app.example.org/.authflow/ticket?ticket=x", "https://app.example.org/"),
            ("https://app.example.org/%2Eauthflow/ticket", "https://app.example.org/"),
        ] {
            assert_eq!(Target::within(origin, to).clean(), there, "{to}");
        }
    }

    proptest! {
        #[test]
        fn adding_and_removing_a_ticket_keeps_the_url(path in "[a-z/%2.]{0,12}", query in proptest::option::of("[a-z=&%2_?]{0,16}")) {
            let address = match &query {
                Some(query) => format!("https://app.example.org/{path}?{query}"),
                None => format!("https://app.example.org/{path}"),
            };
            let target = parse(&address).unwrap();
            let there = parse(&target.ticket_address("T1cket-_", None)).unwrap();
            prop_assert!(there.path == TICKET_PATH && there.is_reserved());
            prop_assert_eq!(there.parameter("ticket"), Some("T1cket-_".to_owned()));
            let to = Target::within(&there.origin, &there.parameter("to").unwrap());
            prop_assert_eq!(to.clean(), if target.is_reserved() { "https://app.example.org/".into() } else { target.clean() });
        }

        #[test]
        fn a_browser_stays_at_the_origin(rest in "[/\\\\:@?#.%;a' \t]{0,24}") {
            if let Ok(target) = parse(&format!("https://app.example.org{rest}")) {
                let url = Url::parse(&target.clean()).unwrap();
                prop_assert_eq!(url.origin().ascii_serialization(), "https://app.example.org");
                prop_assert!(target.clean().bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }

        #[test]
        fn a_ticket_leads_only_to_its_own_app(to in "(https?://)?(app\\.example\\.org|evil\\.example)?[/\\\\:@?#.%2efautholw\t]{0,16}") {
            let origin = &guarded()[0];
            let target = Target::within(origin, &to);
            let url = Url::parse(&target.clean()).unwrap();
            prop_assert_eq!(url.origin().ascii_serialization(), origin.as_str());
            prop_assert!(!target.is_reserved());
        }
    }
}

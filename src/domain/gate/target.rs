//! The address that a browser asked a guarded application for.

use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::domain::gate::origin::GateOrigin;

/// The parameter that brings a ticket to a guarded host, where the gate takes it out again.
pub const PARAMETER: &str = "__gate";

/// How long a return address may be once it is percent-encoded: twice nested it still fits where proxies take 8 KiB.
const LONGEST: usize = 2_500;

/// An address of a guarded application, parsed and written anew: never the text that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whose.
    pub origin: GateOrigin,
    path: String,
    query: Option<String>,
}

/// Why an address is none of a guarded application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// No address at all, or one with a user name in it.
    Unreadable,
    /// `GATE_ORIGINS` does not have this origin.
    Unknown(String),
    /// `GATE_ORIGINS` has it with the other scheme.
    OtherScheme(String),
}

impl Target {
    /// Reads an absolute address. Web sockets count as what they begin as: `wss` as https.
    pub fn parse(guarded: &[GateOrigin], address: &str) -> Result<Self, NoTarget> {
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
        if !guarded.contains(&origin) {
            let other = guarded.iter().find(|it| {
                let host = |text: &str| text.split_once("://").map(|(_, host)| host.to_owned());
                host(it.as_str()) == host(origin.as_str())
            });
            return Err(match other {
                Some(other) => NoTarget::OtherScheme(other.to_string()),
                None => NoTarget::Unknown(origin.to_string()),
            });
        }
        Ok(Self { origin, path: url.path().to_owned(), query: url.query().map(ToOwned::to_owned) })
    }

    /// The ticket that it brings, if any.
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        self.parts()
            .find(|part| is_ours(part))
            .map(|part| part.split_once('=').map_or("", |(_, value)| value))
    }

    /// The address without ticket; everything else as it was.
    #[must_use]
    pub fn clean(&self) -> String {
        let rest: Vec<&str> = self.parts().filter(|part| !is_ours(part)).collect();
        let is_bare = self.query.is_none() || self.ticket().is_some() && rest.is_empty();
        let mark = if is_bare { "" } else { "?" };
        format!("{}{}{mark}{}", self.origin, self.path, rest.join("&"))
    }

    /// Where to return to after signing in: the address without ticket, without its query if that is very long, else the root.
    #[must_use]
    pub fn return_address(&self) -> String {
        let fits = |address: &String| {
            byte_serialize(address.as_bytes()).map(str::len).sum::<usize>() <= LONGEST
        };
        let without_query = format!("{}{}", self.origin, self.path);
        [self.clean(), without_query]
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| format!("{}/", self.origin))
    }

    /// The address with this ticket.
    #[must_use]
    pub fn with_ticket(&self, ticket: &str) -> String {
        let clean = self.clean();
        let mark = if clean.contains('?') { '&' } else { '?' };
        format!("{clean}{mark}{PARAMETER}={ticket}")
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.query.iter().flat_map(|query| query.split('&'))
    }
}

fn is_ours(part: &str) -> bool {
    part.split('=').next() == Some(PARAMETER)
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
    fn addresses_of_guarded_applications_are_taken() {
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
    fn everything_else_is_refused() {
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
    fn long_addresses_lose_their_query_then_their_path() {
        let address = |path: usize, query: usize| {
            format!("https://app.example.org/{}?{}", "p".repeat(path), "q".repeat(query))
        };
        let returned = |path, query| parse(&address(path, query)).unwrap().return_address();
        assert_eq!(returned(10, 100), address(10, 100));
        assert_eq!(returned(10, 5_000), format!("https://app.example.org/{}", "p".repeat(10)));
        assert_eq!(returned(5_000, 10), "https://app.example.org/");
    }

    proptest! {
        #[test]
        fn a_ticket_goes_in_and_out(path in "[a-z/%2.]{0,12}", query in proptest::option::of("[a-z=&%2_?]{0,16}")) {
            let address = match &query {
                Some(query) => format!("https://app.example.org/{path}?{query}"),
                None => format!("https://app.example.org/{path}"),
            };
            let target = parse(&address).unwrap();
            let there = parse(&target.with_ticket("T1cket-_")).unwrap();
            prop_assert_eq!(there.ticket(), Some("T1cket-_"));
            // An empty query is the one thing that is not told apart from none.
            let (there_and_back, before) = (there.clean(), target.clean());
            prop_assert_eq!(there_and_back.trim_end_matches('?'), before.trim_end_matches('?'));
            prop_assert!(parse(&there.clean()).unwrap().ticket().is_none());
        }
    }
}

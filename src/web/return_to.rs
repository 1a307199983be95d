//! Where a person goes on after signing in: only ever within this site.

use url::Url;

use crate::config::PublicUrl;

const LONGEST: usize = 2_048;

/// A path of this site with its query, parsed and written anew: never the text that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Reads a return address, relative or absolute; `None` if it leads anywhere but to a page of this site.
    #[must_use]
    pub fn parse(url: &PublicUrl, text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        let own = Url::parse(&url.origin()).ok()?;
        let target = own.join(text).ok()?;
        let path = target.path();
        // `/.//evil` parses into the path `//evil`, which a browser would take for a host.
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
        Some(Self(match target.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }))
    }

    /// Reads it from the query of a page that leads on.
    #[must_use]
    pub fn from_query(url: &PublicUrl, query: Option<&str>) -> Option<Self> {
        let query = query.unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let (_, text) = pairs.find(|(name, _)| name == "return_to")?;
        Self::parse(url, &text)
    }

    /// The path and query, from the host's root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(base: &str, text: &str) -> Option<String> {
        let url = PublicUrl::parse(&format!("https://login.example.org{base}")).unwrap();
        ReturnTo::parse(&url, text).map(|it| it.0)
    }

    #[test]
    fn pages_of_this_site_are_taken() {
        for (text, path) in [
            ("/dashboard", "/dashboard"),
            ("/profile?tab=1&x=%2F", "/profile?tab=1&x=%2F"),
            ("https://login.example.org/profile", "/profile"),
            ("https://LOGIN.example.org:443/profile", "/profile"),
            ("/a/../profile#top", "/profile"),
            ("/", "/"),
            ("/ä", "/%C3%A4"),
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
        assert_eq!(at("", &format!("/{}", "x".repeat(LONGEST))), None);
    }

    proptest! {
        #[test]
        fn a_browser_that_follows_it_stays_here(text in "[a-z/\\\\.:@?#%\t\n ]{0,30}") {
            if let Some(path) = at("", &text) {
                let followed = Url::parse("https://login.example.org/auth/login").unwrap().join(&path).unwrap();
                prop_assert_eq!(followed.host_str(), Some("login.example.org"));
                prop_assert_eq!(followed.scheme(), "https");
            }
        }
    }
}

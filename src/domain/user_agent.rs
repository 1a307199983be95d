//! Reads a user agent. It is untrusted: clients can send anything.

use woothee::parser::{Parser, WootheeResult};

/// The browser or program, and its operating system, that a user agent names. Both are proper names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserAgent<'a> {
    /// For example `Firefox` or `curl`.
    pub browser: Option<&'a str>,
    /// For example `Linux`.
    pub system: Option<&'a str>,
}

impl<'a> UserAgent<'a> {
    /// Reads what a client sent.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let parsed = Parser::new().parse(text);
        Self {
            browser: parsed.as_ref().and_then(browser).or_else(|| product(text)),
            system: parsed.as_ref().and_then(system),
        }
    }
}

fn browser<'a>(parsed: &WootheeResult<'a>) -> Option<&'a str> {
    match parsed.name {
        "UNKNOWN" | "HTTP Library" => None,
        "SamsungBrowser" => Some("Samsung Internet"),
        name => Some(name),
    }
}

/// The operating system without its version, which browsers no longer report.
fn system<'a>(parsed: &WootheeResult<'a>) -> Option<&'a str> {
    match parsed.os {
        "UNKNOWN" => None,
        "Mac OSX" => Some("macOS"),
        os if os.starts_with("Windows") && !os.starts_with("Windows Phone") => Some("Windows"),
        os => Some(os),
    }
}

/// The first product (RFC 9110, section 10.1.5) of programs that the library does not know: `Lynx`, `curl`.
fn product(user_agent: &str) -> Option<&str> {
    let name = user_agent.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next()?;
    let is_name = (2..=30).contains(&name.len()) && name != "Mozilla";
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_systems_are_found() {
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                Some("Chrome"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                Some("Edge"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                Some("Firefox"),
                Some("Linux"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                Some("Safari"),
                Some("macOS"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                Some("Safari"),
                Some("iPhone"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                Some("Chrome"),
                Some("Android"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
                Some("Samsung Internet"),
                Some("Android"),
            ),
            ("Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1", Some("Lynx"), None),
            ("w3m/0.5.3+git20230121", Some("w3m"), None),
            ("Links (2.28; Linux x86_64; GNU C 12.2; text)", Some("Links"), Some("Linux")),
            ("curl/8.5.0", Some("curl"), None),
            ("Mozilla/5.0", None, None),
            ("<script>alert(1)</script>", None, None),
            ("", None, None),
        ] {
            assert_eq!(UserAgent::parse(user_agent), UserAgent { browser, system }, "{user_agent}");
        }
    }
}

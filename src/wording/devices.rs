//! Browsers and programs in words.

use crate::domain::user_agent::UserAgent;
use crate::i18n::message::{self, Message};

/// The browser or program that sent this user agent, for example `Firefox on Linux`.
#[must_use]
pub fn device(user_agent: &str) -> Message {
    UserAgent::parse(user_agent).into()
}

impl From<UserAgent<'_>> for Message {
    fn from(UserAgent { browser, system }: UserAgent<'_>) -> Self {
        match (browser, system) {
            (Some(browser), Some(system)) => message::device(browser, system),
            (Some(browser), None) => message::device_browser(browser),
            (None, Some(system)) => message::device_system(system),
            (None, None) => message::device_unknown(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_browsers_have_words() {
        for (user_agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            ("curl/8.5.0", "curl"),
            ("Mozilla/5.0 (X11; Linux x86_64)", "Unknown browser on Linux"),
            ("<script>alert(1)</script>", "Unknown browser"),
        ] {
            assert_eq!(device(user_agent).english(), words, "{user_agent}");
        }
    }
}

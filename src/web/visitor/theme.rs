//! The colors of the pages: those of the reader's system, or those chosen in the footer for this browser.

use crate::clock::Timestamp;
use crate::i18n::message::{self, Message};
use crate::web::http::cookies::{Cookies, Name};

/// How long a browser keeps its choice, in seconds: one year.
const CHOICE_LASTS: i64 = 365 * 86_400;

/// Which colors a page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light or dark, as the reader's system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order of the footer.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Every theme, and whether it is this one.
    #[must_use]
    pub fn choices(self) -> [(Self, bool); 3] {
        Self::ALL.map(|it| (it, it == self))
    }

    /// What this browser has chosen. The cookie may be there twice, since another app on this host can set one.
    #[must_use]
    pub fn of_browser(cookies: &Cookies) -> Self {
        cookies.all(Name::Theme).into_iter().find_map(Self::named).unwrap_or_default()
    }

    /// The name in the form and the cookie.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The color scheme that the page has to have, if it does not follow the system.
    #[must_use]
    pub fn scheme(self) -> Option<&'static str> {
        (self != Self::System).then_some(self.name())
    }

    /// What readers call it.
    #[must_use]
    pub fn label(self) -> Message {
        match self {
            Self::System => message::layout_theme_system(),
            Self::Light => message::layout_theme_light(),
            Self::Dark => message::layout_theme_dark(),
        }
    }

    /// Stores it as the choice of this browser.
    pub fn remember(self, cookies: &Cookies, now: Timestamp) {
        if self == Self::System {
            cookies.clear(Name::Theme);
        } else {
            cookies.set(Name::Theme, self.name(), Some(Timestamp(now.0 + CHOICE_LASTS)), now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_known_by_its_name_alone() {
        for theme in Theme::ALL {
            assert_eq!(Theme::named(theme.name()), Some(theme));
        }
        assert_eq!((Theme::named(""), Theme::named("Dark")), (None, None));
        assert_eq!(Theme::ALL.map(Theme::scheme), [None, Some("light"), Some("dark")]);
    }
}

//! Chooses the language of a reader (RFC 4647, RFC 9110 section 12.5.4).

use std::cmp::Reverse;

use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use unic_langid::LanguageIdentifier;

use crate::i18n::language::Language;
use crate::i18n::languages::Languages;

/// More languages than anyone reads. The rest of a longer list is ignored.
const MOST: usize = 32;

impl Languages {
    /// The first of the wanted languages, or the nearest to one of them, that this program has. `None` if it has none of them.
    #[must_use]
    pub fn best<'a>(&self, wanted: impl IntoIterator<Item = &'a str>) -> Option<&'static Language> {
        let available: Vec<&LanguageIdentifier> = self.all().iter().map(|it| &it.id).collect();
        wanted.into_iter().take(MOST).find_map(|wanted| {
            let wanted = identifier(wanted)?;
            let found =
                negotiate_languages(&[wanted], &available, None, NegotiationStrategy::Filtering);
            let found: &LanguageIdentifier = found.first()?;
            self.all().iter().copied().find(|it| it.id == *found)
        })
    }

    /// The best language for the header `Accept-Language`. `*` accepts any language, so it chooses none.
    #[must_use]
    pub fn accepted(&self, header: &str) -> Option<&'static Language> {
        let mut wanted: Vec<(u16, &str)> =
            header.split(',').take(MOST).filter_map(weighted).collect();
        wanted.sort_by_key(|(weight, _)| Reverse(*weight));
        self.best(wanted.into_iter().map(|(_, wanted)| wanted))
    }
}

/// A language without extensions and private use, which begin with a subtag of one character (RFC 5646, section 2.2.6): they never choose
/// another translation.
fn identifier(tag: &str) -> Option<LanguageIdentifier> {
    let subtags: Vec<&str> = tag.split(['-', '_']).take_while(|it| it.len() != 1).collect();
    subtags.join("-").parse().ok()
}

/// A language and its weight in thousandths. `None` if it is not acceptable (`q=0`) or its weight is not one.
fn weighted(part: &str) -> Option<(u16, &str)> {
    let (wanted, parameter) = match part.split_once(';') {
        Some((wanted, parameter)) => (wanted, Some(parameter.trim_ascii())),
        None => (part, None),
    };
    let weight = match parameter {
        None => 1_000,
        Some(parameter) => {
            let (name, value) = parameter.split_once('=')?;
            name.trim_ascii()
                .eq_ignore_ascii_case("q")
                .then(|| thousandths(value.trim_ascii()))??
        }
    };
    (weight > 0).then_some((weight, wanted.trim_ascii()))
}

/// A weight (RFC 9110, section 12.4.2): 0 to 1, with up to three digits after the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    let is_written_right = matches!(whole, "0" | "1")
        && digits.len() <= 3
        && digits.bytes().all(|it| it.is_ascii_digit());
    if !is_written_right {
        return None;
    }
    let weight =
        whole.parse::<u16>().ok()? * 1_000 + format!("{digits:0<3}").parse::<u16>().ok()?;
    (weight <= 1_000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    /// English and German, so that a further language changes no test.
    static LANGUAGES: LazyLock<Languages> = LazyLock::new(|| {
        let language = ["language-name = x\nlanguage-direction = ltr\n"];
        Languages::read(&[("en", language), ("de", language)]).unwrap()
    });

    fn accepted(header: &str) -> Option<&'static str> {
        LANGUAGES.accepted(header).map(|it| it.code.as_str())
    }

    #[test]
    fn the_language_with_the_highest_weight_that_exists_is_chosen() {
        for (header, expected) in [
            ("de", Some("de")),
            ("DE", Some("de")),
            ("de-AT", Some("de")),
            ("de-Latn-CH-1996", Some("de")),
            // Extensions and private use.
            ("de-DE-u-co-phonebk", Some("de")),
            ("de-x-formal", Some("de")),
            ("x-de", None),
            ("i-default", None),
            ("en-GB,de;q=0.9", Some("en")),
            ("fr, de;q=0.5, en;q=0.4", Some("de")),
            ("de;q=0.4,en;q=0.5", Some("en")),
            ("de;q=0.123, en;q=0.124", Some("en")),
            ("de ; Q = 0.5", Some("de")),
            ("de;q=1.000", Some("de")),
            // Of equal weights the first counts.
            ("en;q=0.5, de;q=0.5", Some("en")),
            ("de, en", Some("de")),
            // Not acceptable.
            ("de;q=0", None),
            ("de;q=0.000, en;q=0.1", Some("en")),
            // Any language.
            ("*", None),
            ("*;q=1, de;q=0.1", Some("de")),
            ("fr, *", None),
            // Not a language, or not a weight.
            ("", None),
            (",, ;", None),
            ("d", None),
            ("deutsch-und-so-weiter", None),
            ("de;q=2", None),
            ("de;q=1.001", None),
            ("de;q=0.1234", None),
            ("de;q=-1", None),
            ("de;q=x", None),
            ("de;q=", None),
            ("de;level=1", None),
            ("\u{fdd0}de", None),
            // Near, but another language.
            ("nl, gsw, fy", None),
        ] {
            assert_eq!(accepted(header), expected, "{header:?}");
        }
    }

    #[test]
    fn the_end_of_a_long_list_is_ignored() {
        assert_eq!(accepted(&("fr,".repeat(MOST - 1) + "de")), Some("de"));
        assert_eq!(accepted(&("fr,".repeat(MOST) + "de")), None);
    }

    #[test]
    fn the_first_wanted_language_that_exists_is_chosen() {
        let best = |wanted: &str| LANGUAGES.best(wanted.split(' '));
        for (wanted, expected) in [
            ("fr de-CH en", Some("de")),
            ("en de", Some("en")),
            ("fr it", None),
            ("", None),
            ("  ", None),
        ] {
            assert_eq!(best(wanted).map(|it| it.code.as_str()), expected, "{wanted:?}");
        }
    }
}

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
            let wanted: LanguageIdentifier = wanted.parse().ok()?;
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

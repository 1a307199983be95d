//! One language: its messages, ready to be formatted, and what it says about itself.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::memoizer::MemoizerKind;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::i18n::catalogue::SHAPES;
use crate::i18n::localized::{WORD_JOINER, marker};
use crate::installation;

/// A language with its messages. It is parsed once, when the program starts.
pub struct Language {
    /// Its BCP 47 code, for `lang` and `Content-Language`.
    pub code: String,
    /// Its name in itself, for the choice of languages.
    pub name: String,
    /// `ltr` or `rtl`, for `dir`.
    pub direction: &'static str,
    pub(super) id: LanguageIdentifier,
    /// Separates groups of three digits.
    group: String,
    bundle: FluentBundle<FluentResource>,
    /// The texts of messages without parameters, by number.
    fixed: Vec<Option<String>>,
    /// English, for messages that this language does not have.
    fallback: Option<&'static Language>,
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Language").field(&self.code).finish()
    }
}

impl Language {
    /// Reads the files of a language. The error says what is wrong with its folder.
    pub(super) fn read(
        code: &str,
        files: &[impl AsRef<str>],
        fallback: Option<&'static Self>,
    ) -> Result<Self, String> {
        let id: LanguageIdentifier =
            code.parse().map_err(|_| format!("{code} is not the code of a language"))?;
        let mut bundle = FluentBundle::new_concurrent(vec![id.clone()]);
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(number));
        bundle
            .add_function("AUTHFLOW", |_, _| installation::authflow().into())
            .map_err(|error| error.to_string())?;
        for file in files {
            let resource = FluentResource::try_new(unbroken(file.as_ref()));
            let resource = resource.map_err(|(_, errors)| format!("{code}: {errors:?}"))?;
            bundle.add_resource(resource).map_err(|errors| format!("{code}: {errors:?}"))?;
        }
        let mut language = Self {
            code: id.to_string(),
            name: String::new(),
            direction: "ltr",
            id,
            group: String::new(),
            bundle,
            fixed: Vec::new(),
            fallback,
        };
        language.group = language.own("language-number-group").unwrap_or_default();
        let name = language.own("language-name");
        language.name = name.ok_or_else(|| format!("{code}: language-name is missing"))?;
        language.direction = match language.own("language-direction").as_deref() {
            Some("ltr") => "ltr",
            Some("rtl") => "rtl",
            _ => return Err(format!("{code}: language-direction must be ltr or rtl")),
        };
        language.fixed = SHAPES
            .iter()
            .map(|shape| shape.is_fixed().then(|| language.own(shape.id)).flatten())
            .collect();
        Ok(language)
    }

    /// The text of a message without parameters, if this language has it.
    fn own(&self, id: &str) -> Option<String> {
        self.format_here(id, &FluentArgs::new())
    }

    /// The text of a message without parameters.
    pub(super) fn fixed(&'static self, number: usize) -> &'static str {
        let here = self.fixed[number].as_deref();
        here.or_else(|| Some(self.fallback?.fixed(number))).unwrap_or(SHAPES[number].id)
    }

    /// The text of a message, with markers for markup. A message that this language does not have is in English.
    pub(super) fn format(&self, id: &str, arguments: &FluentArgs<'_>) -> String {
        if let Some(text) = self.format_here(id, arguments) {
            return text;
        }
        match self.fallback {
            Some(fallback) => fallback.format(id, arguments),
            None => id.to_owned(),
        }
    }

    fn format_here(&self, id: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(arguments), &mut errors);
        if !errors.is_empty() {
            tracing::error!(
                language = self.code,
                message = id,
                ?errors,
                "could not format a message completely"
            );
        }
        Some(text.replace(marker::GROUP, &self.group))
    }
}

/// Digits in groups of three. The language's separator replaces the marker.
fn number<M: MemoizerKind>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    #[expect(clippy::cast_possible_truncation, reason = "all numbers are counts, made from i64")]
    let number = number.value as i64;
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(marker::GROUP);
        }
        text.push(digit);
    }
    Some(text)
}

/// The texts of a file, in which no line breaks behind a single capital letter with a hyphen: the German word for email is one. What is code
/// stays as it is, because people copy it.
fn unbroken(file: &str) -> String {
    let mut text = String::with_capacity(file.len() + 64);
    let mut is_code = false;
    let mut before = [' '; 2];
    let mut rest = file.chars();
    while let Some(c) = rest.next() {
        text.push(c);
        if c == '$' {
            is_code = rest.as_str().starts_with("code-start")
                || (is_code && !rest.as_str().starts_with("code-end"));
        }
        let is_alone = !(before[0].is_alphanumeric() || matches!(before[0], '-' | '$' | '_'));
        let is_next = rest.as_str().starts_with(char::is_alphabetic);
        if c == '-' && !is_code && is_alone && before[1].is_uppercase() && is_next {
            text.push(WORD_JOINER);
        }
        before = [before[1], c];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_does_not_break_behind_its_first_letter_but_code_stays_as_it_is() {
        let text = "E-Mail, die E-Mail und x-y, A4-Blatt, { $code-start }X-Forwarded-For{ $code-end }, T-Shirt";
        let joined = text.replace("E-M", "E-\u{2060}M").replace("T-S", "T-\u{2060}S");
        assert_eq!(unbroken(text), joined);
    }
}

//! Puts messages into words for one reader.

use fluent_bundle::{FluentArgs, FluentValue};

use crate::clock::Timestamp;
use crate::i18n::catalogue::{Pair, Parameter};
use crate::i18n::language::Language;
use crate::i18n::languages::Languages;
use crate::i18n::localized::{Localized, Marked, clean, marker, without_markup};
use crate::i18n::message::{self, Argument, Message, ToArgument};
use crate::i18n::zone::Zone;

include!(concat!(env!("OUT_DIR"), "/localizer.rs"));

impl Message {
    /// In English and UTC, without markup and with absolute times: for the API and the command line.
    #[must_use]
    pub fn english(&self) -> String {
        Localizer::english(None).say(self).plain()
    }
}

/// The reader of a page or an email: language, time zone and current time.
///
/// It has a method for each message. Without parameters and marks, the method returns the text; otherwise it returns a [`Localized`].
#[derive(Clone, Debug)]
pub struct Localizer {
    /// The reader's language.
    pub language: &'static Language,
    /// The reader's time zone.
    pub zone: Zone,
    /// The current time, for times that are relative to it. Without it, they are absolute.
    pub now: Option<Timestamp>,
}

impl Localizer {
    /// English and UTC.
    #[must_use]
    pub fn english(now: Option<Timestamp>) -> Self {
        Self { language: Languages::embedded().english(), zone: Zone::utc(), now }
    }

    /// The text of a message without parameters.
    pub(super) fn fixed(&self, number: usize) -> &'static str {
        self.language.fixed(number)
    }

    /// A message in words.
    #[must_use]
    pub fn say(&self, message: &Message) -> Localized {
        let shape = message.shape();
        if shape.is_fixed() {
            return Localized::new(self.fixed(message.number).to_owned(), Vec::new());
        }
        let mut values =
            FluentArgs::with_capacity((shape.parameters.len() + shape.marks.len()) * 2);
        let mut links = Vec::new();
        for (parameter, argument) in shape.parameters.iter().zip(&message.arguments) {
            match parameter {
                Parameter::Value(name) => values.set(*name, self.value(argument)),
                Parameter::Link(Pair { start, end, markers }) => {
                    values.set(*start, markers.0);
                    values.set(*end, markers.1);
                    links.push(match argument {
                        Argument::Text(href) => href.clone(),
                        _ => String::new(),
                    });
                }
            }
        }
        for Pair { start, end, markers } in shape.marks {
            values.set(*start, markers.0);
            values.set(*end, markers.1);
        }
        Localized::new(self.language.format(shape.id, &values), links)
    }

    /// An argument in words, as plain text.
    #[must_use]
    pub fn text(&self, argument: &Argument) -> String {
        without_markup(&self.marked(argument).0)
    }

    fn marked(&self, argument: &Argument) -> Marked {
        let text = match argument {
            Argument::Marked(marked) => return marked.clone(),
            Argument::Message(message) => return self.say(message).inside(),
            Argument::List(all) => return self.joined(all),
            Argument::Text(text) => return Marked(self.isolated(clean(text))),
            Argument::Number(number) => self.number(number).plain(),
            Argument::Time(at) => self.time(*at),
            Argument::Ago(at) => self.time_ago(*at),
            Argument::Day(at) => self.day(*at),
            Argument::Span(seconds) => self.span(*seconds),
        };
        Marked(text)
    }

    fn value(&self, argument: &Argument) -> FluentValue<'static> {
        match argument {
            #[expect(
                clippy::cast_precision_loss,
                reason = "no count of ours needs more than 53 bits"
            )]
            Argument::Number(number) => FluentValue::from(*number as f64),
            other => self.marked(other).0.into(),
        }
    }

    /// Marks text whose direction may differ from that of the sentence around it, so that it is laid out by itself in HTML.
    fn isolated(&self, text: String) -> String {
        let is_right_to_left = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
        let differs = match self.language.direction {
            "rtl" => text.chars().any(|c| c.is_alphanumeric() && !is_right_to_left(c)),
            _ => text.chars().any(is_right_to_left),
        };
        if differs { format!("{}{text}{}", marker::TEXT_START, marker::TEXT_END) } else { text }
    }

    /// A list: `Ada, Grace and Alan`.
    fn joined(&self, all: &[Argument]) -> Marked {
        match all {
            [] => Marked::default(),
            [only] => self.marked(only),
            [first, middle @ .., last] => {
                let start = middle.iter().fold(self.marked(first), |start, next| {
                    self.list_middle(self.marked(next), start).inside()
                });
                self.list_end(self.marked(last), start).inside()
            }
        }
    }
}

#[cfg(test)]
impl Localizer {
    /// A reader of one of the languages of this program.
    pub(super) fn of(language: &str, zone: &str, now: Timestamp) -> Self {
        let language = Languages::embedded().find(language).unwrap();
        Self { language, zone: zone.parse().unwrap(), now: Some(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(language: &str) -> Localizer {
        Localizer::of(language, "UTC", Timestamp(0))
    }

    #[test]
    fn numbers_are_grouped_and_choose_the_plural() {
        for (count, english, german) in [
            (0_i64, "There are 0 problems", "Bitte prüfen Sie diese 0 Angaben"),
            (1, "There is a problem", "Bitte prüfen Sie diese Angabe"),
            (2, "There are 2 problems", "Bitte prüfen Sie diese 2 Angaben"),
            (1_000, "There are 1,000 problems", "Bitte prüfen Sie diese 1.000 Angaben"),
        ] {
            assert_eq!(reader("en").form_problems(count).plain(), english);
            assert_eq!(reader("de").form_problems(count).plain(), german);
        }
        for (number, english, german) in [
            (999_i64, "999", "999"),
            (-1_000, "-1,000", "-1.000"),
            (1_234_567, "1,234,567", "1.234.567"),
        ] {
            assert_eq!(reader("en").number(number).plain(), english);
            assert_eq!(reader("de").number(number).plain(), german);
        }
        assert_eq!(reader("en").number(u64::MAX).plain().replace(',', "").len(), 19);
    }

    #[test]
    fn lists_are_joined_by_the_language() {
        for (all, english, german) in [
            (&[][..], "", ""),
            (&["Ada"], "Ada", "Ada"),
            (&["Ada", "Grace"], "Ada and Grace", "Ada und Grace"),
            (&["Ada", "Grace", "Alan"], "Ada, Grace and Alan", "Ada, Grace und Alan"),
            (&["a", "b", "c", "d"], "a, b, c and d", "a, b, c und d"),
        ] {
            let list = message::list(all);
            assert_eq!(
                (reader("en").text(&list), reader("de").text(&list)),
                (english.into(), german.into())
            );
        }
    }

    #[test]
    fn a_message_in_a_message_is_in_the_same_language() {
        let inner = message::sign_in_to_see();
        let both = message::two_sentences(&inner, message::second_step_not_saved());
        let german = reader("de");
        let expected = format!("{} {}", german.sign_in_to_see(), german.second_step_not_saved());
        assert_eq!(german.say(&both).plain(), expected);
        assert!(both.contains(&inner) && !inner.contains(&both));
    }

    #[test]
    fn a_message_in_a_message_keeps_its_marks_but_no_links() {
        let english = reader("en");
        let marked = message::layout_doubled_cookie("<x>");
        let both = english.say(&message::two_sentences(&marked, &marked)).html();
        assert_eq!(both.matches("<code>&#60;x&#62;</code>").count(), 2, "{both}");
        let linked = message::sign_in_new_here("/x");
        let both = english.say(&message::two_sentences(&linked, &linked)).html();
        assert!(!both.contains("<a") && both.contains("Create an account"), "{both}");
        // Names are isolated in a list as they are alone.
        let hebrew = "\u{5d0}";
        let list = message::list(["Ada", hebrew, "Alan"]);
        let said = english.sign_in_continue(&list);
        assert_eq!(
            said.html(),
            format!("Sign in to continue to Ada, <bdi>{hebrew}</bdi> and Alan.")
        );
        assert_eq!(english.text(&list), format!("Ada, {hebrew} and Alan"));
        let nested = english.error_title(message::sign_in_continue(hebrew)).html();
        assert!(nested.contains(&format!("<bdi>{hebrew}</bdi>")), "{nested}");
    }

    #[test]
    fn a_language_without_a_message_uses_the_english_one() {
        let english = "language-name = English\nlanguage-direction = ltr\n\
                       sign-in-title = Sign in\nsign-in-continue = Go on to { $app }\n";
        let german = "language-name = Deutsch\nlanguage-direction = ltr\n";
        let languages = Languages::read(&[("en", [english]), ("de", [german])]).unwrap();
        let language = languages.find("de").unwrap();
        let reader = Localizer { language, ..Localizer::english(None) };
        assert_eq!(reader.sign_in_title(), "Sign in");
        assert_eq!(reader.sign_in_continue("x").plain(), "Go on to x");
        assert_eq!(reader.sign_in_to_see(), "sign-in-to-see", "no language has it");
    }
}

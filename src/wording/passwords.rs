//! Passwords that are refused, with zxcvbn's advice.

use zxcvbn::feedback::{Suggestion, Warning};

use crate::domain::sign_in::password::{InvalidPassword, MAX_LENGTH, Strength};
use crate::i18n::message::{self, Message};

impl From<InvalidPassword> for Message {
    fn from(why: InvalidPassword) -> Self {
        match why {
            InvalidPassword::Empty => message::password_missing(),
            InvalidPassword::TooLong => message::password_too_long(MAX_LENGTH),
            InvalidPassword::TooShort(min) => message::password_too_short(min),
            InvalidPassword::Lost => message::password_lost(),
            InvalidPassword::Same => message::password_same(),
            InvalidPassword::Weak { warning, advice } => {
                let mut sentences: Vec<Message> = warning.map(warned).into_iter().collect();
                sentences.extend(advice.into_iter().map(advised));
                if sentences.is_empty() {
                    sentences.push(message::password_advice_more_words());
                }
                sentences.into_iter().fold(message::password_weak(), message::two_sentences)
            }
        }
    }
}

/// A message about a new password, and in words how strong it is.
#[must_use]
pub fn with_strength(text: Message, strength: Option<Strength>) -> Message {
    match strength {
        Some(Strength::Strong) => message::two_sentences(text, message::password_strong()),
        Some(Strength::VeryStrong) => message::two_sentences(text, message::password_very_strong()),
        None => text,
    }
}

/// Asks for a new password again, and says in words how strong it was.
#[must_use]
pub fn again(strength: Option<Strength>) -> Message {
    let ask = message::password_enter_again();
    match strength {
        Some(Strength::Strong) => message::two_sentences(ask, message::password_was_strong()),
        Some(Strength::VeryStrong) => {
            message::two_sentences(ask, message::password_was_very_strong())
        }
        None => ask,
    }
}

fn warned(warning: Warning) -> Message {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => message::password_weak_keyboard_row(),
        Warning::ShortKeyboardPatternsAreEasyToGuess => message::password_weak_keyboard_pattern(),
        Warning::RepeatsLikeAaaAreEasyToGuess => message::password_weak_repeat(),
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            message::password_weak_repeated_group()
        }
        Warning::ThisIsATop10Password => message::password_weak_top_10(),
        Warning::ThisIsATop100Password => message::password_weak_top_100(),
        Warning::ThisIsACommonPassword => message::password_weak_common(),
        Warning::ThisIsSimilarToACommonlyUsedPassword => message::password_weak_similar(),
        Warning::SequencesLikeAbcAreEasyToGuess => message::password_weak_sequence(),
        Warning::RecentYearsAreEasyToGuess => message::password_weak_year(),
        Warning::AWordByItselfIsEasyToGuess => message::password_weak_word(),
        Warning::DatesAreOftenEasyToGuess => message::password_weak_date(),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => message::password_weak_name(),
        Warning::CommonNamesAndSurnamesAreEasyToGuess => message::password_weak_common_name(),
    }
}

fn advised(suggestion: Suggestion) -> Message {
    match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => message::password_advice_words(),
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => {
            message::password_advice_no_symbols()
        }
        Suggestion::AddAnotherWordOrTwo => message::password_advice_more_words(),
        Suggestion::CapitalizationDoesntHelpVeryMuch => message::password_advice_capitals(),
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => {
            message::password_advice_all_capitals()
        }
        Suggestion::ReversedWordsArentMuchHarderToGuess => message::password_advice_reversed(),
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => {
            message::password_advice_substitutions()
        }
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => {
            message::password_advice_longer_pattern()
        }
        Suggestion::AvoidRepeatedWordsAndCharacters => message::password_advice_repeats(),
        Suggestion::AvoidSequences => message::password_advice_sequences(),
        Suggestion::AvoidRecentYears => message::password_advice_years(),
        Suggestion::AvoidYearsThatAreAssociatedWithYou => message::password_advice_own_years(),
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            message::password_advice_own_dates()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sign_in::password::Password;
    use crate::i18n::languages::Languages;
    use crate::i18n::localizer::Localizer;
    use crate::i18n::zone::Zone;

    #[test]
    fn a_weak_password_comes_with_a_reason_and_advice_in_every_language() {
        let why = Password::choose("Password1", 8, &[]).unwrap_err();
        let why = Message::from(why);
        assert_eq!(
            why.english(),
            "This password is too easy to guess. It is a very common password. Add another unusual word or two. Capital letters don’t \
             help much."
        );
        let language = Languages::embedded().find("de").unwrap();
        let german = Localizer { language, zone: Zone::utc(), now: None };
        assert_eq!(
            german.say(&why).plain(),
            "Dieses Passwort ist zu leicht zu erraten. Es ist ein sehr häufiges Passwort. Fügen Sie noch ein oder zwei ungewöhnliche Wörter \
             hinzu. Großbuchstaben helfen kaum."
        );
    }

    #[test]
    fn a_weak_password_without_a_known_reason_comes_with_advice() {
        let why = InvalidPassword::Weak { warning: None, advice: Vec::new() };
        assert_eq!(
            Message::from(why).english(),
            "This password is too easy to guess. Add another unusual word or two."
        );
    }
}

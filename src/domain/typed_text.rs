//! Text as people, keyboards and programs give it: characters that no one sees, and digits of other scripts.
//!
//! This is for text that is read again by its meaning, such as addresses, codes and searches. Passwords never pass through here.

use unicode_normalization::UnicodeNormalization;

/// The digit zero of every script. The other nine follow it (Unicode 16.0, general category Nd).
const ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66,
    0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0,
    0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50,
    0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8,
    0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

/// Whether a character is invisible and changes at most how its neighbours look: the default ignorable code points of Unicode, which
/// include zero-width spaces, joiners, soft hyphens, byte-order marks and the marks for the direction of text.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a character joins or varies its neighbours, so that words of some scripts, and emoji, change without it.
#[must_use]
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

/// The text as people see it: without invisible characters, and without whitespace around it.
#[must_use]
pub fn visible(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    seen.trim().to_owned()
}

/// A text to search for, in Unicode NFC like the text that is searched. Joiners stay where they matter: next to letters that are not
/// ASCII.
#[must_use]
pub fn search(text: &str) -> String {
    let mut kept = String::new();
    for c in text.nfc() {
        let is_needed = is_joiner(c) && kept.chars().next_back().is_some_and(|c| !c.is_ascii());
        if is_needed || !is_invisible(c) {
            kept.push(c);
        }
    }
    kept.trim().to_owned()
}

/// The ASCII character that a full-width or small form of East Asian keyboards stands for. Every other character stays.
#[must_use]
pub fn narrow(c: char) -> char {
    let is_form = matches!(c, '\u{3000}' | '\u{FE50}'..='\u{FE6B}' | '\u{FF01}'..='\u{FF5E}');
    let mut plain = std::iter::once(c).filter(|_| is_form).nfkc();
    match (plain.next(), plain.next()) {
        (Some(plain), None) if plain.is_ascii() => plain,
        _ => c,
    }
}

/// The characters of a code: digits of every script as ASCII digits, full-width letters as ASCII letters, and nothing that only groups
/// them, such as spaces, hyphens and invisible characters.
pub fn code_characters(text: &str) -> impl Iterator<Item = char> {
    let groups = |c: &char| c.is_whitespace() || is_invisible(*c) || is_hyphen(*c);
    text.chars().map(|c| digit(c).unwrap_or_else(|| narrow(c))).filter(move |c| !groups(c))
}

/// The ASCII digit that a decimal digit of any script stands for.
fn digit(c: char) -> Option<char> {
    let at = ZEROS.partition_point(|zero| *zero <= u32::from(c)).checked_sub(1)?;
    char::from_digit(u32::from(c) - ZEROS[at], 10)
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn invisible_characters_and_outer_whitespace_are_dropped() {
        for text in [
            "a b",
            " a b\n",
            "\u{FEFF}a b\u{200B}",
            "\u{202A}a\u{AD} b\u{202C}",
            "\u{A0}a\u{2060} b\u{3000}",
            "\u{200B} a\u{200D} \u{FE0F}b\u{FEFF}\u{A0}",
        ] {
            assert_eq!(visible(text), "a b", "{text:?}");
        }
    }

    #[test]
    fn a_search_keeps_the_joiners_of_other_scripts() {
        assert_eq!(search(" می\u{200C}خواهم\u{200B} "), "می\u{200C}خواهم");
        assert_eq!(search("ad\u{200D}a\u{200C}\u{FEFF}"), "ada");
        assert_eq!(search("A\u{30A}sa"), "Åsa");
    }

    #[test]
    fn codes_are_read_in_every_script() {
        for text in [
            "123456",
            "１２３４５６",
            "١٢٣٤٥٦",
            "۱۲۳۴۵۶",
            "१२३४५६",
            "𝟏𝟐𝟑𝟒𝟓𝟔",
            "1２٣۴५𝟔",
            "\u{202A}123\u{A0}456\u{202C}",
            "123‑456",
            "12\u{AD}34–56",
            "123－456",
        ] {
            assert_eq!(code_characters(text).collect::<String>(), "123456", "{text:?}");
        }
        assert_eq!(code_characters("ａＢ-ｃ").collect::<String>(), "aBc");
        assert_eq!(code_characters("½²Ⅷ①x").collect::<String>(), "½²Ⅷ①x", "these are not digits");
    }

    #[test]
    fn digits_lie_in_order() {
        assert!(ZEROS.is_sorted());
        for zero in ZEROS {
            let digits: String = (zero..zero + 10).filter_map(char::from_u32).collect();
            assert_eq!(code_characters(&digits).collect::<String>(), "0123456789", "{zero:x}");
        }
    }

    proptest! {
        #[test]
        fn what_is_visible_stays(text in "\\PC{0,40}") {
            let seen = visible(&text);
            prop_assert_eq!(visible(&seen), seen.clone());
            prop_assert!(!seen.chars().any(is_invisible));
            let twice: String = seen.chars().map(narrow).map(narrow).collect();
            prop_assert_eq!(twice, seen.chars().map(narrow).collect::<String>());
        }
    }
}

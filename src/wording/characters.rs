//! Characters and texts as messages show them, so that a person finds what is wrong.

use crate::domain::typed_text::is_invisible;
use crate::i18n::message::{self, Message};

/// The name of a character as the object of a sentence, with the character itself if it can be seen: `a comma “,”`.
pub fn character(c: char) -> Message {
    let name = match c {
        '\t' => message::character_tab(),
        c if is_line_break(c) => message::character_line_break(),
        ',' => message::character_comma(),
        ';' => message::character_semicolon(),
        ':' => message::character_colon(),
        '.' => message::character_full_stop(),
        '@' => message::character_second_at(),
        '"' | '“' | '”' | '„' | '«' | '»' => message::character_quotation_mark(),
        '(' | ')' | '[' | ']' | '<' | '>' => message::character_bracket(),
        '\u{A0}' | '\u{202F}' => message::character_no_break_space(),
        '\u{3000}' => message::character_full_width_space(),
        c if c.is_whitespace() => message::character_space(),
        c if c.is_control() => message::character_control(),
        c if is_invisible(c) => message::character_invisible(),
        _ => message::character_other(),
    };
    match (shown(c), code_point(c)) {
        (Some(c), Some(code)) => message::character_seen_with_code(c, code, name),
        (Some(c), None) => message::character_seen(c, name),
        (None, Some(code)) => message::character_unseen(code, name),
        (None, None) => name,
    }
}

/// The text without control characters, which a terminal would obey.
pub fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{FFFD}")
}

/// The character itself, if it can be seen.
fn shown(c: char) -> Option<String> {
    let is_seen = !c.is_whitespace() && !c.is_control() && !is_invisible(c);
    is_seen.then(|| c.to_string())
}

/// The code point of a character whose name and look may not suffice to find it: `U+00A0`.
fn code_point(c: char) -> Option<String> {
    let is_plain = c.is_ascii_graphic() || matches!(c, ' ' | '\t') || is_line_break(c);
    (!is_plain).then(|| format!("U+{:04X}", u32::from(c)))
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_names() {
        for (c, expected) in [
            (' ', "a space"),
            ('\u{A0}', "a no-break space (U+00A0)"),
            ('\u{2003}', "a space (U+2003)"),
            ('\n', "a line break"),
            ('\u{7}', "a control character (U+0007)"),
            ('\u{202E}', "an invisible character (U+202E)"),
            (',', "a comma “,”"),
            ('ä', "the character “ä” (U+00E4)"),
            ('!', "the character “!”"),
        ] {
            assert_eq!(character(c).english(), expected);
        }
        assert_eq!(printable("a\u{1b}[31mb"), "a\u{FFFD}[31mb");
    }
}

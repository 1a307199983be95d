//! The names of characters, so that a person finds one that is wrong.

use crate::domain::typed_text::{CharacterKind, code_point, shown};
use crate::i18n::message::{self, Message};

/// The name of a character as the object of a sentence, with the character itself if it can be seen: `a comma “,”`.
pub fn character(c: char) -> Message {
    let name = match CharacterKind::of(c) {
        CharacterKind::Space => message::character_space(),
        CharacterKind::NoBreakSpace => message::character_no_break_space(),
        CharacterKind::FullWidthSpace => message::character_full_width_space(),
        CharacterKind::Tab => message::character_tab(),
        CharacterKind::LineBreak => message::character_line_break(),
        CharacterKind::Control => message::character_control(),
        CharacterKind::Invisible => message::character_invisible(),
        CharacterKind::Comma => message::character_comma(),
        CharacterKind::Semicolon => message::character_semicolon(),
        CharacterKind::Colon => message::character_colon(),
        CharacterKind::FullStop => message::character_full_stop(),
        CharacterKind::At => message::character_second_at(),
        CharacterKind::QuotationMark => message::character_quotation_mark(),
        CharacterKind::Bracket => message::character_bracket(),
        CharacterKind::Other => message::character_other(),
    };
    match (shown(c), code_point(c)) {
        (Some(c), Some(code)) => message::character_seen_with_code(c, code, name),
        (Some(c), None) => message::character_seen(c, name),
        (None, Some(code)) => message::character_unseen(code, name),
        (None, None) => name,
    }
}

//! Texts in the reader's language. Every sentence of pages, emails and public messages is a message in `locales/LANG/*.ftl` (Fluent syntax).
//!
//! - A [`Message`](message::Message) is a sentence that is not yet in any language: its ID and its arguments.
//! - A [`Localizer`](localizer::Localizer) puts messages into words for one reader: language, time zone and current time.
//!
//! `build.rs` writes a function for each message, in both places, so that a misspelt message or a missing argument does not compile.

mod catalogue;
pub mod choice;
pub mod language;
pub mod languages;
pub mod localized;
pub mod localizer;
pub mod message;
mod moment;
pub mod zone;

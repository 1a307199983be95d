//! Kinds of email, their order, and the tokens in their links.

pub mod mail_kind;
pub mod one_time_token;
pub mod turn;

//! Kinds of email, their state and order in the outbox, and the tokens in their links.

pub mod mail_kind;
pub mod mail_state;
pub mod one_time_token;
pub mod turn;

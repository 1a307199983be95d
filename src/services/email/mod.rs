//! Email: the outbox and its delivery.

pub mod outbox;
pub mod test_mail;

//! Emails. The request that causes an email adds it to the outbox; the worker renders and sends it.

pub mod delivery;
pub mod overview;
mod preparation;
pub mod queue;
mod rendering;
pub mod test_mail;

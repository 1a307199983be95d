//! Emails: added to the outbox by the request that causes them, rendered and sent by the worker.

pub mod delivery;
pub mod overview;
mod preparation;
pub mod queue;
mod rendering;
pub mod test_mail;

//! Rate limits, counted in the database, so that they hold across instances and restarts.

mod counting;
mod limits;
mod sign_in;
mod subject;

pub use self::counting::{count, count_all, count_mail, forget, forget_mails, take_back};
pub use self::sign_in::{count_sign_in, forget_sign_in, is_attacked, take_back_sign_in};
pub use self::subject::{Mails, Requester, Subject};

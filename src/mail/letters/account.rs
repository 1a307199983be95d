//! Letters about sessions and the end of an account, and the test email.

use crate::i18n::message;
use crate::mail::letters::letter::{Content, Letter};

/// The detail is the user agent.
pub fn new_sign_in(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_new_sign_in_subject())
        .say(message::email_new_sign_in(mail.email, mail.site_name))
        .device_and_origin(mail)
        .not_me(mail)
}

pub fn session_copied(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_session_copied_subject())
        .say(message::email_session_copied(mail.email, mail.site_name))
        .origin(mail)
        .secure(message::email_session_copied_not_me(), mail)
}

pub fn deleted(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_deleted_subject())
        .say(message::email_deleted(mail.email, mail.site_name))
        .origin(mail)
        .say(message::email_deleted_not_me(mail.site_name))
}

pub fn deleted_by_administrator(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_deleted_subject())
        .say(message::email_deleted_by_administrator(mail.email, mail.site_name))
        .facts([mail.time()])
        .say(message::email_ask_why(mail.site_name))
}

pub fn test(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_test_subject())
        .say(message::email_test(mail.site_name, mail.when))
        .say(message::email_test_unexpected(mail.site_name))
}

//! Letters about two-factor authentication.

use crate::i18n::message;
use crate::mail::letters::letter::{Content, Letter};

pub fn turned_on(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_two_factor_on_subject())
        .say(message::email_two_factor_on(mail.email, mail.site_name))
        .origin(mail)
        .not_me(mail)
        .say(message::email_two_factor_on_undo())
}

pub fn app_replaced(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_app_replaced_subject())
        .say(message::email_app_replaced(mail.email, mail.site_name))
        .origin(mail)
        .not_me(mail)
        .say(message::email_app_replaced_undo())
}

pub fn turned_off(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_two_factor_off_subject())
        .say(message::email_two_factor_off(mail.email, mail.site_name))
        .origin(mail)
        .not_me(mail)
}

/// The detail is the administrator's reason.
pub fn removed(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_two_factor_removed_subject())
        .say(message::email_two_factor_removed(mail.email, mail.site_name))
        .facts([message::email_two_factor_removed_reason(mail.detail), mail.time()])
        .say(message::email_two_factor_removed_next())
        .secure(message::email_two_factor_removed_not_me(), mail)
}

pub fn codes_renewed(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_recovery_codes_subject())
        .say(message::email_recovery_codes(mail.email, mail.site_name))
        .origin(mail)
        .not_me(mail)
}

/// The detail is how many codes are left.
pub fn code_used(mail: &Content<'_>) -> Letter {
    let left: i64 = mail.detail.parse().unwrap_or_default();
    Letter::about(message::email_recovery_code_used_subject())
        .say(message::email_recovery_code_used(mail.email, left, mail.site_name))
        .origin(mail)
        .not_me(mail)
        .say(message::email_recovery_code_used_next())
}

/// The detail is the user agent.
pub fn codes_refused(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_codes_refused_subject())
        .say(message::email_codes_refused(mail.email, mail.site_name))
        .device_and_origin(mail)
        .not_me(mail)
}

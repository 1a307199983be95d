//! Letters about passwords, and those that prove who the owner is.

use crate::domain::sign_in::emailed_code;
use crate::i18n::message;
use crate::mail::letters::letter::{Content, Letter};

/// A reset link that a visitor or, if there is a detail, an administrator asked for.
pub fn reset(mail: &Content<'_>) -> Letter {
    let letter = Letter::about(message::email_reset_subject());
    if mail.detail.is_empty() {
        letter
            .say(message::email_reset(mail.email, mail.site_name))
            .button(message::email_reset_button(), mail)
            .say(message::email_link_lifetime(mail.lifetime))
            .origin(mail)
            .say(message::email_reset_not_me())
    } else {
        letter
            .say(message::email_reset_by_administrator(mail.email, mail.site_name))
            .button(message::email_reset_button(), mail)
            .say(message::email_link_lifetime(mail.lifetime))
            .say(message::email_reset_unexpected())
    }
}

pub fn confirmation_code(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_code_subject())
        .say(message::email_code(mail.email, mail.site_name))
        .code(mail.code)
        .say(message::email_code_rules(emailed_code::LASTS))
        .origin(mail)
        .say(message::email_code_not_me())
        .not_me(mail)
}

pub fn changed(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_password_changed_subject())
        .say(message::email_password_changed(mail.email, mail.site_name))
        .origin(mail)
        .not_me(mail)
}

pub fn set(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_password_set_subject())
        .say(message::email_password_set(mail.email, mail.site_name))
        .origin(mail)
        .not_me(mail)
}

pub fn refused(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_passwords_refused_subject())
        .say(message::email_passwords_refused(mail.email, mail.site_name))
        .facts([mail.time(), message::email_passwords_refused_address(mail.address)])
        .say(message::email_passwords_refused_next())
        .button(message::email_forgot_button(), mail)
}

/// The way back in after 'this was not me'.
pub fn secured(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_secured_subject())
        .say(message::email_secured(mail.email, mail.site_name))
        .button(message::email_reset_button(), mail)
        .say(message::email_secured_lifetime(mail.lifetime))
        .link(&mail.forgot_link)
        .say(message::email_secured_next())
        .say(message::email_secured_not_me())
}

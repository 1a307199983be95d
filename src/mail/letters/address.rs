//! Letters about a change of the email address.

use crate::i18n::message;
use crate::mail::letters::letter::{Content, Letter};

pub fn confirm(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_confirm_new_subject())
        .say(message::email_confirm_new(mail.email, mail.site_name))
        .button(message::email_confirm_button(), mail)
        .say(message::email_link_lifetime(mail.lifetime))
        .say(message::email_confirm_new_not_me())
}

pub fn taken(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_taken_subject())
        .say(message::email_taken(mail.email, mail.site_name))
        .button(message::sign_in(), mail)
        .say(message::email_ignore())
}

pub fn change_requested(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_change_requested_subject())
        .say(message::email_change_requested(mail.email, mail.detail, mail.site_name))
        .origin(mail)
        .not_me(mail)
        .say(message::email_change_requested_undo())
}

pub fn changed(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_changed_subject())
        .say(message::email_changed(mail.email, mail.detail, mail.site_name))
        .origin(mail)
        .not_me(mail)
        .say(message::email_changed_undo())
}

pub fn reserved(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_reserved_subject())
        .say(message::email_reserved(mail.email, mail.site_name))
        .say(message::email_reserved_was_me())
        .say(message::email_reserved_not_me())
        .button(message::email_not_me_button(), mail)
        .say(message::email_reserved_lifetime(mail.lifetime))
}

pub fn called_back(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_restored_subject())
        .say(message::email_restored(mail.email, mail.detail, mail.site_name))
        .origin(mail)
        .say(message::email_restored_not_them(mail.site_name))
}

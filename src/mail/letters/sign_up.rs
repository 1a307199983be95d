//! Letters about sign-ups and invitations.

use crate::i18n::message;
use crate::mail::letters::letter::{Content, Letter};

pub fn verify_email(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_verify_subject())
        .say(message::email_verify(mail.email, mail.site_name))
        .button(message::email_confirm_button(), mail)
        .say(message::email_link_lifetime(mail.lifetime))
        .say(message::email_verify_not_me())
}

pub fn verify_account_email(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_verify_subject())
        .say(message::email_verify_account(mail.email, mail.site_name))
        .button(message::email_confirm_button(), mail)
        .say(message::email_link_lifetime(mail.lifetime))
        .say(message::email_verify_account_not_me(mail.site_name))
}

pub fn already_registered(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_already_registered_subject())
        .say(message::email_already_registered(mail.email, mail.site_name))
        .button(message::email_forgot_button(), mail)
        .say(message::email_ignore())
}

pub fn welcome(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_welcome_subject())
        .say(message::email_welcome(mail.email, mail.site_name))
        .button(message::sign_in(), mail)
        .say(message::email_welcome_not_me())
}

pub fn invitation(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_invitation_subject())
        .say(match mail.inviter {
            Some(name) => message::email_invitation_by(mail.email, name, mail.site_name),
            None => message::email_invitation(mail.email, mail.site_name),
        })
        .button(message::email_invitation_button(), mail)
        .say(message::email_invitation_lifetime(mail.lifetime))
        .say(message::email_invitation_unexpected())
}

pub fn invitation_lost(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_invitation_lost_subject())
        .say(message::email_invitation_lost(mail.email, mail.site_name))
        .say(message::email_invitation_lost_next())
        .say(message::email_invitation_lost_not_me())
}

pub fn waits(mail: &Content<'_>) -> Letter {
    let more = mail.waiting.saturating_sub(1);
    Letter::about(message::email_approval_needed_subject(mail.waiting))
        .say(message::email_approval_needed(mail.site_name))
        .facts([message::email_approval_needed_who(mail.first_waiting, more)])
        .button(message::email_approval_needed_button(), mail)
}

pub fn accepted(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_approved_subject())
        .say(message::email_approved(mail.email, mail.site_name))
        .button(message::sign_in(), mail)
}

pub fn refused(mail: &Content<'_>) -> Letter {
    Letter::about(message::email_declined_subject())
        .say(message::email_declined(mail.email, mail.site_name))
        .say(message::email_ask_why(mail.site_name))
}

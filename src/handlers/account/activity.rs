//! The activity page: the audit log entries that affect the user's own account.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::audit_event::{AuditEntry, Event, Outcome};
use crate::domain::id::UserId;

use crate::error::Result;
use crate::services::account::activity;
use crate::web::pages::list_pages::{PageLinks, cursor};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::wording::devices::device;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/activity.html")]
struct View {
    page: Page,
    entries: Vec<Listed>,
    links: PageLinks,
}

/// An entry as the page shows it.
struct Listed {
    what: &'static str,
    refused: bool,
    /// How often it happened within a minute.
    count: i64,
    at: String,
    /// The browser and IP address; for an administrator's act only that it was one.
    by: String,
}

/// `GET /profile/activity`: the latest entries, or with `?before={id}` those before that entry.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let before: Option<Uuid> = cursor(query.as_deref(), "before");
    let found = activity::page(&app, signed_in.session.user_id, before).await?;
    let user = signed_in.session.user_id;
    let entries = found.rows.iter().map(|entry| listed(user, entry)).collect();
    let list = addresses::PROFILE_ACTIVITY;
    let links = PageLinks::new(&app, list, "", "before", before.is_none(), found.next);
    Ok(View { page, entries, links }.into_response())
}

fn listed(user: UserId, entry: &AuditEntry) -> Listed {
    let by = if entry.is_by_another(user) {
        "by an administrator".to_owned()
    } else {
        format!("{}, from {}", device(&entry.user_agent).english(), entry.address)
    };
    Listed {
        what: in_words(entry.event, entry.outcome),
        refused: entry.outcome == Outcome::Refused,
        count: entry.count,
        at: entry.at.to_string(),
        by,
    }
}

#[expect(clippy::too_many_lines, reason = "a table with a line for each event")]
fn in_words(event: Event, outcome: Outcome) -> &'static str {
    let done = outcome == Outcome::Success;
    match event {
        Event::Registered if done => "Signed up",
        Event::Registered => "Somebody tried to sign up with your address",
        Event::FirstAdministratorCreated => "Account created as the first administrator",
        Event::EmailVerified => "Address confirmed",
        Event::SignUpDeclined => "Sign-up declined",
        Event::SignedIn if done => "Signed in",
        Event::SignedIn => "Sign-in refused: wrong password, or address not confirmed",
        Event::PasswordAccepted if done => "Right password at a sign-in; a code was asked for",
        Event::PasswordAccepted => {
            "Right password at a sign-in; two-factor authentication is required but not set up"
        }
        Event::CodeChecked if done => "Code entered in a session that had none",
        Event::CodeChecked => "Wrong code",
        Event::SignedOut => "Signed out",
        Event::PasswordResetRequested => "New password by mail asked for",
        Event::PasswordReset => "New password set by mail",
        Event::FirstPasswordSet => "First password set",
        Event::PasswordConfirmed if done => "Password confirmed",
        Event::PasswordConfirmed => "Wrong password when asked to confirm it",
        Event::ConfirmationCodeSent => "Code to confirm who you are sent by email",
        Event::ConfirmationCodeChecked if done => "Confirmed with a code from an email",
        Event::ConfirmationCodeChecked => "Wrong code from an email",
        Event::PasswordChanged if done => "Password changed",
        Event::PasswordChanged => "Change of password refused: wrong password",
        Event::PasswordSet => "Password set",
        Event::UsernameChanged => "Name changed",
        Event::EmailChangeRequested => "Change of address asked for",
        Event::EmailChangeWithdrawn => "Change of address called off",
        Event::EmailChanged => "Address changed",
        Event::SecondFactorEnabled => "Two-factor sign-in switched on",
        Event::AuthenticatorReplaced => "Authenticator app replaced",
        Event::SecondFactorDisabled => "Two-factor sign-in switched off",
        Event::RecoveryCodesRenewed => "New recovery codes made",
        Event::RecoveryCodesRemoved => "Recovery codes taken away",
        Event::RecoveryCodeUsed => "Recovery code used",
        Event::SessionEnded => "Ended another session",
        Event::OtherSessionsEnded => "Ended all other sessions",
        Event::SessionsMadeRoom => {
            "Signed out where you had not been for longest: too many sessions"
        }
        Event::AccountSecured => "‘This was not me’: everybody signed out, password taken away",
        Event::DataExported => "Data downloaded",
        Event::AccountDeleted => "Deleting the account refused: wrong password",
        Event::UserCreated => "Account made by an administrator",
        Event::UserImported => "Account taken over from another system",
        Event::UserDisabled => "Account closed",
        Event::UserEnabled => "Account opened again",
        Event::RolesChanged => "Roles changed",
        Event::HandleChanged => "Handle changed by an administrator",
        Event::SessionsEnded => "All sessions ended",
        Event::ResetLinkSent => "Link for a new password sent",
        Event::ConfirmationResent => "Mail to confirm the address sent again",
        Event::EmailVerifiedByAdministrator => "Email address confirmed by an administrator",
        Event::SecondFactorRemoved => "Two-factor sign-in taken off",
        Event::UserDeleted => "Account deleted",
        // These events do not concern a single user.
        Event::UsersImported => "Accounts imported",
        Event::UsersExported => "Accounts exported",
        Event::AuditExported => "Log downloaded",
        Event::BackupMade => "Backup made",
        Event::InvitationCreated => "Somebody invited",
        Event::InvitationRevoked => "Invitation revoked",
        Event::InvitationUsed => "Came by invitation",
        Event::ApprovalRequested => "The account waits for an administrator",
        Event::SignUpAccepted => "Accepted by an administrator",
        Event::SignUpRefused => "Refused by an administrator",
        Event::KeyRotated => "Signing key rotated",
        Event::KeyRevoked => "Signing key revoked",
        Event::RefreshTokenReused => "Session ended: a copy of its key was used",
    }
}

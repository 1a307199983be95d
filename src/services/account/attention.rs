//! What the owner of an account should look at: shown on the start page.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::email::mail_kind::MailKind;
use crate::domain::sign_in::demand::HeldCredentials;
use crate::domain::sign_in::session::Session;
use crate::domain::two_factor::recovery_code::FEW;
use crate::error::Result;
use crate::repositories::{outbox_list, recovery_codes};

/// How long a sign-in from a new device is shown.
const NEW_DEVICE_SHOWN_FOR: Duration = Duration::from_hours(7 * 24);

/// Something that needs the user's attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attention {
    /// The user was told by email about a sign-in from a new device, after this session began.
    NewDevice {
        /// When it happened.
        at: Timestamp,
        /// Its address.
        address: String,
        /// Its user agent.
        user_agent: String,
    },
    /// The address is not confirmed.
    EmailNotConfirmed,
    /// The account has no second factor.
    NoSecondFactor,
    /// Few recovery codes are left.
    FewRecoveryCodes(i64),
}

/// What needs attention, most urgent first.
pub async fn of(app: &App, session: &Session, held: HeldCredentials) -> Result<Vec<Attention>> {
    let mut all = Vec::new();
    let since = app.clock.now().before(NEW_DEVICE_SHOWN_FOR).max(session.created_at);
    let latest = outbox_list::latest_of(&app.db, session.user_id, MailKind::NewSignIn).await?;
    if let Some(mail) = latest.filter(|mail| mail.created_at > since) {
        let user_agent = mail.detail.unwrap_or_default();
        all.push(Attention::NewDevice { at: mail.created_at, address: mail.address, user_agent });
    }
    if session.email_verified_at.is_none() {
        all.push(Attention::EmailNotConfirmed);
    }
    if held.second_factor {
        let left = recovery_codes::count(&app.db, session.user_id).await?;
        if left < FEW {
            all.push(Attention::FewRecoveryCodes(left));
        }
    } else {
        all.push(Attention::NoSecondFactor);
    }
    Ok(all)
}

//! What the owner of an account should look at: shown on the start page.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::sign_in::demand::HeldCredentials;
use crate::domain::sign_in::session::{ListedSession, Session};
use crate::domain::two_factor::recovery_code::FEW;
use crate::error::Result;
use crate::repositories::{listed_sessions, recovery_codes};

/// How long a sign-in from a new device is shown.
const NEW_DEVICE_SHOWN_FOR: Duration = Duration::from_hours(7 * 24);

/// Something that needs the user's attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attention {
    /// A sign-in from a new device, after this session began.
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
    let user = session.user_id;
    let latest = listed_sessions::latest_of_new_devices(&app.db, user, since).await?;
    if let Some(ListedSession { created_at: at, address, user_agent, .. }) = latest {
        all.push(Attention::NewDevice { at, address, user_agent });
    }
    if session.email_verified_at.is_none() {
        all.push(Attention::EmailNotConfirmed);
    }
    if held.second_factor {
        let left = recovery_codes::count(&app.db, user).await?;
        if left < FEW {
            all.push(Attention::FewRecoveryCodes(left));
        }
    } else {
        all.push(Attention::NoSecondFactor);
    }
    Ok(all)
}

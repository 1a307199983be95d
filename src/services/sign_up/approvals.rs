//! Sign-ups that wait for an administrator (`REGISTRATION=approval`). Accepting and refusing is in `administration`.

use std::time::Duration;

use crate::app::App;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::UserId;
use crate::domain::source::Source;
use crate::error::Result;
pub use crate::repositories::sign_ups::Waiting;
use crate::repositories::{sign_ups, user_roles};
use crate::services::audit;
use crate::services::email::queue;

/// The least time between two emails to an administrator about waiting accounts. Each email is about all that wait when it is sent.
const PAUSE: Duration = Duration::from_mins(15);

/// Makes an account wait for a decision, and emails the administrators.
pub async fn ask(app: &App, tx: &mut Tx, user: UserId, source: &Source) -> Result<()> {
    let now = app.clock.now();
    for administrator in user_roles::administrators(tx).await? {
        queue::remind(app, tx, MailKind::SignUpWaits, &administrator, PAUSE, source).await?;
    }
    sign_ups::await_approval(tx, user, now).await?;
    audit::record(tx, Event::ApprovalRequested, Outcome::Success, Some(user), source, now).await
}

/// How many accounts wait, if any.
pub async fn waiting(app: &App) -> Result<Option<Waiting>> {
    sign_ups::waiting(&app.db).await
}

//! Sign-ups that an administrator has to accept (`REGISTRATION=approval`): who waits, and who is told. What is decided, `administration`
//! carries out.

use std::time::Duration;

use crate::app::App;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::UserId;
use crate::domain::source::Source;
use crate::error::Result;
pub use crate::repositories::users::Waiting;
use crate::repositories::{user_roles, users};
use crate::services::audit;
use crate::services::email::outbox;

/// The shortest time between two mails to an administrator about who waits: each speaks of all who wait when it leaves.
const PAUSE: Duration = Duration::from_mins(15);

/// Lets an account wait for a decision, and tells the administrators.
pub async fn ask(app: &App, tx: &mut Tx, user: UserId, source: &Source) -> Result<()> {
    let now = app.clock.now();
    for administrator in user_roles::administrators(tx).await? {
        outbox::remind(app, tx, MailKind::SignUpWaits, &administrator, PAUSE, source).await?;
    }
    users::await_approval(tx, user, now).await?;
    audit::record(tx, Event::ApprovalRequested, Outcome::Success, Some(user), source, now).await
}

/// Who waits, if anybody does.
pub async fn waiting(app: &App) -> Result<Option<Waiting>> {
    Ok(users::waiting(&app.db).await?)
}

//! Sign-ups that await approval (`REGISTRATION=approval`). `administration` approves or refuses them.

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

/// The minimum time between two emails to an administrator about accounts that await approval. Each email covers all of them.
const PAUSE: Duration = Duration::from_mins(15);

/// Makes an account await approval, and emails the administrators.
pub async fn ask(app: &App, tx: &mut Tx, user: UserId, source: &Source) -> Result<()> {
    let now = app.clock.now();
    for administrator in user_roles::administrators(tx).await? {
        queue::remind(app, tx, MailKind::SignUpWaits, &administrator, PAUSE, source).await?;
    }
    sign_ups::await_approval(tx, user, now).await?;
    audit::record(tx, Event::ApprovalRequested, Outcome::Success, Some(user), source, now).await
}

/// The accounts that await approval, if there are any.
pub async fn waiting(app: &App) -> Result<Option<Waiting>> {
    Ok(sign_ups::waiting(&app.db).await?)
}

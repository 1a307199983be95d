//! The limit of live sessions: a new one ends the one of its kind that was used longest ago.

use crate::app::App;
use crate::db::Tx;
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::{SessionId, UserId};
use crate::domain::paging::TimeCursor;
use crate::domain::sign_in::session::{MOST_LIVE, seen_since};
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::listed_sessions::LiveRange;
use crate::repositories::sessions;
use crate::services::audit::{self, Act};

/// Ends the sessions beyond [`MOST_LIVE`] that were used longest ago, but not `kept`.
pub async fn make_room(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    kind: SessionKind,
    kept: SessionId,
    source: &Source,
) -> Result<()> {
    let (now, idle) = (app.clock.now(), app.config.lifetimes.idle);
    let others = LiveRange {
        user,
        now,
        remembered_since: seen_since(true, idle, now),
        short_since: seen_since(false, idle, now),
        without: Some(kept),
        beside: TimeCursor::LATEST,
    };
    let ended = sessions::end_oldest(tx, &others, kind, MOST_LIVE - 1).await?;
    if ended > 0 {
        let (outcome, detail) = (Outcome::Success, AuditDetail::Sessions(ended).to_string());
        let (event, user) = (Event::SessionsMadeRoom, Some(user));
        let (actor, detail) = (user, Some(detail.as_str()));
        let act = Act { event, outcome, actor, subject: user, detail, source };
        audit::put(tx, &act, now).await?;
    }
    Ok(())
}

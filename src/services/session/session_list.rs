//! The live sessions of an account, page by page.

use crate::app::App;
use crate::domain::id::UserId;
use crate::domain::paging::{Direction, PageOf, PageRequest, TimeCursor, one_more};
use crate::domain::sign_in::session::{ListedSession, Session, seen_since};
use crate::error::Result;
use crate::repositories::listed_sessions::{self, LiveRange};

type SessionPage = PageOf<ListedSession, TimeCursor>;

/// The live sessions of an account after the cursor `after`, most recently seen first, at most `size`.
pub async fn after(
    app: &App,
    user: UserId,
    after: Option<TimeCursor>,
    size: usize,
) -> Result<SessionPage> {
    let range = LiveRange { beside: after.unwrap_or(TimeCursor::LATEST), ..all(app, user) };
    let found =
        listed_sessions::live_of_user(&app.db, &range, Direction::Forward, one_more(size)).await?;
    Ok(PageOf::cut(found, size, cursor))
}

/// A page of the live sessions of an account, most recently seen first.
pub async fn page(
    app: &App,
    user: UserId,
    request: PageRequest<TimeCursor>,
) -> Result<SessionPage> {
    let range = all(app, user);
    let read = |direction, beside, limit| read(app, range, direction, beside, limit);
    let found = PageOf::find(request, TimeCursor::LATEST, cursor, read).await?;
    found.counted(async |most| count(app, &range, most).await).await
}

/// The same for the owner in a browser: its own session comes first.
pub async fn own_page(
    app: &App,
    session: &Session,
    request: PageRequest<TimeCursor>,
) -> Result<SessionPage> {
    let range = LiveRange { without: Some(session.id), ..all(app, session.user_id) };
    let read = |direction, beside, limit| read(app, range, direction, beside, limit);
    let found = if let Some(found) = PageOf::later(request, cursor, &read).await? {
        found
    } else {
        let others = request.size - 1;
        let rows = read(Direction::Forward, TimeCursor::LATEST, one_more(others)).await?;
        let mut found = PageOf::cut(rows, others, cursor);
        let this = listed_sessions::find_listed(&app.db, session.id).await?;
        found.rows.splice(0..0, this);
        found
    };
    found.counted(async |most| Ok(1 + count(app, &range, most).await?)).await
}

fn cursor(session: &ListedSession) -> TimeCursor {
    TimeCursor { at: session.last_seen_at, id: session.id.0 }
}

/// All live sessions of an account.
fn all(app: &App, user: UserId) -> LiveRange {
    let (now, idle) = (app.clock.now(), app.config.lifetimes.idle);
    LiveRange {
        user,
        now,
        remembered_since: seen_since(true, idle, now),
        short_since: seen_since(false, idle, now),
        without: None,
        beside: TimeCursor::LATEST,
    }
}

async fn read(
    app: &App,
    range: LiveRange,
    direction: Direction,
    beside: TimeCursor,
    limit: i64,
) -> Result<Vec<ListedSession>> {
    let range = LiveRange { beside, ..range };
    Ok(listed_sessions::live_of_user(&app.db, &range, direction, limit).await?)
}

async fn count(app: &App, range: &LiveRange, most: i64) -> Result<i64> {
    Ok(listed_sessions::count_live_of_user(&app.db, range, most).await?)
}

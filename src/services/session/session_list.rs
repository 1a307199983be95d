//! The live sessions of an account, page by page.

use crate::app::App;
use crate::domain::id::{SessionId, UserId};
use crate::domain::paging::{PageOf, TimeCursor, one_more};
use crate::domain::sign_in::session::{ListedSession, Session, seen_since};
use crate::error::Result;
use crate::repositories::sessions::{self, LiveRange};

/// Sessions per page.
pub const PAGE: usize = 25;

type SessionPage = PageOf<ListedSession, TimeCursor>;

/// The live sessions of an account after the cursor `after`, most recently seen first, at most `size`.
pub async fn page(
    app: &App,
    user: UserId,
    after: Option<TimeCursor>,
    size: usize,
) -> Result<SessionPage> {
    except(app, user, None, after, size).await
}

/// The same for the owner in a browser: its own session comes first. A page on which every session has ended since is replaced by the first
/// one, which comes without `after`.
pub async fn own_page(
    app: &App,
    session: &Session,
    after: Option<TimeCursor>,
) -> Result<(SessionPage, Option<TimeCursor>)> {
    let (user, this) = (session.user_id, Some(session.id));
    if after.is_some() {
        let found = except(app, user, this, after, PAGE).await?;
        if !found.rows.is_empty() {
            return Ok((found, after));
        }
    }
    let mut found = except(app, user, this, None, PAGE - 1).await?;
    let this = sessions::find_listed(&app.db, session.id).await?;
    found.rows.splice(0..0, this);
    Ok((found, None))
}

async fn except(
    app: &App,
    user: UserId,
    without: Option<SessionId>,
    after: Option<TimeCursor>,
    size: usize,
) -> Result<SessionPage> {
    let (now, idle) = (app.clock.now(), app.config.lifetimes.idle);
    let range = LiveRange {
        user,
        now,
        remembered_since: seen_since(true, idle, now),
        short_since: seen_since(false, idle, now),
        without,
        before: after.unwrap_or(TimeCursor::LATEST),
    };
    let found = sessions::live_of_user(&app.db, &range, one_more(size)).await?;
    let cursor = |last: &ListedSession| TimeCursor { at: last.last_seen_at, id: last.id.0 };
    Ok(PageOf::cut(found, size, cursor))
}

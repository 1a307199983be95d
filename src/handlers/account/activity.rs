//! The activity page: the audit log entries that affect the user's own account.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::audit_event::{AuditEntry, Outcome};
use crate::domain::id::UserId;
use crate::domain::paging::PageRequest;
use crate::error::Result;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::Message;
use crate::services::account::activity;
use crate::web::pages::list_pages::{ListAddress, ListPages, When, request};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::wording::devices::device;
use crate::wording::events;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/activity.html")]
struct View {
    page: Page,
    entries: Vec<Listed>,
    pages: ListPages,
}

/// An entry as the page shows it.
struct Listed {
    /// The event, and how often it happened.
    what: Message,
    refused: bool,
    at: When,
    /// Device and IP address. `None` for what an administrator did.
    client: Option<(Message, String)>,
}

/// `GET /profile/activity`: the entries about the account, newest first.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let request: PageRequest<Uuid> = request(query.as_deref());
    let user = signed_in.session.user_id;
    let found = activity::page(&app, user, request).await?;
    let (path, list) = (addresses::PROFILE_ACTIVITY, ListAddress::default());
    let pages = ListPages::new(&app, &page.t, path, list, request.size, &found);
    let entries = found.rows.into_iter().map(|entry| listed(&page.t, user, entry)).collect();
    Ok(View { page, entries, pages }.into_response())
}

fn listed(t: &Localizer, user: UserId, entry: AuditEntry) -> Listed {
    let is_own = !entry.is_by_another(user);
    Listed {
        refused: entry.outcome == Outcome::Refused,
        what: events::line(entry.event, entry.outcome, entry.count, None),
        at: When::new(t, entry.at),
        client: is_own.then(|| (device(&entry.user_agent), entry.address)),
    }
}

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

use crate::error::Result;
use crate::i18n::message::{self, Message};
use crate::services::account::activity;
use crate::web::pages::list_pages::{PageLinks, cursor};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::wording::devices::device;
use crate::wording::events;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/activity.html")]
struct View {
    page: Page,
    entries: Vec<Listed>,
    links: PageLinks,
}

/// An entry as the page shows it.
struct Listed {
    /// The event, and how often it happened.
    what: Message,
    refused: bool,
    /// When, with device and IP address; of an administrator's act only that it was one.
    by: Message,
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
    let at = message::ago(entry.at);
    Listed {
        what: events::line(entry.event, entry.outcome, entry.count, None),
        refused: entry.outcome == Outcome::Refused,
        by: if entry.is_by_another(user) {
            message::activity_by_administrator(at)
        } else {
            message::activity_by(&entry.address, at, device(&entry.user_agent))
        },
    }
}

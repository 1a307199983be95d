//! The list of emails, with a filter by state.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use url::form_urlencoded;

use super::row::{EmailRow, state as state_name};
use crate::domain::addresses;
use crate::domain::email::mail_state::MailState;
use crate::domain::paging::{MOST_COUNTED, PageRequest, TimeCursor, Total};
use crate::i18n::localized::Localized;
use crate::services::email::overview;
use crate::web::pages::list_pages::{ListAddress, ListPages, query_of, request};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/emails.html")]
struct View {
    page: Page,
    state: Option<MailState>,
    /// Every state with its name.
    states: Vec<(MailState, Localized)>,
    emails: Vec<EmailRow>,
    /// How many emails failed; `None` if none did.
    failed: Option<Localized>,
    pages: ListPages,
    /// The address of the forms, which return to this page.
    action: String,
}

impl View {
    fn is_shown(&self, name: &str) -> bool {
        self.state.is_some_and(|state| state.name() == name)
    }
}

/// Which emails a page shows, and how many.
#[derive(Clone, Copy)]
pub struct EmailsShown {
    state: Option<MailState>,
    request: PageRequest<TimeCursor>,
}

impl EmailsShown {
    /// Reads the query. An unknown state means all emails.
    #[must_use]
    pub fn read(query: Option<&str>) -> Self {
        let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let state =
            fields.find(|(field, _)| field == STATE).and_then(|(_, it)| MailState::named(&it));
        Self { state, request: request(query) }
    }

    /// The query of the same page.
    #[must_use]
    pub fn query(self) -> String {
        let parts = [self.filters(), query_of(&self.request, "")];
        parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("&")
    }

    fn filters(self) -> String {
        self.state.map_or(String::new(), |state| format!("{STATE}={}", state.name()))
    }
}

impl View {
    /// Whether there is anything to do with one of these emails.
    fn has_failed(&self) -> bool {
        self.emails.iter().any(|it| it.failed)
    }
}

/// The ID that stands for all failed emails.
pub const ALL: &str = "all";

/// The name of the filter in the query.
const STATE: &str = "state";

/// `GET /admin/emails`: the emails, newest first.
pub async fn show(
    visit: Visit<Administrator>,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    view(&visit, page, EmailsShown::read(query.as_deref())).await
}

/// Renders the list, also after a form on it was refused.
pub async fn view(
    visit: &Visit<Administrator>,
    page: Page,
    shown: EmailsShown,
) -> Result<Response> {
    let EmailsShown { state, request } = shown;
    let (app, t) = (&visit.app, &page.t);
    let found = overview::page(app, state, request).await?;
    let filters = &shown.filters();
    let list = ListAddress { filters, ..ListAddress::default() };
    let view = View {
        state,
        states: MailState::ALL.map(|it| (it, t.say(&state_name(&app.config, it)))).into(),
        failed: match overview::failed(app).await? {
            Total::Exactly(0) => None,
            Total::Exactly(count) => Some(t.emails_failed(count)),
            Total::Many => Some(t.emails_failed_many(t.number(MOST_COUNTED).plain())),
        },
        pages: ListPages::new(app, t, addresses::EMAILS, list, request.size, &found),
        emails: found.rows.into_iter().map(|it| EmailRow::new(&app.config, t, it)).collect(),
        action: app.config.public_url.path(addresses::EMAILS_RETRY.with_query(&shown.query())),
        page,
    };
    Ok(view.into_response())
}

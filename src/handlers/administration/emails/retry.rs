//! Retrying failed emails.

use axum::extract::RawQuery;
use axum::response::{Response, Result};
use serde::Deserialize;
use uuid::Uuid;

use super::list::{ALL, EmailsShown, view};
use crate::domain::addresses;
use crate::domain::id::MailId;
use crate::i18n::message;
use crate::services::administration::email_retry;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::problem::Problem;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;

/// The field of the button.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RetryFields {
    /// The ID of an email, or [`ALL`].
    id: String,
}

/// `POST /admin/emails/retry`: with the query of a page of the list, returns to that page.
pub async fn submit(
    visit: Visit<Administrator>,
    page: Page,
    RawQuery(query): RawQuery,
    form: Form<RetryFields>,
) -> Result<Response> {
    let shown = EmailsShown::read(query.as_deref());
    form.answer(
        page,
        async |fields| retry(&visit, fields, shown).await,
        async |page, _, _| view(&visit, page, shown).await,
    )
    .await
}

async fn retry(
    visit: &Visit<Administrator>,
    fields: &RetryFields,
    shown: EmailsShown,
) -> Result<Response, Refused> {
    let list = addresses::EMAILS.with_query(&shown.query());
    let actor = visit.actor(visit.prove_first(list.clone()).await?);
    let mail = match fields.id.as_str() {
        ALL => None,
        id => Some(Uuid::parse_str(id).map(MailId).map_err(|_| Problem::not_found())?),
    };
    let retried = email_retry::retry_here(&visit.app, actor, mail).await;
    let text = match retried.map_err(Refused::instead)? {
        0 => message::emails_none_failed(),
        count => message::emails_retried(count),
    };
    Ok(visit.go_saying(list, text).await)
}

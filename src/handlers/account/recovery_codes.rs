//! New recovery codes, as a page and as a download.
//!
//! The codes are shown for ten minutes, in the session that created them, until the user has saved them. They are never stored.

use askama::Template;
use askama_web::WebTemplate;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::addresses;
use crate::domain::two_factor::recovery_code::{COUNT, RecoveryCode};
use crate::i18n::message;
use crate::services::two_factor::code_set::{self, SHOWN_FOR};
use crate::services::two_factor::second_factor;
use crate::web::forms::form::{Button, Form};
use crate::web::http::headers::FormLeadsTo;
use crate::web::http::problem::Problem;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/recovery_codes.html")]
struct View {
    page: Page,
    codes: Vec<String>,
    email: String,
    /// The address of this site.
    url: String,
    /// Now: when they can be saved.
    shown_at: Timestamp,
    /// The app that required two-factor authentication.
    application: Option<String>,
}

/// The fields of the download form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    codes: String,
}

/// `GET /profile/two-factor/recovery-codes`
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Result<Response> {
    let proven = visit.prove_first(addresses::PROFILE_RECOVERY_CODES).await?;
    let Some(codes) = code_set::shown(&visit.app, proven).await? else {
        return Ok(visit.go_to(addresses::PROFILE_TWO_FACTOR));
    };
    let codes = codes.iter().map(RecoveryCode::reveal).collect();
    let return_to = visit.state.return_to().await;
    let leads_to = return_to.and_then(|it| it.application().cloned());
    let application = leads_to.as_ref().map(ToString::to_string);
    let email = visit.signed_in().claims.email.to_string();
    let url = visit.app.config.public_url.to_string();
    let shown_at = visit.app.clock.now();
    let view = View { page, codes, email, url, shown_at, application };
    Ok(FormLeadsTo(view, leads_to).into_response())
}

/// `POST /profile/two-factor/recovery-codes/saved`
pub async fn saved(visit: Visit<SignedIn>, page: Page, form: Form<Button>) -> Result<Response> {
    form.answer(
        page,
        async |_| {
            code_set::saved(&visit.app, visit.session()).await?;
            let return_to = visit.state.take_return_to().await;
            Ok(match return_to {
                Some(_) => visit.go_on(return_to.as_ref()),
                None => visit.go_to(addresses::PROFILE_TWO_FACTOR),
            })
        },
        async |page, _, _| show(visit.clone(), page).await,
    )
    .await
}

/// `POST /profile/two-factor/recovery-codes/download`: the codes as a text file. The form contains them, because they are not stored.
/// Only codes of this account are accepted.
pub async fn download(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    let fields = form.genuine_or(|| {
        Problem::new(StatusCode::FORBIDDEN, message::recovery_codes_expired())
            .titled(message::error_expired_title())
    })?;
    let codes: Vec<RecoveryCode> =
        fields.codes.split_whitespace().take(COUNT).filter_map(RecoveryCode::parse).collect();
    if !second_factor::are_recovery_codes(&visit.app, visit.session().user_id, &codes).await? {
        let href = visit.app.config.public_url.path(addresses::PROFILE_TWO_FACTOR);
        let problem = Problem::new(StatusCode::GONE, message::recovery_codes_gone())
            .titled(message::recovery_codes_gone_title())
            .with_way_on(href, message::recovery_codes_renew());
        return Err(problem.into());
    }
    let (email, config) = (visit.signed_in().claims.email.as_str(), &visit.app.config);
    let url = config.public_url.to_string();
    let title = page.t.recovery_codes_file_title(email, &config.site_name, url).plain();
    let note = page.t.recovery_codes_file_note(visit.app.clock.now()).plain();
    let mut text = format!("{title}\n{note}\n\n");
    for code in &codes {
        text += &code.reveal();
        text.push('\n');
    }
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"authflow-recovery-codes.txt\""),
    ];
    Ok((headers, text).into_response())
}

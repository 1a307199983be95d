//! The email address of the account: changing it, and confirming the current one.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::{Deserialize, Serialize};

use crate::domain::account::email::EmailAddress;
use crate::domain::addresses::{self, Address};
use crate::domain::email::one_time_token::{CONFIRM_EMAIL_TTL, VERIFY_EMAIL_TTL};
use crate::i18n::message;
use crate::services::account::email_change::{self, RequestChangeError};
use crate::services::sign_up::confirmation::{self, ResendError};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::{Button, Form};
use crate::web::forms::refused::Refused;
use crate::web::http::problem::rounded;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

const PATH: Address = addresses::PROFILE_EMAIL;

/// The fields of the form.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    email: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/email.html")]
struct View<'a> {
    page: Page,
    fields: &'a Fields,
    errors: Errors,
    current: String,
    is_confirmed: bool,
    pending: Option<String>,
    is_draft: bool,
}

/// `GET /profile/email`
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Result<Response> {
    let draft: Option<Fields> = visit.take_draft(PATH).await;
    let is_draft = draft.is_some();
    let fields = draft.unwrap_or_default();
    view(&visit, page, &fields, is_draft, Errors::default()).await
}

/// `POST /profile/email`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| request(&visit, fields).await,
        async |page, fields, errors| view(&visit, page, fields, false, errors).await,
    )
    .await
}

async fn request(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let email = EmailAddress::parse(&fields.email);
    let email = email.map_err(|why| Refused::invalid("email", why))?;
    let proven = visit.prove_first_keeping(PATH, fields).await?;
    email_change::request(&visit.app, proven, &email, visit.source()).await?;
    // The page says that a link was sent, and where to.
    Ok(visit.go_to(PATH))
}

impl From<RequestChangeError> for Refused {
    fn from(error: RequestChangeError) -> Self {
        match error {
            RequestChangeError::Same => Self::invalid("email", message::email_same()),
            RequestChangeError::TooMany(wait) => {
                Self::too_many_of(message::too_many_email_changes, wait)
            }
            RequestChangeError::TooManyMails(wait) => {
                let why = message::email_too_many_to_address(rounded(wait));
                Self::too_many_for("email", why, wait)
            }
            RequestChangeError::Failed(error) => error.into(),
        }
    }
}

/// `POST /profile/email/confirm`: sends the email that confirms the current address.
pub async fn confirm(visit: Visit<SignedIn>, page: Page, form: Form<Button>) -> Result<Response> {
    let empty = Fields::default();
    form.answer(
        page,
        async |_| resend(&visit).await,
        async |page, _, errors| view(&visit, page, &empty, false, errors).await,
    )
    .await
}

async fn resend(visit: &Visit<SignedIn>) -> Result<Response, Refused> {
    let email = &visit.signed_in().claims.email;
    let sent = confirmation::resend(&visit.app, visit.session().user_id, visit.source()).await;
    let text = match sent {
        Ok(()) => message::email_confirmation_sent(email.as_str(), VERIFY_EMAIL_TTL),
        Err(ResendError::Confirmed) => message::email_already_confirmed(email.as_str()),
        Err(ResendError::TooMany(wait)) => {
            return Err(Refused::too_many_of(message::too_many_emails, wait));
        }
        Err(ResendError::Failed(error)) => return Err(Refused::instead(error)),
    };
    Ok(visit.go_saying(PATH, text).await)
}

/// `POST /profile/email/withdraw`
pub async fn withdraw(visit: Visit<SignedIn>, page: Page, form: Form<Button>) -> Result<Response> {
    let empty = Fields::default();
    form.answer(
        page,
        async |_| {
            let done = email_change::withdraw(&visit.app, visit.session(), visit.source()).await;
            done.map_err(Refused::instead)?;
            Ok(visit.go_saying(PATH, message::email_unchanged()).await)
        },
        async |page, _, errors| view(&visit, page, &empty, false, errors).await,
    )
    .await
}

async fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    fields: &Fields,
    is_draft: bool,
    errors: Errors,
) -> Result<Response> {
    let pending = if page.is_our_fault {
        None
    } else {
        email_change::pending(&visit.app, visit.session().user_id).await?
    };
    let claims = &visit.signed_in().claims;
    let view = View {
        page,
        fields,
        errors,
        current: claims.email.to_string(),
        is_confirmed: claims.email_verified,
        pending: pending.map(|change| change.new_email.to_string()),
        is_draft,
    };
    Ok(view.into_response())
}

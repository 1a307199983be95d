//! Moving the account to another address.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::addresses::{self, Address};
use crate::error::Result;
use crate::services::account::email_change::{self, RequestChangeError};
use crate::services::sign_up::confirmation::{self, ResendError};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::{retry_after, too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form};
use crate::web::identity::{SignedIn, confirm_first, is_proven};
use crate::web::page::{Page, go_to};

const PATH: Address = addresses::PROFILE_EMAIL;

/// The form.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    email: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/email.html")]
struct View {
    page: Page,
    fields: Fields,
    errors: Errors,
    current: String,
    is_confirmed: bool,
    pending: Option<String>,
    is_draft: bool,
}

/// `GET /profile/email`
pub async fn show(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    state: BrowserState,
    page: Page,
) -> Result<Response> {
    let session = signed_in.session.id;
    let draft = if client.is_navigation { state.take_draft(session, PATH).await } else { None };
    let is_draft = draft.is_some();
    let fields = draft.unwrap_or_default();
    let view = view(&app, &signed_in, page, fields, Errors::default()).await?;
    Ok(View { is_draft, ..view }.into_response())
}

/// `POST /profile/email`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(fields) => {
            let view = view(&app, &signed_in, page.out_of_date(), fields, errors).await?;
            return Ok((StatusCode::FORBIDDEN, view).into_response());
        }
    };
    let Some(email) = errors.check("email", EmailAddress::parse(&fields.email)) else {
        let view = view(&app, &signed_in, page, fields, errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
    };
    if !is_proven(&app, &signed_in, &state).await {
        state.set_draft(signed_in.session.id, PATH, &fields).await;
        return Ok(confirm_first(&app, PATH));
    }
    Ok(match email_change::request(&app, &signed_in.session, &email, &client.source).await {
        Ok(()) => {
            let text = format!(
                "A mail is on its way to {email}. Open the link in it within an hour; until then your address stays as it is."
            );
            state.set_flash(&text).await;
            go_to(&app, PATH)
        }
        Err(RequestChangeError::Same) => {
            errors.add("email", RequestChangeError::Same.to_string());
            let view = view(&app, &signed_in, page, fields, errors).await?;
            (StatusCode::UNPROCESSABLE_ENTITY, view).into_response()
        }
        Err(RequestChangeError::TooMany(wait)) => {
            let view = view(&app, &signed_in, page.clone(), fields, errors).await?;
            too_many_with_form("changes of address", wait, |why| View {
                page: page.with_alert(why),
                ..view
            })
        }
        Err(RequestChangeError::TooManyMails(wait)) => {
            errors.add(
                "email",
                "This address has had several such mails from us lately. Try again later.",
            );
            let view = view(&app, &signed_in, page, fields, errors).await?;
            let mut response = (StatusCode::TOO_MANY_REQUESTS, view).into_response();
            retry_after(&mut response, wait);
            response
        }
        Err(RequestChangeError::Failed(error)) => trouble_with_form(&error, |why| View {
            page: page.with_alert(why),
            fields,
            errors,
            current: signed_in.claims.email.to_string(),
            is_confirmed: signed_in.claims.email_verified,
            pending: None,
            is_draft: false,
        }),
    })
}

/// A form with nothing but a button.
#[derive(Debug, Deserialize)]
pub struct Button {}

/// `POST /profile/email/confirm`: sends the email that confirms the address which the account has.
pub async fn confirm(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    state: BrowserState,
    page: Page,
    form: Form<Button>,
) -> Result<Response> {
    let again =
        async |page: Page| view(&app, &signed_in, page, Fields::default(), Errors::default()).await;
    if let Form::Stale(_) = form {
        let view = again(page.out_of_date()).await?;
        return Ok((StatusCode::FORBIDDEN, view).into_response());
    }
    let email = &signed_in.claims.email;
    match confirmation::resend(&app, signed_in.session.user_id, &client.source).await {
        Ok(()) => {
            let text = format!("We sent an email to {email}. Open the link in it within 24 hours.");
            state.set_flash(&text).await;
        }
        Err(ResendError::Confirmed) => {
            state.set_flash(&format!("{email} is confirmed.")).await;
        }
        Err(ResendError::TooMany(wait)) => {
            let view = again(page.clone()).await?;
            return Ok(too_many_with_form("emails", wait, |why| View {
                page: page.with_alert(why),
                ..view
            }));
        }
        Err(ResendError::Failed(error)) => return Err(error),
    }
    Ok(go_to(&app, PATH))
}

/// `POST /profile/email/withdraw`
pub async fn withdraw(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    state: BrowserState,
    page: Page,
    form: Form<Button>,
) -> Result<Response> {
    if let Form::Stale(_) = form {
        let (page, fields) = (page.out_of_date(), Fields::default());
        let view = view(&app, &signed_in, page, fields, Errors::default()).await?;
        return Ok((StatusCode::FORBIDDEN, view).into_response());
    }
    email_change::withdraw(&app, &signed_in.session, &client.source).await?;
    let text = format!("Your address stays {}.", signed_in.claims.email);
    state.set_flash(&text).await;
    Ok(go_to(&app, PATH))
}

async fn view(
    app: &App,
    signed_in: &SignedIn,
    page: Page,
    fields: Fields,
    errors: Errors,
) -> Result<View> {
    let pending = email_change::pending(app, signed_in.session.user_id).await?;
    let current = signed_in.claims.email.to_string();
    let pending = pending.map(|change| change.new_email.to_string());
    let is_confirmed = signed_in.claims.email_verified;
    Ok(View { page, fields, errors, current, is_confirmed, pending, is_draft: false })
}

//! Signing up, with or without an invitation.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::config::Registration;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::invitation::Invitation;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::i18n::language::Language;
use crate::i18n::message;
use crate::services::sign_up::by_invitation;
use crate::services::sign_up::registration::{self, SignUp, SignUpError, SignedUp, SigningUp};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::headers::FormLeadsTo;
use crate::web::http::problem::Problem;
use crate::web::pages::emailed_link::EmailedToken;
use crate::web::pages::page::Page;
use crate::web::visitor::reader;
use crate::web::visitor::return_to::Carried;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    username: String,
    email: String,
    password: String,
    confirm_password: String,
    return_to: Carried,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_up/register.html")]
struct View<'a> {
    page: Page,
    fields: &'a Fields,
    errors: Errors,
    min_length: usize,
    /// Whether an administrator has to approve the account.
    by_approval: bool,
    /// The token of the invitation, if the visitor opened its link.
    invitation: Option<String>,
}

/// A valid invitation and the token in its link.
struct Invited {
    invitation: Invitation,
    token: OneTimeToken,
}

/// `GET /auth/register`
pub async fn show(visit: Visit, page: Page, RawQuery(query): RawQuery) -> Result<Response> {
    let return_to = visit.return_to_of(addresses::REGISTER, query.as_deref()).await?;
    if visit.who.signed_in().is_some() {
        return Ok(visit.go_on(return_to.as_ref()));
    }
    if !visit.app.config.registration.admits(false) {
        return Err(visit.registration_closed().into());
    }
    let fields = Fields { return_to: return_to.into(), ..Fields::default() };
    Ok(view(&visit, page, &fields, Errors::default(), None))
}

/// `GET /auth/invitation/{token}`: sign-up with an invitation. Opening it changes nothing, because mail scanners open links.
pub async fn show_invited(
    visit: Visit,
    mut page: Page,
    EmailedToken(token): EmailedToken,
) -> Result<Response> {
    let invited = invited(&visit, token).await?;
    if visit.who.signed_in().is_some() {
        return Err(visit.already_signed_in(message::invitation_signed_in()).into());
    }
    let language = invited.invitation.language.as_deref();
    reader::suggest(&visit.app, &visit.cookies, &mut page.t, language);
    let reader = page.t.clone();
    let email = invited.invitation.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let fields = Fields { email, ..Fields::default() };
    let mut response = view(&visit, page, &fields, Errors::default(), Some(&invited));
    reader::label(&mut response, &reader);
    Ok(response)
}

/// `POST /auth/register`
pub async fn submit(visit: Visit, page: Page, form: Form<Fields>) -> Result<Response> {
    take(&visit, page, &form, None).await
}

/// `POST /auth/invitation/{token}`
pub async fn submit_invited(
    visit: Visit,
    page: Page,
    EmailedToken(token): EmailedToken,
    form: Form<Fields>,
) -> Result<Response> {
    let invited = invited(&visit, token).await?;
    take(&visit, page, &form, Some(&invited)).await
}

async fn invited(visit: &Visit, token: Option<OneTimeToken>) -> Result<Invited> {
    let found = match token {
        Some(token) => by_invitation::find_by_link(&visit.app, &token)
            .await?
            .map(|invitation| Invited { invitation, token }),
        None => None,
    };
    let Some(invited) = found else {
        return Err(invitation_gone(visit).into());
    };
    Ok(invited)
}

fn invitation_gone(visit: &Visit) -> Problem {
    visit.refuse_sign_up(StatusCode::GONE, message::invitation_gone())
}

async fn take(
    visit: &Visit,
    page: Page,
    form: &Form<Fields>,
    invited: Option<&Invited>,
) -> Result<Response> {
    let language = page.t.language;
    form.answer(
        page,
        async |fields| act(visit, language, fields, invited).await,
        async |page, fields, errors| Ok(view(visit, page, fields, errors, invited)),
    )
    .await
}

async fn act(
    visit: &Visit,
    language: &Language,
    fields: &Fields,
    invited: Option<&Invited>,
) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let username = errors.check("username", Username::parse(&fields.username));
    let email = errors.check("email", EmailAddress::parse(&fields.email));
    let invitation = invited.map(|it| &it.invitation);
    if let (Some(invitation), Some(email)) = (invitation, &email)
        && !invitation.is_for(email)
    {
        errors.add("email", message::invitation_for_another());
    }
    let is_repeated = fields.password == fields.confirm_password;
    let (Some(username), Some(email), true, true) =
        (&username, &email, errors.is_empty(), is_repeated)
    else {
        let (password, source) = (&fields.password, visit.source());
        let (name, address) = (username.as_ref(), email.as_ref());
        let judged =
            registration::judge_password(&visit.app, password, name, address, source).await?;
        errors.check_new_password(judged, password, &fields.confirm_password);
        return Err(errors.into());
    };
    let (password, language) = (&*fields.password, Some(&*language.code));
    let sign_up =
        SignUp { username, email, password, invitation, language, source: visit.source() };
    let return_to = fields.return_to.parse(&visit.app.config);
    let browser = SigningUp { earlier: visit.state.sign_up().await, replaces: visit.who.session() };
    let signed_up = registration::sign_up(&visit.app, &sign_up, browser).await;
    Ok(match signed_up.map_err(|error| refused(visit, error))? {
        SignedUp::CheckMail(user) => {
            visit.state.set_sign_up(user).await;
            visit.state.set_return_to(return_to.as_ref()).await;
            visit.go_to(addresses::CHECK_MAIL)
        }
        SignedUp::Ready(signed_in) => {
            visit.sign_in(signed_in).await;
            visit.state.set_flash(message::sign_up_welcome()).await;
            visit.go_on(return_to.as_ref())
        }
        SignedUp::AwaitsApproval => visit.go_to(addresses::AWAITING_APPROVAL),
    })
}

fn refused(visit: &Visit, error: SignUpError) -> Refused {
    match error {
        SignUpError::Closed | SignUpError::NeedsInvitation => visit.registration_closed().into(),
        SignUpError::InvalidInvitation => invitation_gone(visit).into(),
        SignUpError::Password(why) => Refused::invalid("password", why),
        SignUpError::Taken => Refused::invalid("email", message::sign_up_email_taken()),
        SignUpError::TooMany(wait) => Refused::too_many_of(message::too_many_sign_ups, wait),
        SignUpError::Failed(error) => error.into(),
    }
}

/// Renders the page. Its policy allows the form to redirect to the guarded app of the return address.
fn view(
    visit: &Visit,
    page: Page,
    fields: &Fields,
    errors: Errors,
    invited: Option<&Invited>,
) -> Response {
    let config = &visit.app.config;
    let invitation = invited.map(|it| it.token.reveal());
    let by_approval = invited.is_none() && config.registration == Registration::Approval;
    let min_length = config.passwords.min_length;
    let return_to = fields.return_to.parse(config);
    let leads_to = return_to.and_then(|it| it.application().cloned());
    let view = View { page, fields, errors, min_length, by_approval, invitation };
    FormLeadsTo(view, leads_to).into_response()
}

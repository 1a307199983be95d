//! Signing up: for everybody, or by an invitation.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::config::Registration;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::invitation::Invitation;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::sign_in::password::Password;
use crate::error::Result;
use crate::handlers::sign_in::login;
use crate::services::sign_up::by_invitation;
use crate::services::sign_up::registration::{self, SignUp, SignUpError, SignedUp, SigningUp};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::{Problem, too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form, check_repeated};
use crate::web::headers::FormLeadsTo;
use crate::web::identity::{Visitor, sign_in_browser};
use crate::web::page::{Page, go_to};
use crate::web::return_to::{Carried, ReturnTo};

/// The form.
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
struct View {
    page: Page,
    fields: Fields,
    errors: Errors,
    min_length: usize,
    /// Whether an administrator accepts the account before it can be used.
    by_approval: bool,
    /// The token of the invitation by whose link somebody came.
    invitation: Option<String>,
}

impl View {
    /// The page, whose form may lead on to a guarded application.
    fn leading_on(self, app: &App) -> FormLeadsTo<Self> {
        let return_to = self.fields.return_to.parse(&app.config);
        FormLeadsTo(self, return_to.and_then(|it| it.application().cloned()))
    }
}

/// `GET /auth/register`
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    page: Page,
    RawQuery(query): RawQuery,
) -> Response {
    let return_to = ReturnTo::from_query(&app.config, query.as_deref());
    if visitor.signed_in().is_some() {
        return login::go_on(&app, return_to);
    }
    if !app.config.registration.admits(false) {
        return shut_out(&app);
    }
    let min_length = app.config.passwords.min_length;
    let fields = Fields { return_to: return_to.into(), ..Fields::default() };
    let errors = Errors::default();
    let by_approval = app.config.registration == Registration::Approval;
    View { page, fields, errors, min_length, by_approval, invitation: None }
        .leading_on(&app)
        .into_response()
}

/// `GET /auth/invitation/{token}`: the same by an invitation. Changes nothing: mail scanners may look.
pub async fn show_invited(
    State(app): State<App>,
    visitor: Visitor,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    let Some(invitation) = invited(&app, &token).await? else { return Ok(gone(&app)) };
    if visitor.signed_in().is_some() {
        let text = "You are signed in, so you have an account already. To make another one by this invitation, sign out first.";
        let href = app.config.public_url.path(addresses::DASHBOARD);
        let problem = Problem::new(StatusCode::CONFLICT, text).with_way_on(href, "Dashboard");
        return Ok(problem.into_response());
    }
    let email = invitation.email.map(|email| email.to_string()).unwrap_or_default();
    let (fields, errors) = (Fields { email, ..Fields::default() }, Errors::default());
    let min_length = app.config.passwords.min_length;
    let view =
        View { page, fields, errors, min_length, by_approval: false, invitation: Some(token) };
    Ok(view.into_response())
}

/// What is known of the browser that sends the form.
type Visit = (Client, Visitor, Cookies, BrowserState, Page);

/// `POST /auth/register`
pub async fn submit(State(app): State<App>, visit: Visit, form: Form<Fields>) -> Response {
    take(&app, visit, form, None).await
}

/// `POST /auth/invitation/{token}`
pub async fn submit_invited(
    State(app): State<App>,
    visit: Visit,
    Path(token): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    let Some(invitation) = invited(&app, &token).await? else { return Ok(gone(&app)) };
    Ok(take(&app, visit, form, Some((invitation, token))).await)
}

async fn invited(app: &App, token: &str) -> Result<Option<Invitation>> {
    match OneTimeToken::parse(token) {
        Some(token) => by_invitation::find_by_link(app, &token).await,
        None => Ok(None),
    }
}

async fn take(
    app: &App,
    (client, visitor, cookies, state, page): Visit,
    form: Form<Fields>,
    invitation: Option<(Invitation, String)>,
) -> Response {
    let min_length = app.config.passwords.min_length;
    let (invitation, token) = invitation.unzip();
    let by_approval = token.is_none() && app.config.registration == Registration::Approval;
    let draw = |page, fields, errors| {
        View { page, fields, errors, min_length, by_approval, invitation: token.clone() }
            .leading_on(app)
    };
    let mut errors = Errors::default();
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(fields) => {
            return (StatusCode::FORBIDDEN, draw(page.out_of_date(), fields, errors))
                .into_response();
        }
    };
    let username = errors.check("username", Username::parse(&fields.username));
    let email = errors.check("email", EmailAddress::parse(&fields.email));
    let typed = errors.check("password", Password::parse(&fields.password));
    check_repeated(&mut errors, &fields.password, &fields.confirm_password);
    let (Some(username), Some(email), Some(_), true) = (username, email, typed, errors.is_empty())
    else {
        return (StatusCode::UNPROCESSABLE_ENTITY, draw(page, fields, errors)).into_response();
    };

    let sign_up = SignUp {
        username: &username,
        email: &email,
        password: &fields.password,
        invitation: invitation.as_ref(),
        source: &client.source,
    };
    let return_to = fields.return_to.parse(&app.config);
    let browser = SigningUp { earlier: state.sign_up().await, replaces: visitor.session() };
    let (field, why) = match registration::sign_up(app, &sign_up, browser).await {
        Ok(SignedUp::CheckMail(user)) => {
            state.set_sign_up(user).await;
            state.set_return_to(return_to.as_ref()).await;
            return go_to(app, addresses::CHECK_MAIL);
        }
        Ok(SignedUp::Ready(signed_in)) => {
            sign_in_browser(app, &cookies, &signed_in);
            state.set_flash("Welcome! Your account is ready.").await;
            return login::go_on(app, return_to);
        }
        Ok(SignedUp::AwaitsApproval) => return go_to(app, addresses::AWAITING_APPROVAL),
        Err(SignUpError::Closed | SignUpError::NeedsInvitation) => return shut_out(app),
        Err(SignUpError::InvalidInvitation) => (
            "email",
            "The invitation is for another address, or does not work any more.".to_owned(),
        ),
        Err(SignUpError::Password(why)) => ("password", why.to_string()),
        Err(SignUpError::Taken) => {
            ("email", "This address has an account already. Sign in instead.".to_owned())
        }
        Err(SignUpError::TooMany(wait)) => {
            let again = |text| draw(page.with_alert(text), fields, errors);
            return too_many_with_form("sign-ups from your network", wait, again);
        }
        Err(SignUpError::Failed(error)) => {
            return trouble_with_form(&error, |text| draw(page.with_alert(text), fields, errors));
        }
    };
    errors.add(field, why);
    (StatusCode::UNPROCESSABLE_ENTITY, draw(page, fields, errors)).into_response()
}

/// What someone reads whose sign-up `REGISTRATION` does not allow, at its beginning or at its end.
#[must_use]
pub fn shut_out(app: &App) -> Response {
    let text = match app.config.registration {
        Registration::Invite => {
            "You need an invitation to create an account here. Open the link in it, or ask the site's administrator for one."
        }
        _ => "This site does not take new accounts. Ask its administrator.",
    };
    refuse(app, StatusCode::FORBIDDEN, text)
}

fn gone(app: &App) -> Response {
    let text = "This invitation has been used or revoked, or it has expired. Ask the person who sent it for a new one.";
    refuse(app, StatusCode::GONE, text)
}

fn refuse(app: &App, status: StatusCode, text: &str) -> Response {
    let href = app.config.public_url.path(addresses::SIGN_IN);
    Problem::new(status, text).with_way_on(href, "Sign in").into_response()
}

//! Signing up.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::config::Registration;
use crate::domain::email::EmailAddress;
use crate::domain::password::Password;
use crate::domain::username::Username;
use crate::handlers::login;
use crate::services::registration::{self, SignUp, SignUpError, SignedUp, SigningUp};
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
#[template(path = "pages/register.html")]
struct View {
    page: Page,
    fields: Fields,
    errors: Errors,
    min_length: usize,
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
    if app.config.registration == Registration::Closed {
        return closed(&app);
    }
    let min_length = app.config.passwords.min_length;
    let fields = Fields { return_to: return_to.into(), ..Fields::default() };
    View { page, fields, errors: Errors::default(), min_length }.leading_on(&app).into_response()
}

/// `POST /auth/register`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    visitor: Visitor,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Response {
    let min_length = app.config.passwords.min_length;
    let mut errors = Errors::default();
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(fields) => {
            let view = View { page: page.out_of_date(), fields, errors, min_length };
            return (StatusCode::FORBIDDEN, view.leading_on(&app)).into_response();
        }
    };
    let username = errors.check("username", Username::parse(&fields.username));
    let email = errors.check("email", EmailAddress::parse(&fields.email));
    let typed = errors.check("password", Password::parse(&fields.password));
    check_repeated(&mut errors, &fields.password, &fields.confirm_password);
    let (Some(username), Some(email), Some(_), true) = (username, email, typed, errors.is_empty())
    else {
        let view = View { page, fields, errors, min_length };
        return (StatusCode::UNPROCESSABLE_ENTITY, view.leading_on(&app)).into_response();
    };

    let sign_up = SignUp {
        username: &username,
        email: &email,
        password: &fields.password,
        source: &client.source,
    };
    let return_to = fields.return_to.parse(&app.config);
    let browser = SigningUp { earlier: state.sign_up().await, replaces: visitor.session() };
    match registration::sign_up(&app, &sign_up, browser).await {
        Ok(SignedUp::CheckMail(user)) => {
            state.set_sign_up(user).await;
            state.set_return_to(return_to.as_ref()).await;
            go_to(&app, "/auth/check-mail")
        }
        Ok(SignedUp::Ready(signed_in)) => {
            sign_in_browser(&app, &cookies, &signed_in);
            state.set_flash("Welcome! Your account is ready.").await;
            login::go_on(&app, return_to)
        }
        Err(SignUpError::Closed) => closed(&app),
        Err(SignUpError::Password(why)) => {
            errors.add("password", why.to_string());
            let view = View { page, fields, errors, min_length };
            (StatusCode::UNPROCESSABLE_ENTITY, view.leading_on(&app)).into_response()
        }
        Err(SignUpError::Taken) => {
            errors.add("email", "This address has an account already. Sign in instead.");
            let view = View { page, fields, errors, min_length };
            (StatusCode::UNPROCESSABLE_ENTITY, view.leading_on(&app)).into_response()
        }
        Err(SignUpError::TooMany(wait)) => {
            too_many_with_form("sign-ups from your network", wait, |text| {
                View { page: page.with_alert(text), fields, errors, min_length }.leading_on(&app)
            })
        }
        Err(SignUpError::Failed(error)) => trouble_with_form(&error, |text| {
            View { page: page.with_alert(text), fields, errors, min_length }.leading_on(&app)
        }),
    }
}

fn closed(app: &App) -> Response {
    let href = format!("{}/auth/login", app.config.public_url.base());
    Problem::new(
        StatusCode::FORBIDDEN,
        "New accounts cannot be made here. Ask whoever runs this site.",
    )
    .with_way_on(href, "Sign in")
    .into_response()
}

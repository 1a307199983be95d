//! Who is visiting: the refresh cookie becomes verified claims, or none.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::account::role::ADMIN;
use crate::domain::addresses::{self, SitePath};
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::access_token::Claims;
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::session::{EndReason, Session};
use crate::services::session::access_tokens;
use crate::services::session::session_management::{self, FreshProof, FreshToken, Resumed};
use crate::services::sign_in::completion::CompletedSignIn;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::{Cookies, Name};
use crate::web::error::Problem;
use crate::web::form::Form;
use crate::web::page::go_to;

/// Who is visiting.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Nobody known.
    Anonymous,
    /// Somebody whose session has ended early and who may not know.
    Ended(EndReason),
    /// Somebody signed in.
    SignedIn(SignedIn),
}

/// Somebody signed in. As an extractor: the page is for nobody else.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Arc<Session>,
    /// What this request may claim; the same that an access token would say.
    pub claims: Arc<Claims>,
}

impl Visitor {
    /// Whoever is signed in.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            Self::Anonymous | Self::Ended(_) => None,
        }
    }

    /// The session that a new sign-in in this browser takes the place of.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.signed_in().map(|it| it.session.id)
    }

    /// Why a session ended that its owner did not end, in a sentence.
    #[must_use]
    pub fn why_ended(&self) -> Option<&'static str> {
        match self {
            Self::Ended(EndReason::Copied) => Some(COPIED),
            Self::Ended(EndReason::PasswordReset) => Some(
                "You were signed out because the password of your account was set anew. Sign in with the new one.",
            ),
            Self::Ended(EndReason::PasswordChanged) => Some(
                "You were signed out because the password of your account was changed. Sign in with the new one.",
            ),
            Self::Ended(EndReason::EmailChanged) => Some(
                "You were signed out because the address of your account was changed. Sign in with the new one.",
            ),
            Self::Ended(EndReason::SecondFactorChanged) => Some(
                "You were signed out because two-factor sign-in was changed in another browser.",
            ),
            Self::Ended(EndReason::Revoked) => {
                Some("This session was ended from another browser in which you are signed in.")
            }
            Self::Ended(EndReason::Secured) => Some(
                "Somebody with access to your mail told us that something in your account was not them, so everybody was signed out. \
                 The old password does not work any more: set a new one.",
            ),
            Self::Ended(EndReason::EndedByAdministrator) => {
                Some("You were signed out by an administrator of this site. You can sign in again.")
            }
            Self::Ended(EndReason::AccountDisabled) => Some(
                "Your account has been closed by an administrator of this site. If that is a mistake, ask whoever runs it.",
            ),
            Self::Ended(EndReason::SignedOut | EndReason::Replaced)
            | Self::Anonymous
            | Self::SignedIn(_) => None,
        }
    }
}

const COPIED: &str = "We ended this session because an old copy of its key was used. Somebody may have copied this browser's \
                      data, or it was restored from a backup. Sign in again; if you did not expect this, set a new password.";

/// Middleware: recognises the visitor for everything behind it, and renews the cookie where that is due. The cookie of a
/// session that is not live is left alone.
pub async fn recognise(
    State(app): State<App>,
    client: Client,
    cookies: Cookies,
    mut request: Request,
    next: Next,
) -> Response {
    let resumed = match cookies.get(Name::Refresh) {
        None => Ok(Resumed::Anonymous),
        Some(token) => {
            session_management::resume(&app, &token, client.is_navigation, &client.source).await
        }
    };
    let visitor = match resumed {
        Ok(Resumed::Anonymous) => Visitor::Anonymous,
        Ok(Resumed::Ended(reason)) => Visitor::Ended(reason),
        Ok(Resumed::SignedIn { session, send }) => {
            if let Some(token) = send {
                send_refresh(&app, &cookies, &token);
            }
            let claims = Arc::new(access_tokens::claims(&app, &session));
            Visitor::SignedIn(SignedIn { session: session.into(), claims })
        }
        Err(error) => {
            if request.method() == Method::POST {
                // Read for what it holds: the person gets it back.
                let _ = Form::<BTreeMap<String, String>>::from_request(request, &app).await;
            }
            return error.into_response(); // never a sign-out
        }
    };
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

/// Puts a refresh token into the browser's cookie, which ends with the session at the latest.
pub fn send_refresh(app: &App, cookies: &Cookies, token: &FreshToken) {
    let until = token.remember.then_some(token.expires_at);
    cookies.set(Name::Refresh, token.token.reveal(), until, app.clock.now());
}

/// After a sign-in: the session's cookie, and the browser remembered as one that the account knows.
pub fn sign_in_browser(app: &App, cookies: &Cookies, signed_in: &CompletedSignIn) {
    send_refresh(app, cookies, &signed_in.token);
    remember_device(app, cookies, signed_in.user, signed_in.credential_version);
}

/// Remembers the browser as one that the account knows, with the credentials of today.
pub fn remember_device(app: &App, cookies: &Cookies, user: UserId, credential_version: i64) {
    let device = device(app, cookies).unwrap_or_else(|| Device::new(app.clock.now()));
    send_device(app, cookies, &device.with(user, credential_version));
}

/// Forgets that the account was ever used in this browser.
pub fn forget_device(app: &App, cookies: &Cookies, user: UserId) {
    if let Some(device) = device(app, cookies) {
        send_device(app, cookies, &device.without(user));
    }
}

fn send_device(app: &App, cookies: &Cookies, device: &Device) {
    let now = app.clock.now();
    let until = now.after(DEVICE_LIFETIME);
    cookies.set(Name::Device, &device.to_cookie(&app.secrets.device), Some(until), now);
}

/// Whether this browser has shown lately enough who sits before it to do something sensitive.
pub async fn is_proven(app: &App, signed_in: &SignedIn, state: &BrowserState) -> bool {
    let session = &signed_in.session;
    session.is_fresh(app.clock.now())
        && (session.is_proven_by_sign_in()
            || state.has_proof(session.id, session.authenticated_at).await)
}

/// After a proof: the session's next token, and the note of it in this browser.
pub async fn take_proof(
    app: &App,
    cookies: &Cookies,
    state: &BrowserState,
    signed_in: &SignedIn,
    proof: FreshProof,
) {
    if let Some(token) = proof.send {
        send_refresh(app, cookies, &token);
    }
    state.set_proof(signed_in.session.id, proof.at).await;
}

/// Sends the person to confirm the password, and from there back to `path`.
#[must_use]
pub fn confirm_first(app: &App, path: impl Into<SitePath>) -> Response {
    let return_to = app.config.public_url.path(path);
    go_to(app, addresses::CONFIRM_PASSWORD.with(&[("return_to", &return_to)]))
}

/// How long a browser is remembered. Browsers keep no cookie longer than 400 days.
const DEVICE_LIFETIME: std::time::Duration = std::time::Duration::from_hours(9600);

/// What the browser's device cookie says.
#[must_use]
pub fn device(app: &App, cookies: &Cookies) -> Option<Device> {
    Device::from_cookie(&cookies.get(Name::Device)?, &app.secrets.device)
}

/// The page that holds the form which posts to `path`: addresses below `/profile/…` may be for forms alone.
fn page_of<'a>(path: &'a str, base: &str) -> &'a str {
    let inside = &path[base.len().min(path.len())..];
    let third = inside.match_indices('/').nth(2).map(|(at, _)| base.len() + at);
    third.map_or(path, |end| &path[..end])
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().expect("`recognise` stands before every page"))
    }
}

/// An administrator. As an extractor: the page is for nobody else.
#[derive(Clone, Debug)]
pub struct Administrator(pub SignedIn);

impl FromRequestParts<App> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        if signed_in.session.roles().any(|role| role == ADMIN) {
            return Ok(Self(signed_in));
        }
        // Beside the request's line, which says what was asked for (ASVS 16.3.2).
        tracing::warn!(user = %signed_in.session.user_id, "somebody without the role asked for a page of administrators");
        let text = "This page is for administrators.";
        Err(Problem::new(StatusCode::FORBIDDEN, text).into_response())
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, app).await;
        let is_form = parts.method == Method::POST;
        let here = if is_form {
            page_of(uri.path(), app.config.public_url.base())
        } else {
            uri.path_and_query().map_or("/", |it| it.as_str())
        };
        let unsaved = is_form.then_some(("unsaved", "on"));
        let query: Vec<_> = [("return_to", here)].into_iter().chain(unsaved).collect();
        let sign_in = addresses::SIGN_IN.with(&query);
        match visitor {
            Visitor::SignedIn(signed_in) => Ok(signed_in),
            Visitor::Ended(EndReason::Copied) => {
                let href = app.config.public_url.path(sign_in);
                Err(Problem::new(StatusCode::UNAUTHORIZED, COPIED)
                    .with_way_on(href, "Sign in again")
                    .into_response())
            }
            Visitor::Ended(_) | Visitor::Anonymous => Err(go_to(app, sign_in)),
        }
    }
}

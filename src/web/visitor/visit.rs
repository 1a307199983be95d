//! The request of a browser, as handlers of pages use it, and the responses that many of them need.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::config::Registration;
use crate::domain::addresses::{self, Address, SitePath};
use crate::domain::id::UserId;
use crate::domain::sign_in::demand::{Demand, Missing, Proven};
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::proof::{Proof, Shown};
use crate::domain::sign_in::session::Session;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::source::Source;
use crate::error::{Error, Result};
use crate::i18n::message::{self, Message};
use crate::services::audit::Actor;
use crate::services::session::demanded_factor;
use crate::services::session::proofs::FreshProof;
use crate::services::sign_in::completion::{Browser, CompletedSignIn};
use crate::services::sign_in::login::Step;
use crate::services::sign_in::step_up;
use crate::web::http::client::Client;
use crate::web::http::cookies::{Cookies, Name};
use crate::web::http::problem::Problem;
use crate::web::http::redirect::go_to;
use crate::web::visitor::browser_state::{BrowserState, PendingSignIn};
use crate::web::visitor::credentials;
use crate::web::visitor::identity::{Administrator, SignedIn, Visitor};
use crate::web::visitor::return_to::{ReturnTo, explain};
use crate::web::visitor::second_step;

/// The user has not proved recently who they are.
#[derive(Debug)]
pub enum NotProven {
    /// A redirect to the page that asks for it.
    Ask(Redirect),
    /// An unexpected error.
    Failed(Error),
}

impl From<Error> for NotProven {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl IntoResponse for NotProven {
    fn into_response(self) -> Response {
        match self {
            Self::Ask(redirect) => redirect.into_response(),
            Self::Failed(error) => error.into_response(),
        }
    }
}

/// A request of a browser. `W` is its audience: [`Visitor`], [`SignedIn`] or [`Administrator`].
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "leads to the whole server")]
pub struct Visit<W = Visitor> {
    /// The parts of the server.
    pub app: App,
    /// The client that sent the request.
    pub client: Client,
    /// The visitor.
    pub who: W,
    /// The cookies of the request and of its response.
    pub cookies: Cookies,
    /// The state of the browser between requests.
    pub state: BrowserState,
}

impl<W> FromRequestParts<App> for Visit<W>
where
    W: FromRequestParts<App> + Send,
{
    type Rejection = W::Rejection;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, W::Rejection> {
        let who = W::from_request_parts(parts, app).await?;
        let Ok(client) = Client::from_request_parts(parts, app).await;
        let Ok(cookies) = Cookies::from_request_parts(parts, app).await;
        let Ok(state): Result<_, Infallible> = BrowserState::from_request_parts(parts, app).await;
        Ok(Self { app: app.clone(), client, who, cookies, state })
    }
}

impl<W> Visit<W> {
    /// The source of the request, for the audit log and rate limits.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.client.source
    }

    /// 303 to a path of this site.
    #[must_use]
    pub fn go_to(&self, path: impl Into<SitePath>) -> Response {
        go_to(&self.app, path).into_response()
    }

    /// 303 to a path of this site. The next page shows `text` once.
    pub async fn go_saying(&self, path: impl Into<SitePath>, text: Message) -> Response {
        self.state.set_flash(text).await;
        self.go_to(path)
    }

    /// Redirects to the return address or, without one, to the dashboard.
    #[must_use]
    pub fn go_on(&self, return_to: Option<&ReturnTo>) -> Response {
        match return_to {
            Some(path) => Redirect::to(path.as_str()).into_response(),
            None => self.go_to(addresses::DASHBOARD),
        }
    }

    /// Redirects a session that lacks the second factor to the page that asks for it or sets it up, and from there to the return address.
    pub async fn lead_to_second_step(
        &self,
        user: UserId,
        return_to: Option<&ReturnTo>,
        why: &Message,
    ) -> Result<Response> {
        second_step::lead(&self.app, &self.state, user, return_to, why).await
    }

    /// Parses a return address.
    #[must_use]
    pub fn return_to(&self, text: &str) -> Option<ReturnTo> {
        ReturnTo::parse(&self.app.config, text)
    }

    /// The return address in the query of this page, which also works without one. The error is a page that says why the address could
    /// not be kept.
    pub async fn return_to_of(
        &self,
        page: Address,
        query: Option<&str>,
    ) -> Result<Option<ReturnTo>, Problem> {
        let found = ReturnTo::from_query(&self.app, self.source(), query).await;
        let alone = || self.app.config.public_url.path(page);
        found.map_err(|why| explain(why, alone(), message::return_address_leave()))
    }

    /// The content of the device cookie: the accounts that were used in this browser.
    #[must_use]
    pub fn device(&self) -> Option<Device> {
        credentials::device(&self.app, &self.cookies)
    }

    /// Adds the account and the version of its credentials to the device cookie.
    pub fn remember_device(&self, user: UserId, credential_version: i64) {
        credentials::remember_device(&self.app, &self.cookies, user, credential_version);
    }

    /// Deletes the session's cookie and the browser state, because the next user of this browser may be a different person.
    pub async fn forget_session(&self) {
        self.cookies.clear(Name::Refresh);
        self.state.forget().await;
    }

    /// After the user has shown credentials in this session: sends its next refresh token, and records in this browser what was shown.
    pub async fn take_proof_in(&self, session: &Session, fresh: FreshProof) {
        if let Some(token) = fresh.send {
            credentials::send_refresh(&self.app, &self.cookies, &token);
        }
        let before = self.state.proof(session.id, session.authenticated_at).await;
        let proof = match before {
            Some(before) => before.with(fresh.shown, fresh.at),
            None => Proof::new(session.id, fresh.shown, fresh.at),
        };
        self.state.set_proof(proof).await;
    }

    /// The response to a sign-up that `REGISTRATION` does not allow. It applies when the sign-up starts and when it is confirmed.
    #[must_use]
    pub fn registration_closed(&self) -> Problem {
        let text = match self.app.config.registration {
            Registration::Invite => message::sign_up_by_invitation(),
            _ => message::sign_up_closed(),
        };
        self.refuse_sign_up(StatusCode::FORBIDDEN, text)
    }

    /// The response to a sign-up that can't be confirmed because its invitation was used by someone else or revoked.
    #[must_use]
    pub fn invitation_lost(&self) -> Problem {
        let config = &self.app.config;
        if config.registration == Registration::Invite {
            return self.refuse_sign_up(StatusCode::GONE, message::invitation_lost_need_new());
        }
        let href = config.public_url.path(addresses::REGISTER);
        Problem::new(StatusCode::GONE, message::invitation_lost())
            .with_way_on(href, message::sign_up_again())
    }

    /// The response to a signed-in visitor whose link creates another account.
    #[must_use]
    pub fn already_signed_in(&self, text: Message) -> Problem {
        let href = self.app.config.public_url.path(addresses::SIGN_OUT);
        Problem::new(StatusCode::CONFLICT, text)
            .titled(message::already_signed_in_title())
            .with_way_on(href, message::sign_out())
    }

    /// An error page with a link to the sign-in page.
    #[must_use]
    pub fn refuse_sign_up(&self, status: StatusCode, text: Message) -> Problem {
        let href = self.app.config.public_url.path(addresses::SIGN_IN);
        Problem::new(status, text).with_way_on(href, message::sign_in())
    }
}

impl Visit<Visitor> {
    /// This browser, for a sign-in. Its current session will be replaced.
    #[must_use]
    pub fn browser<'a>(&'a self, device: Option<&'a Device>) -> Browser<'a> {
        let (kind, replaces) = (SessionKind::Browser, self.who.session());
        Browser { kind, device, replaces, source: self.source() }
    }

    /// Sends the cookies of the new session, and records in this browser what its user has shown.
    pub async fn sign_in(&self, signed_in: CompletedSignIn) {
        credentials::sign_in(&self.app, &self.cookies, &signed_in);
        self.state.begin_session(signed_in.proof).await;
    }

    /// The response to the right password: the return address, the two-factor page, or the page about the missing approval. `name`: the
    /// address or handle that was entered, which the two-factor page shows.
    pub async fn go_through(&self, step: Step, return_to: &str, name: &str) -> Result<Response> {
        Ok(match step {
            Step::SignedIn(signed_in) => {
                let (user, session) = (signed_in.user, signed_in.token.session);
                self.sign_in(signed_in).await;
                let return_to = self.return_to(return_to);
                if demanded_factor::is_missing_in(&self.app, session).await? {
                    let why = message::second_factor_demanded();
                    return self.lead_to_second_step(user, return_to.as_ref(), &why).await;
                }
                self.go_on(return_to.as_ref())
            }
            Step::SecondFactor(challenge) => {
                let (return_to, name) = (return_to.to_owned(), name.to_owned());
                let sign_in = PendingSignIn { challenge, return_to, name };
                self.state.set_sign_in(sign_in).await?;
                self.go_to(addresses::TWO_FACTOR)
            }
            // Only for clients without pages, and no session has started.
            Step::EnrolmentRequired => self.go_to(addresses::SIGN_IN),
            Step::AwaitsApproval => self.go_to(addresses::AWAITING_APPROVAL),
        })
    }
}

impl<W: AsRef<SignedIn>> Visit<W> {
    /// The signed-in user.
    #[must_use]
    pub fn signed_in(&self) -> &SignedIn {
        self.who.as_ref()
    }

    /// The user's session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.signed_in().session
    }

    /// What the user has recently shown in this browser and session, at the sign-in or since.
    pub async fn recently_shown(&self) -> Shown {
        let session = self.session();
        if !step_up::may_be_recent(&self.app, session) {
            return Shown::default();
        }
        let proof = self.state.proof(session.id, session.authenticated_at).await;
        step_up::recent(&self.app, proof.as_ref())
    }

    /// The session, if its user has recently proved who they are; otherwise what they still have to show.
    pub async fn proven(&self) -> Result<Result<Proven<'_>, Missing>> {
        step_up::check(&self.app, self.session(), self.recently_shown().await).await
    }

    /// What a form of this user has to ask for.
    pub async fn missing(&self, demand: Demand) -> Result<Missing> {
        let held = step_up::held(&self.app, self.session().user_id).await?;
        Ok(demand.missing(held, self.recently_shown().await, Shown::default()))
    }

    /// The session of a user who has recently proved who they are. Otherwise redirects to the page that asks for it, which returns to `path`.
    pub async fn prove_first(&self, path: impl Into<SitePath>) -> Result<Proven<'_>, NotProven> {
        let proven = self.proven().await?;
        proven.map_err(|_| NotProven::Ask(self.to_confirm_password(path.into())))
    }

    /// Like [`Self::prove_first`], and saves the submitted fields for the form at `path`.
    pub async fn prove_first_keeping(
        &self,
        path: impl Into<SitePath>,
        fields: &(impl Serialize + Sync),
    ) -> Result<Proven<'_>, NotProven> {
        let path = path.into();
        let proven = self.prove_first(path.clone()).await;
        if let Err(NotProven::Ask(_)) = proven {
            self.state.set_draft(self.session().id, path, fields).await;
        }
        proven
    }

    fn to_confirm_password(&self, path: SitePath) -> Redirect {
        let return_to = self.app.config.public_url.path(path);
        go_to(&self.app, addresses::CONFIRM_PASSWORD.with(&[("return_to", &return_to)]))
    }

    /// Takes the saved fields of the form at `path`. Only page views take them, so that a prefetch does not lose them.
    pub async fn take_draft<T: DeserializeOwned>(&self, path: impl Into<SitePath>) -> Option<T> {
        if !self.client.is_navigation {
            return None;
        }
        self.state.take_draft(self.session().id, path).await
    }

    /// Like [`Self::take_proof_in`], for the session of this visitor.
    pub async fn take_proof(&self, fresh: FreshProof) {
        self.take_proof_in(self.session(), fresh).await;
    }
}

impl Visit<Administrator> {
    /// The administrator who acts. Every action of an administrator is sensitive.
    #[must_use]
    pub fn actor(&self, proven: Proven<'_>) -> Actor<'_> {
        Actor { id: Some(proven.user()), source: self.source() }
    }
}

//! Forms that are sent twice: by an impatient second click, or again because the first response never arrived. The second response leads
//! where the first one led, with the cookies that the first one set.
//!
//! Requests with the same form take turns within a process. Across processes the table `submissions` decides: the transaction of what the
//! form does claims its row (`services::audit`).

use std::panic::resume_unwind;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::turns::Turns;
use crate::app::App;
use crate::domain::addresses;
use crate::domain::id::SessionId;
use crate::domain::sign_in::device::Device;
use crate::domain::submission::{Submission, SubmissionKey};
use crate::error::Result;
use crate::services::accepted_forms;
use crate::services::session::session_management;
use crate::web::forms::received::{Accepted, Received};
use crate::web::http::client::Client;
use crate::web::http::cookies::{Cookies, Name};
use crate::web::http::return_to::PostedReturnTo;
use crate::web::visitor::browser_state::BrowserState;
use crate::web::visitor::credentials;

/// How often and how long to wait for the response of another instance to the same form.
const TRIES: u32 = 25;
const PAUSE: Duration = Duration::from_millis(200);

/// The request of a form with an ID.
struct Submitted {
    app: App,
    cookies: Cookies,
    key: SubmissionKey,
    request_id: String,
    /// The session whose genuine refresh token the browser presented.
    session: Option<SessionId>,
    accepted: Accepted,
}

/// Middleware: reads the form of a POST request for [`Form`](crate::web::forms::form::Form). A form that was accepted before is not
/// handled again. If the browser gives up waiting, the form is handled to its end anyway.
pub async fn answer_once(
    State((app, turns)): State<(App, Turns)>,
    mut client: Client,
    cookies: Cookies,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let reading = Received::read(&app, &cookies, &parts, body).await;
    let received = reading.as_ref().ok();
    let key = received.and_then(|it| it.key(&app, &cookies, parts.uri.path()));
    let accepted = received.map(|it| it.accepted.clone()).unwrap_or_default();
    let return_to = received.and_then(|it| it.fields.get("return_to")).filter(|it| !it.is_empty());
    if let Some(return_to) = return_to.cloned() {
        parts.extensions.insert(PostedReturnTo(return_to));
    }
    parts.extensions.insert(reading);
    let Some(key) = key else {
        return next.run(Request::from_parts(parts, axum::body::Body::empty())).await;
    };
    client.source.submission = Some(key);
    let request_id = client.source.request_id.clone();
    parts.extensions.insert(client);
    let request = Request::from_parts(parts, axum::body::Body::empty());
    let turn = turns.take(key).await;
    let session = presented_session(&app, &cookies).await;
    let submitted = Submitted { app, cookies, key, request_id, session, accepted };
    let answering = async move {
        let response = submitted.answer(request, next).await;
        drop(turn);
        response
    };
    match tokio::spawn(answering.in_current_span()).await {
        Ok(response) => response,
        Err(panic) => resume_unwind(panic.into_panic()),
    }
}

impl Submitted {
    async fn answer(&self, request: Request, next: Next) -> Response {
        if let Some(response) = self.repeated().await {
            return response;
        }
        let response = next.run(request).await;
        if self.accepted.is_marked() {
            let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
            self.complete(location.map(ToOwned::to_owned)).await;
            return response;
        }
        // Another instance may have accepted the same form in the meantime.
        self.repeated().await.unwrap_or(response)
    }

    /// The response to a form that was accepted before. An error is only logged: the handler shows the form again if the database fails.
    async fn repeated(&self) -> Option<Response> {
        self.find_response().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "could not look up whether a form was sent before");
            None
        })
    }

    async fn find_response(&self) -> Result<Option<Response>> {
        for _ in 0..TRIES {
            let Some(known) = accepted_forms::find(&self.app, self.key).await? else {
                return Ok(None);
            };
            let now = self.app.clock.now();
            if known.request_id == self.request_id || !known.is_repeated_by(self.session, now) {
                accepted_forms::forget(&self.app, self.key, &known.request_id).await?;
                return Ok(None);
            }
            if known.location.is_some() {
                return self.answer_again(&known).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        // The other process ended between its transaction and its response.
        tracing::warn!("a form was accepted, but where it led is not known");
        let home = self.app.config.public_url.path(addresses::HOME);
        Ok(Some(see_other(&home)))
    }

    /// The same response as the first one, unless it leads nowhere: the session that it started has ended, or its sign-in no longer waits for
    /// a code.
    async fn answer_again(&self, known: &Submission) -> Result<Option<Response>> {
        let Self { app, cookies, .. } = self;
        let asks_for_code = app.config.public_url.path(addresses::TWO_FACTOR);
        if known.location.as_ref() == Some(&asks_for_code) {
            let state_id = known.state_id.as_deref().unwrap_or_default();
            if !BrowserState::awaits_code(app, cookies, state_id).await? {
                accepted_forms::forget(app, self.key, &known.request_id).await?;
                return Ok(None);
            }
        }
        match known.session_after {
            _ if !known.sets_session => {}
            Some(id) => match session_management::find_live(app, id).await? {
                Some(session) => {
                    let token = session_management::current_token(app, &session);
                    credentials::send_refresh(app, cookies, &token);
                }
                None if known.has_signed_in() => {
                    accepted_forms::forget(app, self.key, &known.request_id).await?;
                    return Ok(None);
                }
                None => {}
            },
            None => cookies.clear(Name::Refresh),
        }
        if let Some(id) = &known.state_id {
            BrowserState::send_again(app, cookies, id).await?;
        }
        if let Some(device) = known.device.as_deref().and_then(Device::from_body) {
            credentials::send_device(app, cookies, &device);
        }
        tracing::info!(request = known.request_id, "answered a form that was sent twice");
        Ok(Some(see_other(known.location.as_deref().unwrap_or_default())))
    }

    /// Stores the response for repeats. An error is only logged, because the form has been accepted.
    async fn complete(&self, location: Option<String>) {
        let Self { app, cookies, .. } = self;
        let sent = credentials::sent_session(app, cookies);
        let submission = Submission {
            request_id: self.request_id.clone(),
            accepted_at: app.clock.now(),
            location,
            session_before: self.session,
            session_after: sent.unwrap_or(self.session),
            sets_session: sent.is_some(),
            state_id: BrowserState::sent_id(app, cookies),
            device: credentials::sent_device(app, cookies).map(|it| it.to_body()),
        };
        if let Err(error) = accepted_forms::complete(app, self.key, &submission).await {
            tracing::warn!(%error, "could not store where a form led; a repeat will lead to the start page");
        }
    }
}

/// Only a genuine token counts: a repeat gets the current token of the session, which a forged one must not be exchanged for.
async fn presented_session(app: &App, cookies: &Cookies) -> Option<SessionId> {
    let token = cookies.get(Name::Refresh)?;
    session_management::owner_of(app, &token).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "could not look up the session that sent a form");
        None
    })
}

fn see_other(location: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

//! The browser state: what must survive from one request of a browser to the next, with or without a session.
//!
//! tower-sessions stores it in the database, under the id in a signed cookie. It never contains the identity of the user. Overlapping
//! requests may restore a value that one of them has deleted, so nothing in it may depend on being deleted.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::Id;
use tower_sessions::{Expiry, Session};

use super::browser_state_store::Store;
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::addresses::SitePath;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::proof::Proof;
use crate::error::Result;
use crate::i18n::message::Message;
use crate::services::sign_in::challenge::Challenge;
use crate::services::sign_in::emailed_code::SentCode;
use crate::web::http::cookies::{Cookies, Name};
use crate::web::visitor::return_to::ReturnTo;

const LIFETIME: Duration = Duration::DAY;
const STATE: &str = "state";

/// The stored state of one browser.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    #[serde(deserialize_with = "known")]
    flash: Option<Message>,
    sign_up: Option<UserId>,
    sign_in: Option<PendingSignIn>,
    proof: Option<Proof>,
    emailed_code: Option<SentCode>,
    draft: Option<Draft>,
    return_to: Option<String>,
}

/// A message that this version has. Another version may have stored one that it does not have.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Message>, D::Error> {
    let stored = Option::<Value>::deserialize(deserializer)?;
    Ok(stored.and_then(|it| serde_json::from_value(it).ok()))
}

impl State {
    fn is_empty(&self) -> bool {
        let Self { flash, sign_up, sign_in, proof, emailed_code, draft, return_to } = self;
        let has_no_flow = flash.is_none() && sign_up.is_none() && sign_in.is_none();
        let has_no_proof = proof.is_none() && emailed_code.is_none();
        has_no_flow && has_no_proof && draft.is_none() && return_to.is_none()
    }

    /// Removes an expired proof. Returns whether there was one.
    fn remove_expired_proof(&mut self, now: Timestamp) -> bool {
        let old = self.proof.take_if(|proof| proof.recent(now).is_empty());
        old.is_some()
    }
}

/// A sign-in that waits for its two-factor code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// The challenge that the code completes.
    pub challenge: Challenge,
    /// The return address, unchecked.
    pub return_to: String,
    /// The address or handle that was entered.
    #[serde(default)]
    pub name: String,
}

/// A form that was submitted before the password was confirmed. It contains no secrets.
#[derive(Serialize, Deserialize)]
struct Draft {
    session: SessionId,
    path: String,
    fields: Value,
}

/// The state of the browser. It is loaded on first use.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains the secret id of the state")]
pub struct BrowserState {
    app: App,
    cookies: Cookies,
    session: Session,
}

impl BrowserState {
    fn open(app: &App, cookies: Cookies, id: Option<Id>) -> Self {
        let store = Arc::new(Store::new(&app.db));
        let session = Session::new(id, store, Some(Expiry::OnInactivity(LIFETIME)));
        Self { app: app.clone(), cookies, session }
    }

    /// The id of the state whose cookie the response sets so far.
    #[must_use]
    pub fn sent_id(app: &App, cookies: &Cookies) -> Option<Vec<u8>> {
        let id = signed_id(app, &cookies.sent(Name::BrowserState)?)?;
        Some(id.0.to_be_bytes().to_vec())
    }

    /// Whether a sign-in in the state with this id waits for its code.
    pub async fn awaits_code(app: &App, cookies: &Cookies, id: &[u8]) -> Result<bool> {
        let Ok(id) = id.try_into() else { return Ok(false) };
        let state = Self::open(app, cookies.clone(), Some(Id(i128::from_be_bytes(id))));
        let pending = state.sign_in().await?;
        Ok(pending.is_some_and(|pending| pending.challenge.is_open(app.clock.now())))
    }

    /// Sends the cookie of the state with this id again, if it still exists.
    pub async fn send_again(app: &App, cookies: &Cookies, id: &[u8]) -> Result<()> {
        let Ok(id) = id.try_into() else { return Ok(()) };
        let state = Self::open(app, cookies.clone(), Some(Id(i128::from_be_bytes(id))));
        if state.session.get::<State>(STATE).await?.is_some() {
            state.send_cookie();
        }
        Ok(())
    }

    /// Stores a message for the next page. An error is only logged, because what the message reports has succeeded.
    pub async fn set_flash(&self, text: Message) {
        if let Err(error) = self.change(|state| state.flash = Some(text)).await {
            tracing::warn!(%error, "could not save the message for the next page");
        }
    }

    /// Takes the message that the previous request stored. An error is only logged, because the page is useful without it.
    pub async fn take_flash(&self) -> Option<Message> {
        self.take(|state| &mut state.flash).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "could not read the message for this page");
            None
        })
    }

    /// Remembers that this browser signed up as `user`, so that it can confirm the email address with a button. After an error, which
    /// is only logged, the link requires the password instead.
    pub async fn set_sign_up(&self, user: UserId) {
        if let Err(error) = self.change(|state| state.sign_up = Some(user)).await {
            tracing::warn!(%error, "could not save the sign-up; its confirmation will require the password");
        }
    }

    /// The user as which this browser signed up.
    pub async fn sign_up(&self) -> Option<UserId> {
        let state = self.read().await.inspect_err(|error| {
            tracing::warn!(%error, "could not read the sign-up; its confirmation requires the password");
        });
        state.ok()?.sign_up
    }

    /// Deletes the sign-up, once it is confirmed.
    pub async fn clear_sign_up(&self) {
        if let Err(error) = self.take(|state| &mut state.sign_up).await {
            tracing::warn!(%error, "could not delete a confirmed sign-up from the browser state");
        }
    }

    /// Remembers a sign-in that waits for its code. The state gets a new id, so that an id which an attacker planted in this browser is
    /// useless (ASVS 7.2.4).
    pub async fn set_sign_in(&self, sign_in: PendingSignIn) -> Result<()> {
        self.change_under_new_id(|state| state.sign_in = Some(sign_in)).await
    }

    /// The sign-in that waits for its code.
    pub async fn sign_in(&self) -> Result<Option<PendingSignIn>> {
        Ok(self.read().await?.sign_in)
    }

    /// Deletes the sign-in, once it is finished or has expired. If an overlapping request restores it, it is useless: its code is used or
    /// its time has expired.
    pub async fn clear_sign_in(&self) {
        if let Err(error) = self.take(|state| &mut state.sign_in).await {
            tracing::warn!(%error, "could not delete a finished sign-in from the browser state");
        }
    }

    /// Remembers the code that was emailed to the user of this browser, so that no other browser can use it. The state gets a new id, so
    /// that an earlier copy of the browser's cookies cannot use it either.
    pub async fn set_emailed_code(&self, sent: SentCode) -> Result<()> {
        self.change_under_new_id(|state| state.emailed_code = Some(sent)).await
    }

    /// The code that was emailed to this browser in this session, unless it has expired.
    pub async fn emailed_code(&self, session: SessionId) -> Result<Option<SentCode>> {
        let now = self.app.clock.now();
        Ok(self.read().await?.emailed_code.filter(|sent| sent.is_of(session, now)))
    }

    /// Records what the user has shown in this browser. The state gets a new id, which only this response contains, so that an earlier copy of
    /// the browser's cookies does not share the proof. After an error, which is only logged, the user has to prove it again. An emailed code
    /// is no longer needed.
    pub async fn set_proof(&self, proof: Proof) {
        let prove = |state: &mut State| {
            state.proof = Some(proof);
            state.emailed_code = None;
        };
        if let Err(error) = self.change_under_new_id(prove).await {
            tracing::warn!(%error, "could not save a proof of identity; the user will have to repeat it");
        }
    }

    /// Like [`Self::set_proof`] at the beginning of a session, which also ends a sign-in that waited for its code.
    pub async fn begin_session(&self, proof: Proof) {
        let begun = self.change_under_new_id(|state| {
            state.proof = Some(proof);
            state.sign_in = None;
        });
        if let Err(error) = begun.await {
            tracing::warn!(%error, "could not save a proof of identity; the user will have to repeat it");
        }
    }

    /// What was shown in this browser in this session, if nothing was shown in it elsewhere since: `authenticated_at` is that of the session.
    pub async fn proof(&self, session: SessionId, authenticated_at: Timestamp) -> Option<Proof> {
        let state = self.read().await.inspect_err(|error| {
            tracing::warn!(%error, "could not read a proof of identity; the user has to repeat it");
        });
        let proof = state.ok()?.proof;
        proof.filter(|proof| proof.session == session && proof.at == authenticated_at)
    }

    /// Stores the return address for the end of a flow, or deletes the previous one. After an error, which is only logged, the user ends
    /// up on the dashboard.
    pub async fn set_return_to(&self, return_to: Option<&ReturnTo>) {
        let address = return_to.map(|it| it.as_str().to_owned());
        if let Err(error) = self.change(|state| state.return_to = address).await {
            tracing::warn!(%error, "could not save the return address; the user will land on the dashboard");
        }
    }

    /// The stored return address.
    pub async fn return_to(&self) -> Option<ReturnTo> {
        let state = self.read().await.inspect_err(|error| {
            tracing::warn!(%error, "could not read the return address; the user lands on the dashboard");
        });
        ReturnTo::parse(&self.app.config, &state.ok()?.return_to?)
    }

    /// Takes the stored return address.
    pub async fn take_return_to(&self) -> Option<ReturnTo> {
        let taken = self.take(|state| &mut state.return_to).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "could not read the return address; the user lands on the dashboard");
            None
        });
        ReturnTo::parse(&self.app.config, &taken?)
    }

    /// Deletes the whole state, because the next user of this browser may be a different person.
    pub async fn forget(&self) {
        if let Err(error) = self.change(|state| *state = State::default()).await {
            tracing::warn!(%error, "could not delete the browser state at sign-out");
        }
    }

    /// Stores the form of `page` while the user confirms the password. After an error, which is only logged, the user has to fill it in
    /// again.
    pub async fn set_draft(
        &self,
        session: SessionId,
        page: impl Into<SitePath>,
        fields: &impl Serialize,
    ) {
        let path = page.into().to_string();
        let draft = serde_json::to_value(fields).map(|fields| Draft { session, path, fields });
        let kept = match draft {
            Ok(draft) => self.change(|state| state.draft = Some(draft)).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "could not save a form; the user will have to fill it in again");
        }
    }

    /// Takes the stored form of `page`, if it belongs to this session.
    pub async fn take_draft<T: DeserializeOwned>(
        &self,
        session: SessionId,
        page: impl Into<SitePath>,
    ) -> Option<T> {
        let path = page.into().to_string();
        let taken = self.take(|state| &mut state.draft).await.inspect_err(|error| {
            tracing::warn!(%error, "could not read a saved form; the user has to fill it in again");
        });
        let draft = taken.ok()??;
        if draft.session != session || draft.path != path {
            return None;
        }
        serde_json::from_value(draft.fields).ok()
    }

    async fn read(&self) -> Result<State> {
        if !self.exists() {
            return Ok(State::default());
        }
        Ok(self.session.get(STATE).await?.unwrap_or_default())
    }

    async fn change(&self, change: impl FnOnce(&mut State)) -> Result<()> {
        let mut state = self.read().await?;
        change(&mut state);
        self.write(&state).await
    }

    async fn change_under_new_id(&self, change: impl FnOnce(&mut State)) -> Result<()> {
        let mut state = self.read().await?;
        if self.exists() {
            self.session.cycle_id().await?;
        }
        change(&mut state);
        self.write(&state).await
    }

    /// Removes one value and returns it. If there is none, nothing is written.
    async fn take<T>(&self, part: impl FnOnce(&mut State) -> &mut Option<T>) -> Result<Option<T>> {
        let mut state = self.read().await?;
        let is_proof_removed = state.remove_expired_proof(self.app.clock.now());
        let taken = part(&mut state).take();
        if taken.is_some() || is_proof_removed {
            self.write(&state).await?;
        }
        Ok(taken)
    }

    async fn write(&self, state: &State) -> Result<()> {
        if state.is_empty() {
            if self.exists() {
                self.session.flush().await?;
                self.cookies.clear(Name::BrowserState);
            }
        } else {
            self.session.insert(STATE, state).await?;
            self.session.save().await?;
            self.send_cookie();
        }
        Ok(())
    }

    /// Whether the browser has an id. Without one there is nothing to load.
    fn exists(&self) -> bool {
        self.session.id().is_some()
    }

    fn send_cookie(&self) {
        let Some(id) = self.session.id() else { return };
        let value = self.app.secrets.browser_state.sign(&[&id.0.to_be_bytes()], &[]);
        let now = self.app.clock.now();
        let until = now.after(LIFETIME.unsigned_abs());
        self.cookies.set(Name::BrowserState, value.reveal(), Some(until), now);
    }
}

/// The id in the text of a cookie that [`BrowserState::send_cookie`] sent.
fn signed_id(app: &App, text: &str) -> Option<Id> {
    let token = app.secrets.browser_state.open(&[size_of::<i128>()], text)?;
    Some(Id(i128::from_be_bytes(token.body().try_into().ok()?)))
}

impl FromRequestParts<App> for BrowserState {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone()); // all extractors of a request share one state
        }
        let cookies = Cookies::from_request_parts(parts, app).await?;
        let id = cookies.get(Name::BrowserState).and_then(|text| signed_id(app, &text));
        let state = Self::open(app, cookies, id);
        parts.extensions.insert(state.clone());
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_of_another_version_is_dropped_and_the_rest_is_kept() {
        for flash in [json!({"id": "no-such-message"}), json!("Your name has been changed.")] {
            let stored = json!({"flash": flash, "return_to": "/profile"});
            let state: State = serde_json::from_value(stored).unwrap();
            assert!(state.flash.is_none());
            assert_eq!(state.return_to.as_deref(), Some("/profile"));
        }
    }
}

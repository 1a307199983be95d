//! The browser state: what a browser carries through a flow before and beside a session. Kept by tower-sessions in the
//! database, named by a signed cookie; never the identity, and nothing whose return would matter (an overlapping request may
//! bring a record back).

use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store;
use tower_sessions::{Expiry, Session, SessionStore};
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{self, ANSWER_TIMEOUT, Db};
use crate::domain::addresses::SitePath;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::session::PROOF_LASTS;
use crate::error::Result;
use crate::services::sign_in::challenge::Challenge;
use crate::web::http::cookies::{Cookies, Name};
use crate::web::visitor::return_to::ReturnTo;

const LIFETIME: Duration = Duration::DAY;
const STATE: &str = "state";

/// All that a browser carries.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    flash: Option<String>,
    sign_up: Option<UserId>,
    sign_in: Option<PendingSignIn>,
    proof: Option<Proof>,
    draft: Option<Draft>,
    return_to: Option<String>,
}

impl State {
    fn is_empty(&self) -> bool {
        let Self { flash, sign_up, sign_in, proof, draft, return_to } = self;
        let is_nobodys = flash.is_none() && sign_up.is_none() && sign_in.is_none();
        is_nobodys && proof.is_none() && draft.is_none() && return_to.is_none()
    }

    /// Drops a proof that has been worth nothing for a while; says whether there was one.
    fn drop_old_proof(&mut self, now: Timestamp) -> bool {
        let old = self.proof.take_if(|proof| now.since(proof.at) >= PROOF_LASTS);
        old.is_some()
    }
}

/// A sign-in that waits for its code, and where it leads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// What the code finishes.
    pub challenge: Challenge,
    /// Where to go on from there, as it was asked for.
    pub return_to: String,
}

/// That the person gave the password in this browser, in this session, at that moment.
#[derive(Serialize, Deserialize)]
struct Proof {
    session: SessionId,
    at: Timestamp,
}

/// A form that was sent before the password was confirmed, without its secrets.
#[derive(Serialize, Deserialize)]
struct Draft {
    session: SessionId,
    path: String,
    fields: Value,
}

/// One browser's state, looked up only when it is asked for.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "names a browser's secret id")]
pub struct BrowserState {
    app: App,
    cookies: Cookies,
    session: Session,
}

impl BrowserState {
    /// Leaves a line to be shown once, on the next page. Failing to is no reason to fail what it speaks of.
    pub async fn set_flash(&self, text: &str) {
        if let Err(error) = self.change(|state| state.flash = Some(text.to_owned())).await {
            tracing::warn!(%error, "a message for the next page was lost");
        }
    }

    /// Takes the line that the last request left. Failing to is no reason not to show the page.
    pub async fn take_flash(&self) -> Option<String> {
        self.take(|state| &mut state.flash).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a message for this page was lost");
            None
        })
    }

    /// Remembers that this browser signed up as `user`: it may confirm the address with a button. Without this the link asks
    /// for the password, so failing is no reason to fail the sign-up.
    pub async fn set_sign_up(&self, user: UserId) {
        if let Err(error) = self.change(|state| state.sign_up = Some(user)).await {
            tracing::warn!(%error, "a browser will have to confirm its sign-up with the password");
        }
    }

    /// Whom this browser signed up as.
    pub async fn sign_up(&self) -> Option<UserId> {
        let state = self.read().await.inspect_err(|error| {
            tracing::warn!(%error, "a browser has to confirm its sign-up with the password");
        });
        state.ok()?.sign_up
    }

    /// Forgets the sign-up: it is confirmed.
    pub async fn clear_sign_up(&self) {
        if let Err(error) = self.take(|state| &mut state.sign_up).await {
            tracing::warn!(%error, "a confirmed sign-up stays in the browser state");
        }
    }

    /// Remembers a sign-in whose code is still missing. The state gets another name: one that somebody planted in this browser
    /// is worth nothing (ASVS 7.2.4).
    pub async fn set_sign_in(&self, sign_in: PendingSignIn) -> Result<()> {
        self.change_under_new_name(|state| state.sign_in = Some(sign_in)).await
    }

    /// The sign-in whose code is still missing.
    pub async fn sign_in(&self) -> Result<Option<PendingSignIn>> {
        Ok(self.read().await?.sign_in)
    }

    /// Forgets the sign-in: it is finished, or over. Should it come back, its code is spent or its time is up.
    pub async fn clear_sign_in(&self) {
        if let Err(error) = self.take(|state| &mut state.sign_in).await {
            tracing::warn!(%error, "a finished sign-in stays in the browser state");
        }
    }

    /// Notes that the password was given here. The state gets another name, which only the answer to the password carries: a
    /// copy of the browser's cookies from before does not share in the proof. Failing to costs another password.
    pub async fn set_proof(&self, session: SessionId, at: Timestamp) {
        let proof = Some(Proof { session, at });
        if let Err(error) = self.change_under_new_name(|state| state.proof = proof).await {
            tracing::warn!(%error, "a password will have to be confirmed once more");
        }
    }

    /// Whether the password was given here, in this session, at `at`.
    pub async fn has_proof(&self, session: SessionId, at: Timestamp) -> bool {
        let state = self.read().await.inspect_err(|error| {
            tracing::warn!(%error, "a password has to be confirmed once more");
        });
        let proof = state.ok().and_then(|state| state.proof);
        proof.is_some_and(|proof| proof.session == session && proof.at == at)
    }

    /// Remembers where the person wanted to go, who has to do something else first; or that it was nowhere. Failing to costs
    /// them the way back.
    pub async fn set_return_to(&self, return_to: Option<&ReturnTo>) {
        let address = return_to.map(|it| it.as_str().to_owned());
        if let Err(error) = self.change(|state| state.return_to = address).await {
            tracing::warn!(%error, "could not save the return address; the user will land on the dashboard");
        }
    }

    /// Where the person wanted to go.
    pub async fn return_to(&self) -> Option<ReturnTo> {
        let state = self.read().await.inspect_err(|error| {
            tracing::warn!(%error, "could not read the return address; the user lands on the dashboard");
        });
        ReturnTo::parse(&self.app.config, &state.ok()?.return_to?)
    }

    /// Takes where the person wanted to go.
    pub async fn take_return_to(&self) -> Option<ReturnTo> {
        let taken = self.take(|state| &mut state.return_to).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "could not read the return address; the user lands on the dashboard");
            None
        });
        ReturnTo::parse(&self.app.config, &taken?)
    }

    /// Deletes all of it: the next person at this browser may be another one.
    pub async fn forget(&self) {
        if let Err(error) = self.change(|state| *state = State::default()).await {
            tracing::warn!(%error, "the state of a browser outlives its sign-out");
        }
    }

    /// Keeps what was typed at `path` while the person confirms the password. Failing to costs them typing.
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
            tracing::warn!(%error, "a form has to be filled in again");
        }
    }

    /// Takes what was typed at `path` in this session.
    pub async fn take_draft<T: DeserializeOwned>(
        &self,
        session: SessionId,
        page: impl Into<SitePath>,
    ) -> Option<T> {
        let path = page.into().to_string();
        let taken = self.take(|state| &mut state.draft).await.inspect_err(|error| {
            tracing::warn!(%error, "a form has to be filled in again");
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

    async fn change_under_new_name(&self, change: impl FnOnce(&mut State)) -> Result<()> {
        let mut state = self.read().await?;
        if self.exists() {
            self.session.cycle_id().await?;
        }
        change(&mut state);
        self.write(&state).await
    }

    /// Takes one thing out. Where it is not, nothing is written.
    async fn take<T>(&self, part: impl FnOnce(&mut State) -> &mut Option<T>) -> Result<Option<T>> {
        let mut state = self.read().await?;
        let is_tidied = state.drop_old_proof(self.app.clock.now());
        let taken = part(&mut state).take();
        if taken.is_some() || is_tidied {
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

    /// Without a cookie there is nothing to look up.
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

/// Reads the cookie that [`BrowserState::send_cookie`] made.
fn signed_id(app: &App, cookies: &Cookies) -> Option<Id> {
    let text = cookies.get(Name::BrowserState)?;
    let token = app.secrets.browser_state.open(&[size_of::<i128>()], &text)?;
    Some(Id(i128::from_be_bytes(token.body().try_into().ok()?)))
}

impl FromRequestParts<App> for BrowserState {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone()); // one request, one state, however many ask for it
        }
        let cookies = Cookies::from_request_parts(parts, app).await?;
        let store = Arc::new(Store::new(&app.db));
        let session =
            Session::new(signed_id(app, &cookies), store, Some(Expiry::OnInactivity(LIFETIME)));
        let state = Self { app: app.clone(), cookies, session };
        parts.extensions.insert(state.clone());
        Ok(state)
    }
}

/// tower-sessions' stores on our pools: SQLite reads from the readers and writes through the one writer.
#[derive(Clone, Debug)]
enum Store {
    Sqlite { read: SqliteStore, write: SqliteStore },
    Postgres(PostgresStore),
}

impl Store {
    fn new(db: &Db) -> Self {
        match db {
            Db::Sqlite { readers, writer } => Self::Sqlite {
                read: SqliteStore::new(readers.clone()),
                write: SqliteStore::new(writer.clone()),
            },
            Db::Postgres { pool, schema } => {
                let store = PostgresStore::new(pool.clone()).with_table_name("tower_sessions");
                Self::Postgres(
                    store
                        .and_then(|it| it.with_schema_name(schema))
                        .expect("a name that was tried when the database was opened"),
                )
            }
        }
    }
}

/// No statement of the stores is waited for any longer than one of ours.
async fn in_time<T>(
    answer: impl Future<Output = session_store::Result<T>>,
) -> session_store::Result<T> {
    let silent = |_| session_store::Error::Backend(db::Error::TimedOut.to_string());
    tokio::time::timeout(ANSWER_TIMEOUT, answer).await.map_err(silent)?
}

#[async_trait]
impl SessionStore for Store {
    /// One statement. The stores' own looks first whether the id is taken, in a transaction that SQLite may end by itself (see
    /// `db::transaction`); of 128 random bits no two are the same.
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        match self {
            Self::Sqlite { write, .. } => in_time(write.save(record)).await,
            Self::Postgres(store) => in_time(store.save(record)).await,
        }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        match self {
            Self::Sqlite { read, .. } => in_time(read.load(id)).await,
            Self::Postgres(store) => in_time(store.load(id)).await,
        }
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        match self {
            Self::Sqlite { write, .. } => in_time(write.delete(id)).await,
            Self::Postgres(store) => in_time(store.delete(id)).await,
        }
    }
}

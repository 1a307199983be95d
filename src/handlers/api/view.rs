//! Objects that several responses contain.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::username::Username;
use crate::domain::id::UserId;
use crate::services::session::token_pairs::TokenPair;

/// The response of an operation that returns no data.
#[derive(Serialize, ToSchema)]
pub struct Done {
    /// Always `true`.
    #[schema(example = true)]
    success: bool,
    /// What happened, for people.
    message: &'static str,
}

/// The response of an operation that returns no data.
pub fn done(message: &'static str) -> Json<Done> {
    Json(Done { success: true, message })
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// The id of the account, which never changes.
    #[schema(example = "019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071")]
    pub id: Uuid,
    /// The display name; not unique.
    #[schema(example = "Ada Lovelace")]
    pub username: String,
    /// The unique name that apps know the account by. Only administrators change it.
    #[schema(example = "ada")]
    pub handle: Option<String>,
    /// The email address.
    #[schema(example = "ada@example.org")]
    pub email: String,
}

impl UserView {
    pub fn new(
        id: UserId,
        username: &Username,
        handle: Option<&Handle>,
        email: &EmailAddress,
    ) -> Self {
        let handle = handle.map(ToString::to_string);
        Self { id: id.0, username: username.to_string(), handle, email: email.to_string() }
    }
}

/// The next tokens.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tokens)]
pub struct Tokens {
    /// Always `true`.
    #[schema(example = true)]
    success: bool,
    /// A JWT for `Authorization: Bearer`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9.…")]
    access_token: String,
    /// For the next pair of tokens. Store the one from the latest response, and keep it secret.
    #[schema(example = "A7kPzWc…")]
    refresh_token: String,
    /// The lifetime of the access token in seconds.
    #[schema(example = 300)]
    expires_in: u64,
}

/// A new session: its user and its first tokens.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignedIn)]
pub struct SignedInView {
    /// Always `true`.
    #[schema(example = true)]
    success: bool,
    user: UserView,
    /// A JWT for `Authorization: Bearer`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9.…")]
    access_token: String,
    /// For the next pair of tokens. Keep it secret.
    #[schema(example = "A7kPzWc…")]
    refresh_token: String,
    /// The lifetime of the access token in seconds.
    #[schema(example = 300)]
    expires_in: u64,
}

impl From<&TokenPair> for Tokens {
    fn from(pair: &TokenPair) -> Self {
        Self {
            success: true,
            access_token: pair.access.token.reveal().clone(),
            refresh_token: pair.refresh.reveal().clone(),
            expires_in: pair.access.lives_for.as_secs(),
        }
    }
}

impl From<&TokenPair> for SignedInView {
    fn from(pair: &TokenPair) -> Self {
        let session = &pair.session;
        let Tokens { success, access_token, refresh_token, expires_in } = pair.into();
        let user = UserView::new(
            session.user_id,
            &session.username,
            session.handle.as_ref(),
            &session.email,
        );
        Self { success, user, access_token, refresh_token, expires_in }
    }
}

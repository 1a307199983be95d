//! The account of the user whose access token is sent.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::web::api::bearer::Bearer;
use crate::web::api::refusal::{ANY, PROTECTED, refusals};
use crate::web::visitor::identity::SignedIn;

/// The user's account.
#[derive(Serialize, ToSchema)]
pub struct Profile {
    /// Always `true`.
    #[schema(example = true)]
    success: bool,
    user: AccountView,
}

/// An account as its owner sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub struct AccountView {
    /// The id of the account, which never changes.
    #[schema(example = "019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071")]
    id: Uuid,
    /// The display name; not unique.
    #[schema(example = "Ada Lovelace")]
    username: String,
    /// The unique name that apps know the account by. Only administrators change it.
    #[schema(example = "ada")]
    handle: Option<String>,
    /// The email address.
    #[schema(example = "ada@example.org")]
    email: String,
    /// Whether the email address is confirmed.
    #[schema(example = true)]
    email_verified: bool,
    /// Role names, sorted.
    #[schema(example = json!(["editor"]))]
    roles: Vec<String>,
}

refusals!(Refusals: [ANY, PROTECTED]);

/// Get the user's account
///
/// Returns the current state of the account, which may have changed since the access token was issued.
#[utoipa::path(
    get,
    path = "/api/auth/profile",
    operation_id = "profile",
    tag = "Accounts",
    security(("accessToken" = [])),
    responses((status = 200, description = "The account.", body = Profile), Refusals)
)]
pub async fn show(Bearer(SignedIn { claims, .. }): Bearer) -> Json<Profile> {
    let user = AccountView {
        id: claims.sub.0,
        username: claims.name.to_string(),
        handle: claims.preferred_username.as_ref().map(ToString::to_string),
        email: claims.email.to_string(),
        email_verified: claims.email_verified,
        roles: claims.roles.clone(),
    };
    Json(Profile { success: true, user })
}

//! Who is asking.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::web::api::bearer::Bearer;
use crate::web::api::refusal::{ANY, PROTECTED, refusals};
use crate::web::visitor::identity::SignedIn;

/// The account of whoever asks.
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
    /// Names the account for ever.
    #[schema(example = "019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071")]
    id: Uuid,
    /// The name the person goes by; not unique.
    #[schema(example = "Ada Lovelace")]
    username: String,
    /// The address.
    #[schema(example = "ada@example.org")]
    email: String,
    /// Whether the address was confirmed.
    #[schema(example = true)]
    email_verified: bool,
    /// Plain names, sorted.
    #[schema(example = json!(["editor"]))]
    roles: Vec<String>,
}

refusals!(Refusals: [ANY, PROTECTED]);

/// Who you are
///
/// The account as it is now, whatever it was when the access token was issued.
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
        email: claims.email.to_string(),
        email_verified: claims.email_verified,
        roles: claims.roles.clone(),
    };
    Json(Profile { success: true, user })
}

//! Signing out.

use axum::Json;
use axum::extract::State;

use super::view::{Done, done};
use crate::app::App;
use crate::services::session::session_management;
use crate::web::api::bearer::Bearer;
use crate::web::api::refusal::{ANY, Refusal, WRITING, refusals};
use crate::web::http::client::Client;

const SIGNED_OUT: &str = "You are signed out.";

refusals!(Refusals: [ANY, WRITING], TokenRequired, InvalidToken);

/// Sign out
///
/// Ends the session. Its access tokens and its refresh token stop working immediately. A session that lacks two-factor authentication can
/// do only this.
#[utoipa::path(
    post,
    path = "/api/auth/logout",
    operation_id = "logout",
    tag = "Sessions",
    security(("accessToken" = [])),
    responses(
        (
            status = 200,
            description = "Signed out.",
            body = Done,
            example = json!({ "success": true, "message": SIGNED_OUT }),
        ),
        Refusals,
    )
)]
pub async fn submit(
    State(app): State<App>,
    client: Client,
    Bearer(signed_in): Bearer,
) -> Result<Json<Done>, Refusal> {
    session_management::sign_out(&app, &signed_in.session, &client.source).await?;
    Ok(done(SIGNED_OUT))
}

//! Listing and ending the sessions of an account.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{Done, done};
use crate::app::App;
use crate::domain::id::SessionId;
use crate::domain::paging::{PageOf, TimeCursor};
use crate::domain::sign_in::session::ListedSession;
use crate::services::session::session_list;
use crate::services::session::session_management::{self, SessionRevocation};
use crate::web::api::bearer::Bearer;
use crate::web::api::english::{English, FieldErrors};
use crate::web::api::refusal::{ANY, PROTECTED, Refusal, WRITING, Word, refusals};
use crate::web::http::client::Client;
use crate::wording::devices::device;

/// The live sessions of the account, or some of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Sessions)]
pub struct SessionList {
    /// Always `true`.
    #[schema(example = true)]
    success: bool,
    /// The sessions, most recently used first.
    sessions: Vec<SessionView>,
    /// The `after` of the next page. `null` if these are the last sessions.
    #[schema(required, example = json!(null))]
    next: Option<String>,
}

/// A signed-in browser or other client.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub struct SessionView {
    /// The id of the session; `sid` in its access tokens.
    #[schema(example = "019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6072")]
    id: Uuid,
    /// Whether this request belongs to it.
    #[schema(example = true)]
    current: bool,
    /// The browser or program.
    #[schema(example = "Firefox on Linux")]
    client: String,
    /// The IP address at the sign-in.
    #[schema(example = "203.0.113.7")]
    address: String,
    /// The time of the sign-in.
    #[schema(format = DateTime, example = "2026-11-23T06:30:00Z")]
    created_at: String,
    /// The time of the last request, to the minute.
    #[schema(format = DateTime, example = "2026-11-23T07:30:00Z")]
    last_seen_at: String,
    /// When it expires unless it is used again.
    #[schema(format = DateTime, example = "2026-11-30T07:30:00Z")]
    expires_at: String,
}

refusals!(OfList: [ANY, PROTECTED], InvalidFields);

/// The most sessions in a response, and how many it has without `limit`. Without a limit, one account could have made a response of
/// any size.
const MOST: usize = 100;

/// List sessions
///
/// Returns the live sessions of the account, including those of browsers, at most 100 at a time.
#[utoipa::path(
    get,
    path = "/api/auth/sessions",
    operation_id = "listSessions",
    tag = "Sessions",
    params(
        (
            "after" = Option<String>, Query,
            description = "`next` of the previous page. Without it, the first page.",
            // Promises no form of cursors, but excludes NUL, which is refused in every query.
            pattern = "^[!-~]+$",
        ),
        ("limit" = Option<u32>, Query, description = "The most sessions to return. Default: 100.", minimum = 1, maximum = 100),
    ),
    security(("accessToken" = [])),
    responses(
        (
            status = 200,
            description = "The sessions.",
            body = SessionList,
            links(("end" = (
                operation_id = "endSession",
                parameters(("id" = "$response.body#/sessions/0/id")),
                description = "Ends one of them.",
            ))),
        ),
        OfList,
    )
)]
pub async fn list(
    State(app): State<App>,
    Bearer(signed_in): Bearer,
    RawQuery(query): RawQuery,
) -> Result<Json<SessionList>, Refusal> {
    let (after, limit) = read(query.as_deref()).map_err(Refusal::of_fields)?;
    let (this, idle) = (signed_in.session.id, app.config.lifetimes.idle);
    let found = session_list::after(&app, signed_in.session.user_id, after, limit).await?;
    let view = |session: ListedSession| SessionView {
        id: session.id.0,
        current: session.id == this,
        client: device(&session.user_agent).english(),
        created_at: session.created_at.to_rfc3339(),
        last_seen_at: session.last_seen_at.to_rfc3339(),
        expires_at: session.lives_until(idle).to_rfc3339(),
        address: session.address,
    };
    let PageOf { rows, next, .. } = found.map(view);
    Ok(Json(SessionList { success: true, sessions: rows, next: next.map(|it| it.to_string()) }))
}

/// Parses the cursor and the limit. If one is given twice, the first counts.
fn read(query: Option<&str>) -> Result<(Option<TimeCursor>, usize), FieldErrors> {
    let query = query.unwrap_or_default().as_bytes();
    let field = |name| form_urlencoded::parse(query).find(|(it, _)| it == name).map(|(_, it)| it);
    let mut errors = FieldErrors::default();
    let after = field("after").and_then(|text| {
        let after = text.parse::<TimeCursor>();
        errors.check(
            "after",
            after.map_err(|_| English::from("Send the `next` of an earlier response.")),
        )
    });
    let limit = field("limit").map_or(Some(MOST), |text| {
        let limit = text.parse().ok().filter(|it| (1..=MOST).contains(it));
        errors.check("limit", limit.ok_or(English::from("Send a number from 1 to 100.")))
    });
    match limit {
        Some(limit) if errors.is_empty() => Ok((after, limit)),
        _ => Err(errors),
    }
}

const ENDED: &str = "The session has been ended.";
const UNKNOWN: &str = "You have no such session, or it has ended already.";

refusals!(OfEnd: [ANY, WRITING, PROTECTED], NotFound);

/// End a session
///
/// Its tokens and cookies stop working immediately. Ending the current session signs the user out.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions/{id}",
    operation_id = "endSession",
    tag = "Sessions",
    params(("id" = Uuid, Path, description = "The session.", example = "019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6072")),
    security(("accessToken" = [])),
    responses(
        (
            status = 200,
            description = "It has ended.",
            body = Done,
            example = json!({ "success": true, "message": ENDED }),
        ),
        OfEnd,
    )
)]
pub async fn end(
    State(app): State<App>,
    client: Client,
    Bearer(signed_in): Bearer,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Done>, Refusal> {
    let unknown = || Refusal::from(Word::NotFound).saying(UNKNOWN);
    let Path(id) = id.map_err(|_| unknown())?;
    match session_management::revoke(&app, &signed_in.session, SessionId(id), &client.source)
        .await?
    {
        SessionRevocation::ThisOne | SessionRevocation::Now => Ok(done(ENDED)),
        SessionRevocation::Before | SessionRevocation::Unknown => Err(unknown()),
    }
}

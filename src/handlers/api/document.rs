//! `/api/openapi.json`: the OpenAPI description of all routes for programs, generated from the handlers.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, ServerBuilder,
};

use crate::config::Config;
use crate::web::api::refusal::{ANY, ErrorView, Word, refusals};

const DESCRIPTION: &str = "\
Accounts and sessions for programs that store their own tokens: native apps, single-page applications, scripts. \
The same rules apply as on the pages.

**Tokens.** Signing in returns an access token for `Authorization: Bearer`, valid for a few minutes, and a refresh token for the \
next pair. An access token stops working as soon as its session ends. Other services can verify it with the keys at \
`/.well-known/jwks.json`. Cookies are ignored.

**Errors** all have the same shape: `success` is `false`, `error` is a stable code for programs, `message` is for people, and with \
`invalid_fields`, `fields` has the problem of each field. 429 and 503 say in `Retry-After` when to try again. (A request that is not \
HTTP, or whose headers exceed 64 KiB, gets 400 or 431 without a body.) Responses may gain more fields; requests must not contain \
fields that are not described here.";

/// The description as served.
pub struct Document(Bytes);

impl Document {
    /// Serializes the description once.
    pub fn of(description: &OpenApi) -> Self {
        let json = description.to_pretty_json().expect("strings, which can always be serialized");
        Self(json.into())
    }
}

/// The description without the operations.
pub fn outline(config: &Config) -> OpenApi {
    let license =
        LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0"));
    let info = InfoBuilder::new()
        .title("authflow")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license.build()));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token, from signing in or refreshing."));
    let bearer = SecurityScheme::Http(bearer.build());
    // No handler's signature mentions these schemas, so they are added here.
    let components = ComponentsBuilder::new()
        .security_scheme("accessToken", bearer)
        .schema_from::<ErrorView<'_>>()
        .schema_from::<Word>();
    let tag = |name: &str, text: &str| TagBuilder::new().name(name).description(Some(text)).build();
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new().url(config.public_url.to_string()).build()]))
        .components(Some(components.build()))
        .tags(Some([
            tag("Sessions", "Signing in and out, and the tokens of a session."),
            tag("Accounts", "Signing up, password resets, and the user's account."),
            tag("Service", "Health checks, public keys and this description."),
        ]))
        .build()
}

refusals!(Refusals: [ANY]);

/// Get this description
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "describe",
    tag = "Service",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object), Refusals)
)]
pub async fn show(Extension(document): Extension<Arc<Document>>) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, document.0.clone()).into_response()
}

//! `/api/openapi.json`: the description of everything for machines, made from the code that serves it.

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
Accounts and sessions for programs that hold their tokens themselves: native programs, single-page applications, scripts. \
Everything goes by the same rules as on the pages.

**Tokens.** Signing in gives an access token for `Authorization: Bearer`, good for a few minutes, and a refresh token for the \
next pair. An access token stops working at once when its session ends. Other services verify it with the keys at \
`/.well-known/jwks.json`. Cookies are not looked at.

**Refusals** all have one shape: `success` is `false`, `error` is a word that programs can rely on, `message` is for people, and \
`fields` says with `invalid_fields` what is wrong where. 429 and 503 say in `Retry-After` when to try again. (What is no HTTP at \
all, or has a header of more than 16 KiB, gets 400 or 431 without a body.) Answers may get more fields; requests must not have \
fields that are not described.";

/// The description as it is served.
pub struct Document(Bytes);

impl Document {
    /// Writes it down once.
    pub fn of(description: &OpenApi) -> Self {
        let json =
            description.to_pretty_json().expect("names and texts, which can always be written");
        Self(json.into())
    }
}

/// What stands before the operations.
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
    // Refusals are described by name.
    let components = ComponentsBuilder::new()
        .security_scheme("accessToken", bearer)
        .schema_from::<ErrorView<'_>>()
        .schema_from::<Word>();
    let tag = |name: &str, says: &str| TagBuilder::new().name(name).description(Some(says)).build();
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new().url(config.public_url.to_string()).build()]))
        .components(Some(components.build()))
        .tags(Some([
            tag("Sessions", "Signing in and out, and what a session's tokens are worth."),
            tag("Accounts", "Signing up, new passwords, and who somebody is."),
            tag("Service", "What the server says about itself."),
        ]))
        .build()
}

refusals!(Refusals: [ANY]);

/// This description
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

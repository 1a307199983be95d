//! The JSON API: one file per resource, over the same services as the pages.
//!
//! A route is what `#[utoipa::path]` says above its handler, so that nothing is served that is not described.

mod document;
mod forgot_password;
mod login;
mod logout;
mod profile;
mod refresh;
mod register;
mod reset_password;
mod sessions;
mod view;

use std::sync::Arc;

use axum::{Extension, Router};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::document::Document;
use crate::app::App;
use crate::config::Config;
use crate::handlers::{health, jwks};

/// Every route for machines, and the description of all of them.
pub fn router(config: &Config) -> Router<App> {
    let (routes, description) = OpenApiRouter::with_openapi(document::outline(config))
        .routes(routes!(register::submit))
        .routes(routes!(login::submit))
        .routes(routes!(refresh::submit))
        .routes(routes!(logout::submit))
        .routes(routes!(forgot_password::submit))
        .routes(routes!(reset_password::submit))
        .routes(routes!(profile::show))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
        .routes(routes!(document::show))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(jwks::show))
        .split_for_parts();
    routes.layer(Extension(Arc::new(Document::of(&description))))
}

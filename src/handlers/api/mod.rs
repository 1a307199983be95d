//! The JSON API: one file per resource, over the same services as the pages.
//!
//! The `#[utoipa::path]` above a handler defines its route, so every route is documented.

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

use axum::Extension;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::document::Document;
use crate::app::App;
use crate::handlers::operations::health;
use crate::handlers::operations::jwks;
use crate::web::access::Routes;
use crate::web::access::Who::{Anybody, Bearers, EveryBearer};

/// All routes for programs, including the one with their description.
#[must_use]
pub fn routes(app: &App) -> Routes {
    let mut routes = Routes::new(app);
    let mut described = |who, operation| routes.described(who, operation);
    let (operations, description) = OpenApiRouter::with_openapi(document::outline(&app.config))
        .routes(described(Anybody, routes!(register::submit)))
        .routes(described(Anybody, routes!(login::submit)))
        .routes(described(Anybody, routes!(refresh::submit)))
        .routes(described(EveryBearer, routes!(logout::submit)))
        .routes(described(Anybody, routes!(forgot_password::submit)))
        .routes(described(Anybody, routes!(reset_password::submit)))
        .routes(described(Bearers, routes!(profile::show)))
        .routes(described(Bearers, routes!(sessions::list)))
        .routes(described(Bearers, routes!(sessions::end)))
        .routes(described(Anybody, routes!(document::show)))
        .routes(described(Anybody, routes!(health::live)))
        .routes(described(Anybody, routes!(health::ready)))
        .routes(described(Anybody, routes!(jwks::show)))
        .split_for_parts();
    let document = Extension(Arc::new(Document::of(&description)));
    routes.with(|none| none.merge(operations.layer(document)))
}

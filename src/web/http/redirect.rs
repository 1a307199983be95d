//! Redirects within this site.

use axum::response::Redirect;

use crate::app::App;
use crate::domain::addresses::SitePath;

/// 303 to a path of this site.
pub fn go_to(app: &App, path: impl Into<SitePath>) -> Redirect {
    Redirect::to(&app.config.public_url.path(path))
}

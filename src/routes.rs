//! Every address, and what stands before it.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::config::Config;
use crate::handlers::{
    admin, api, check_mail, confirm_email, confirm_password, dashboard, dev_mail, forgot_password,
    gate, health, home, login, logout, not_me, profile, register, reset_password, two_factor,
    verify_email,
};
use crate::web::api::cors;
use crate::web::client::{self, Client};
use crate::web::error::{self, Problem};
use crate::web::{assets, cookies, headers, identity, request_log, resend};

/// All of it, below the path of `PUBLIC_URL`. Each layer stands before those named above it.
pub fn router(app: &App) -> Router {
    let base = app.config.public_url.base();
    let routes = pages(app).merge(machines(app)).route("/static/{name}", get(assets::serve));
    let below = |routes| if base.is_empty() { routes } else { Router::new().nest(base, routes) };
    let mut routes = below(routes);
    if !base.is_empty() {
        let home = base.to_owned();
        let to_home = get(move || async move { Redirect::to(&home) });
        routes = routes.route(&format!("{base}/"), to_home);
    }
    routes
        .fallback(|| async { Problem::not_found() })
        .layer(from_fn(headers::strict_framing))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(app.clone(), error::draw))
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .merge(below(gates()))
        .layer(from_fn_with_state(app.clone(), request_log::log))
        .layer(from_fn_with_state(app.clone(), client::identify))
        .with_state(app.clone())
}

/// What reverse proxies ask, for other hosts: their answers bring their own headers, and nothing of the login's.
fn gates() -> Router<App> {
    Router::new()
        .route("/gate/nginx", any(gate::check::nginx))
        .route("/gate/forward", any(gate::check::forward))
        .layer(from_fn(headers::strict_framing))
        .layer(CatchPanicLayer::custom(error::panicked))
}

/// What is there until the database is: the process answers, and everything else asks to come back.
pub fn starting(config: &Arc<Config>) -> Router {
    let at = |path: &str| format!("{}{path}", config.public_url.base());
    let (shown, hardened) = (Arc::clone(config), Arc::clone(config));
    let later = move |request: Request| async move { error::starting(&shown, &request) };
    let api = Router::new().route(&at("/api/{*elsewhere}"), any(later.clone()));
    Router::new()
        .route(&at("/health"), get(health::live))
        .route(&at("/health/ready"), get(health::starting))
        .route(&at("/static/{name}"), get(assets::serve))
        .merge(share(config, api))
        .method_not_allowed_fallback(later.clone())
        .fallback(later)
        .layer(map_response(move |mut response: Response| {
            headers::harden(&hardened, true, &mut response);
            ready(response)
        }))
}

/// What people see. A page decides for itself who may enter: by taking a `SignedIn`, or not.
fn pages(app: &App) -> Router<App> {
    Router::new()
        // anybody
        .route("/", get(home::show))
        .route("/auth", get(home::auth))
        .route("/auth/register", get(register::show).post(register::submit))
        .route("/auth/check-mail", get(check_mail::show))
        .route("/auth/login", get(login::show).post(login::submit))
        .route("/auth/two-factor", get(two_factor::show).post(two_factor::submit))
        .route("/auth/logout", get(logout::show).post(logout::submit))
        .route("/auth/forgot-password", get(forgot_password::show).post(forgot_password::submit))
        // on the way to a guarded application
        .route("/gate/start", get(gate::start::show))
        // whoever was sent a link
        .route("/auth/verify-email/{token}", get(verify_email::show).post(verify_email::submit))
        .route(
            "/auth/reset-password/{token}",
            get(reset_password::show).post(reset_password::submit),
        )
        .route("/auth/confirm-email/{token}", get(confirm_email::show).post(confirm_email::submit))
        .route("/auth/not-me/{token}", get(not_me::show).post(not_me::submit))
        // whoever is signed in
        .route("/dashboard", get(dashboard::show))
        .route("/auth/confirm-password", get(confirm_password::show).post(confirm_password::submit))
        .route("/profile", get(profile::name::show).post(profile::name::submit))
        .route("/profile/email", get(profile::email::show).post(profile::email::submit))
        .route("/profile/email/withdraw", post(profile::email::withdraw))
        .route("/profile/password", get(profile::password::show).post(profile::password::submit))
        .nest("/profile/two-factor", two_factor_pages())
        .route("/profile/sessions", get(profile::sessions::show))
        .route("/profile/sessions/{id}/revoke", post(profile::sessions::revoke))
        .route("/profile/sessions/revoke-others", post(profile::sessions::revoke_others))
        .route("/profile/activity", get(profile::activity::show))
        .route("/profile/export", get(profile::export::show))
        .route("/profile/delete", get(profile::delete::show).post(profile::delete::submit))
        // administrators
        .route("/admin/doctor", get(admin::doctor::show))
        .route("/admin/doctor/request", get(admin::doctor::request))
        // development
        .route("/dev/mail", get(dev_mail::list))
        .route("/dev/mail/{id}", get(dev_mail::show))
        .route("/dev/mail/{id}/html", get(dev_mail::html))
        .layer(from_fn_with_state(app.clone(), identity::recognise))
        .layer(from_fn(resend::offer))
        .layer(from_fn_with_state(app.clone(), limit_writes))
        .layer(from_fn_with_state(app.clone(), cookies::carry))
}

fn two_factor_pages() -> Router<App> {
    use profile::two_factor::{disable, download, enable, renew, show};
    Router::new()
        .route("/", get(show).post(enable))
        .route("/disable", post(disable))
        .route("/recovery-codes", post(renew))
        .route("/recovery-codes/download", post(download))
}

/// What machines ask for, without cookies: all of it is in the description that `/api/openapi.json` serves.
fn machines(app: &App) -> Router<App> {
    let routes = api::router(&app.config)
        .route("/api/{*elsewhere}", any(|| async { Problem::not_found() }))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(app.clone(), limit_writes));
    share(&app.config, routes)
}

/// Lets pages of the origins that the operator names read the answers, also where they are refusals.
fn share<S: Clone + Send + Sync + 'static>(config: &Config, routes: Router<S>) -> Router<S> {
    match config.cors_allowed_origins.as_slice() {
        [] => routes,
        origins => routes.layer(cors::allow(origins)),
    }
}

/// Middleware: refuses a flood of forms and API calls that may change something before it costs a query.
async fn limit_writes(
    State(app): State<App>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    if !request.method().is_safe()
        && let Err(wait) = app.local_throttle.count(&client.source, app.clock.now())
    {
        tracing::warn!(address = %client.source.address, "a flood of requests was refused");
        return Problem::too_many(wait).into_response();
    }
    next.run(request).await
}

//! Every route, who may request it, and its middleware.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::HeaderMap;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{Redirect, Response};
use axum::routing::{any, get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::config::Config;
use crate::domain::addresses;
use crate::domain::gate::reserved::TICKET_PATH;
use crate::handlers::{
    account, administration, api, browser_choices, gate, home, operations, sign_in, sign_up,
};
use crate::web::access::Routes;
use crate::web::access::Who::{
    self, Administrators, Anybody, AnybodyComplete, Enrolling, SignedIn,
};
use crate::web::api::cors;
use crate::web::http::problem::Problem;
use crate::web::http::{client, cookies, headers, oversized, resend};
use crate::web::middleware::limits::limit_writes;
use crate::web::middleware::readable::refuse_unreadable;
use crate::web::middleware::recognise::recognise;
use crate::web::middleware::resubmission::answer_once;
use crate::web::middleware::turns::Turns;
use crate::web::middleware::{error_pages, request_log};
use crate::web::visitor::reader;

/// All routes, below the path of `PUBLIC_URL`. A request passes the last layer first.
pub fn router(app: &App) -> Router {
    let base = app.config.public_url.base();
    let below = |routes| if base.is_empty() { routes } else { Router::new().nest(base, routes) };
    let mut routes = below(own(app).into_router());
    if !base.is_empty() {
        let home = base.to_owned();
        let to_home = get(move || async move { Redirect::to(&home) });
        routes = routes.route(&format!("{base}/"), to_home);
    }
    routes
        .fallback(|| async { Problem::not_found() })
        .layer(from_fn(refuse_unreadable))
        .layer(from_fn(headers::strict_framing))
        .layer(CatchPanicLayer::custom(error_pages::panicked))
        .layer(from_fn_with_state(app.clone(), error_pages::render))
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .merge(below(gates(app).into_router()))
        .merge(reserved(app).into_router())
        .layer(from_fn_with_state(app.clone(), request_log::log))
        .layer(from_fn_with_state(app.clone(), client::identify))
        .with_state(app.clone())
}

/// Every path and who may request it. Paths are below that of `PUBLIC_URL`, except those reserved on guarded hosts.
#[must_use]
pub fn table(app: &App) -> Vec<(String, Who)> {
    own(app).merge(gates(app)).merge(reserved(app)).into_table()
}

/// All routes except those of the gate.
fn own(app: &App) -> Routes {
    let assets = Routes::new(app).add(addresses::STATIC, Anybody, get(operations::assets::serve));
    pages(app).merge(machines(app)).merge(assets)
}

/// The requests of reverse proxies on behalf of guarded hosts. Their responses set their own headers, and the handlers decide who is
/// allowed.
fn gates(app: &App) -> Routes {
    Routes::new(app)
        .add(addresses::GATE_NGINX, Anybody, any(gate::check::nginx))
        .add(addresses::GATE_FORWARD, Anybody, any(gate::check::forward))
        .with(gate_layers)
}

/// The prefix that the gate reserves on every guarded host, whose proxy forwards it to us. A ticket in the URL proves the sign-in.
fn reserved(app: &App) -> Routes {
    Routes::new(app).add(TICKET_PATH, Anybody, get(gate::ticket::show)).with(|routes| {
        let not_found = || any(gate::ticket::not_found);
        let routes = routes
            .route("/.authflow", not_found())
            .route("/.authflow/", not_found())
            .route("/.authflow/{*elsewhere}", not_found());
        gate_layers(routes)
    })
}

/// Adds the layers of routes whose responses appear at guarded hosts. These responses get no error pages and no default headers.
fn gate_layers(routes: Router<App>) -> Router<App> {
    routes
        .layer(from_fn(headers::strict_framing))
        .layer(CatchPanicLayer::custom(error_pages::panicked))
}

/// The routes until the database is ready: the health checks and static files; everything else gets 503 with `Retry-After`.
pub fn starting(config: &Arc<Config>) -> Router {
    let at = |path: &str| format!("{}{path}", config.public_url.base());
    let [shown, hardened, serving] = [config, config, config].map(Arc::clone);
    let unavailable =
        move |request: Request| async move { error_pages::starting(&shown, &request) };
    let file = move |Path(name): Path<String>, headers: HeaderMap| async move {
        operations::assets::file(&serving, &name, &headers)
    };
    let api = Router::new().route(&at("/api/{*elsewhere}"), any(unavailable.clone()));
    Router::new()
        .route(&at(addresses::HEALTH.route()), get(operations::health::live))
        .route(&at(addresses::HEALTH_READY.route()), get(operations::health::starting))
        .route(&at(addresses::STATIC.route()), get(file))
        .merge(with_cors(config, api))
        .method_not_allowed_fallback(unavailable.clone())
        .fallback(unavailable)
        .layer(map_response(move |mut response: Response| {
            headers::harden(&hardened, true, &mut response);
            ready(response)
        }))
}

/// All HTML pages.
fn pages(app: &App) -> Routes {
    public_pages(app).merge(own_pages(app)).merge(administration(app)).with(|routes| {
        routes
            .layer(CatchPanicLayer::custom(error_pages::panicked))
            .layer(from_fn_with_state(app.clone(), reader::choose))
            .layer(from_fn_with_state(app.clone(), recognise))
            .layer(from_fn_with_state((app.clone(), Turns::default()), answer_once))
            .layer(from_fn(resend::offer))
            .layer(from_fn_with_state(app.clone(), limit_writes))
            .layer(from_fn_with_state(app.clone(), cookies::carry))
            .layer(from_fn(oversized::refuse))
    })
}

/// Pages that don't require a session.
fn public_pages(app: &App) -> Routes {
    use account::{confirm_email, not_me};
    use operations::dev_mail;
    use sign_in::{forgot_password, login, logout, reset_password, two_factor};
    use sign_up::{awaiting_approval, check_mail, first_administrator, register, verify_email};
    Routes::new(app)
        .add(addresses::HOME, Anybody, get(home::show))
        .add(addresses::AUTH, Anybody, get(home::auth))
        .add(addresses::REGISTER, Anybody, get(register::show).post(register::submit))
        .add(addresses::CHECK_MAIL, Anybody, get(check_mail::show))
        .add(addresses::AWAITING_APPROVAL, Anybody, get(awaiting_approval::show))
        .add(addresses::SIGN_IN, Anybody, get(login::show).post(login::submit))
        .add(addresses::TWO_FACTOR, Anybody, get(two_factor::show).post(two_factor::submit))
        .add(addresses::SIGN_OUT, Anybody, get(logout::show).post(logout::submit))
        .add(
            addresses::FORGOT_PASSWORD,
            Anybody,
            get(forgot_password::show).post(forgot_password::submit),
        )
        .add(addresses::RETURN, Anybody, get(sign_in::long_return::show))
        .add(addresses::LANGUAGE, Anybody, post(browser_choices::language))
        .add(addresses::APPEARANCE, Anybody, post(browser_choices::theme))
        // redirects to and from guarded apps
        .add(addresses::GATE_START, Anybody, get(gate::start::show))
        // behind links in emails
        .add_link(
            addresses::VERIFY_EMAIL,
            Anybody,
            get(verify_email::show).post(verify_email::submit),
        )
        .add_link(
            addresses::RESET_PASSWORD,
            Anybody,
            get(reset_password::show).post(reset_password::submit),
        )
        .add_link(
            addresses::CONFIRM_EMAIL,
            AnybodyComplete,
            get(confirm_email::show).post(confirm_email::submit),
        )
        .add_link(
            addresses::INVITATION,
            Anybody,
            get(register::show_invited).post(register::submit_invited),
        )
        .add_link(
            addresses::FIRST_ADMINISTRATOR,
            Anybody,
            get(first_administrator::show).post(first_administrator::submit),
        )
        .add_link(addresses::NOT_ME, Anybody, get(not_me::show).post(not_me::submit))
        // development: only with the `file` transport, and only for clients on this machine
        .add(addresses::DEV_MAIL, Anybody, get(dev_mail::list))
        .add(addresses::DEV_MAIL_SHOW, Anybody, get(dev_mail::show))
        .add(addresses::DEV_MAIL_HTML, Anybody, get(dev_mail::html))
}

/// Pages for signed-in users.
fn own_pages(app: &App) -> Routes {
    use account::recovery_codes::{self, download, saved};
    use account::two_factor::{disable, enable, renew, show};
    Routes::new(app)
        .add(addresses::DASHBOARD, SignedIn, get(account::dashboard::show))
        .add(
            addresses::CONFIRM_PASSWORD,
            Enrolling,
            get(sign_in::confirm_password::show).post(sign_in::confirm_password::submit),
        )
        .add(
            addresses::PROFILE,
            SignedIn,
            get(account::profile::show).post(account::profile::submit),
        )
        .add(
            addresses::PROFILE_EMAIL,
            SignedIn,
            get(account::email::show).post(account::email::submit),
        )
        .add(addresses::PROFILE_EMAIL_WITHDRAW, SignedIn, post(account::email::withdraw))
        .add(addresses::PROFILE_EMAIL_CONFIRM, SignedIn, post(account::email::confirm))
        .add(
            addresses::PROFILE_PASSWORD,
            SignedIn,
            get(account::password::show).post(account::password::submit),
        )
        .add(addresses::PROFILE_TWO_FACTOR, Enrolling, get(show).post(enable))
        .add(addresses::PROFILE_TWO_FACTOR_DISABLE, SignedIn, post(disable))
        .add(addresses::PROFILE_RECOVERY_CODES, SignedIn, get(recovery_codes::show).post(renew))
        .add(addresses::PROFILE_RECOVERY_CODES_SAVED, SignedIn, post(saved))
        .add(addresses::PROFILE_RECOVERY_CODES_DOWNLOAD, SignedIn, post(download))
        .add(addresses::PROFILE_SESSIONS, SignedIn, get(account::sessions::show))
        .add(addresses::PROFILE_SESSIONS_REVOKE, SignedIn, post(account::sessions::revoke))
        .add(
            addresses::PROFILE_SESSIONS_REVOKE_OTHERS,
            SignedIn,
            post(account::sessions::revoke_others),
        )
        .add(addresses::PROFILE_ACTIVITY, SignedIn, get(account::activity::show))
        .add(addresses::PROFILE_EXPORT, SignedIn, get(account::export::show))
        .add(
            addresses::PROFILE_DELETE,
            SignedIn,
            get(account::delete::show).post(account::delete::submit),
        )
}

/// Pages for administrators.
fn administration(app: &App) -> Routes {
    use administration::invitations::{self, invite};
    use administration::users::{acts, delete, list, second_factor, show};
    Routes::new(app)
        .add(addresses::ADMINISTRATION, Administrators, get(administration::overview::show))
        .add(addresses::USERS, Administrators, get(list::show))
        .add(addresses::USERS_INVITE, Administrators, get(invite::show).post(invite::submit))
        .add(addresses::ROLES, Administrators, get(administration::roles::show))
        .add(addresses::INVITATIONS, Administrators, get(invitations::list::show))
        .add(addresses::INVITATION_DETAILS, Administrators, get(invitations::show::show))
        .add(addresses::INVITATION_REVOKE, Administrators, post(invitations::show::revoke))
        .add(addresses::USER, Administrators, get(show::show))
        .add(addresses::USER_APPROVE, Administrators, post(acts::approve))
        .add(
            addresses::USER_REJECT,
            Administrators,
            get(delete::show_rejection).post(delete::submit_rejection),
        )
        .add(addresses::USER_DISABLE, Administrators, post(acts::disable))
        .add(addresses::USER_ENABLE, Administrators, post(acts::enable))
        .add(addresses::USER_ROLES, Administrators, post(acts::roles))
        .add(addresses::USER_HANDLE, Administrators, post(acts::handle))
        .add(addresses::USER_REVOKE_SESSIONS, Administrators, post(acts::revoke_sessions))
        .add(addresses::USER_SEND_RESET, Administrators, post(acts::send_reset))
        .add(addresses::USER_RESEND_CONFIRMATION, Administrators, post(acts::resend_confirmation))
        .add(addresses::USER_VERIFY_EMAIL, Administrators, post(acts::verify_email))
        .add(
            addresses::USER_REMOVE_SECOND_FACTOR,
            Administrators,
            get(second_factor::show).post(second_factor::submit),
        )
        .add(addresses::USER_DELETE, Administrators, get(delete::show).post(delete::submit))
        .add(addresses::EMAILS, Administrators, get(administration::emails::list::show))
        .add(addresses::EMAILS_RETRY, Administrators, post(administration::emails::retry::submit))
        .add(addresses::AUDIT, Administrators, get(administration::audit::list::show))
        .add(addresses::AUDIT_EXPORT, Administrators, get(administration::audit::export::show))
        .add(addresses::SETUP_DISMISS, Administrators, post(account::dashboard::dismiss))
        .add(addresses::DOCTOR, Administrators, get(administration::doctor::show))
        // for `authflow doctor`, which proves that it has the same SECRET_KEY
        .add(addresses::DOCTOR_REQUEST, Anybody, get(administration::doctor::request))
}

/// The JSON API, health checks and public keys, all without cookies. `/api/openapi.json` describes them.
fn machines(app: &App) -> Routes {
    api::routes(app).with(|routes| {
        let routes = routes
            .route("/api/{*elsewhere}", any(|| async { Problem::not_found() }))
            .layer(CatchPanicLayer::custom(error_pages::panicked))
            .layer(from_fn_with_state(app.clone(), limit_writes))
            .layer(from_fn(oversized::refuse));
        with_cors(&app.config, routes)
    })
}

/// Lets pages of `CORS_ALLOWED_ORIGINS` read the responses, including errors.
fn with_cors<S: Clone + Send + Sync + 'static>(config: &Config, routes: Router<S>) -> Router<S> {
    match config.cors_allowed_origins.as_slice() {
        [] => routes,
        origins => routes.layer(cors::allow(origins)),
    }
}

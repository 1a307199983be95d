//! Access control: which clients may use which route.
//!
//! A route can only be added to [`Routes`] together with its audience, so no handler can forget the check. The check runs after routing,
//! so unknown paths and methods are 404 and 405 for everyone. A handler that needs the user takes the same extractor again.

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::app::App;
use crate::domain::addresses::AddressTemplate;
use crate::web::api::bearer::{Bearer, CompleteBearer};
use crate::web::visitor::identity::{Administrator, SignedIn};
use crate::web::visitor::second_step::Complete;

/// The audience of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Every client: pages that need no session, links in emails, and routes that authenticate the client themselves.
    Anybody,
    /// Every client, but a session acts here as well, so it must not lack the second factor that `SECOND_FACTOR` demands.
    AnybodyComplete,
    /// Signed-in users, identified by the session cookie, also those who still have to set up the second factor that `SECOND_FACTOR` demands.
    /// The way to it, and nothing else.
    Enrolling,
    /// Signed-in users. A session that lacks the demanded second factor is led to it.
    SignedIn,
    /// Signed-in users with the role `admin`, likewise.
    Administrators,
    /// Programs with an access token of a live session, also one that lacks the demanded second factor. Cookies are ignored.
    EveryBearer,
    /// Programs with an access token of a live session that does not lack the demanded second factor. Cookies are ignored.
    Bearers,
}

impl Who {
    /// Runs the check before the handlers.
    fn guard(self, app: &App, handlers: MethodRouter<App>) -> MethodRouter<App> {
        let app = app.clone();
        match self {
            Self::Anybody => handlers,
            Self::AnybodyComplete => {
                handlers.route_layer(from_fn_with_state(app, only::<Complete>))
            }
            Self::Enrolling => handlers.route_layer(from_fn_with_state(app, only::<SignedIn>)),
            Self::SignedIn => {
                handlers.route_layer(from_fn_with_state(app, only::<(SignedIn, Complete)>))
            }
            Self::Administrators => handlers
                .route_layer(from_fn_with_state(app, only::<(SignedIn, Complete, Administrator)>)),
            Self::EveryBearer => handlers.route_layer(from_fn_with_state(app, only::<Bearer>)),
            Self::Bearers => handlers.route_layer(from_fn_with_state(app, only::<CompleteBearer>)),
        }
    }
}

/// Middleware: if the extractor `P` rejects the request, responds with its rejection.
async fn only<P: FromRequestParts<App> + Send>(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Err(refusal) = P::from_request_parts(&mut parts, &app).await {
        return refusal.into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Routes, each with its audience.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "leads to the whole server")]
pub struct Routes {
    app: App,
    router: Router<App>,
    table: Vec<(String, Who)>,
}

impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), router: Router::new(), table: Vec::new() }
    }

    /// Adds a route at one of `domain::addresses`.
    #[must_use]
    pub fn add(
        mut self,
        path: impl Into<&'static str>,
        who: Who,
        handlers: MethodRouter<App>,
    ) -> Self {
        let path = path.into();
        self.table.push((path.to_owned(), who));
        self.router = self.router.route(path, who.guard(&self.app, handlers));
        self
    }

    /// Adds the route of an emailed link. It also takes a link that was cut before the token, or that has a tail with slashes.
    #[must_use]
    pub fn add_link(self, link: AddressTemplate, who: Who, handlers: MethodRouter<App>) -> Self {
        let guarded = who.guard(&self.app, handlers.clone());
        let (route, start) = (link.route(), link.start());
        let spellings = [
            start.trim_end_matches('/'),
            start,
            &format!("{route}/"),
            &format!("{route}/{{*tail}}"),
        ];
        let spelled = |router: Router<App>| {
            spellings.iter().fold(router, |router, path| router.route(path, guarded.clone()))
        };
        self.add(link, who, handlers).with(spelled)
    }

    /// Adds documented API routes to the table and returns them with their access check.
    pub fn described(
        &mut self,
        who: Who,
        (schemas, paths, handlers): UtoipaMethodRouter<App>,
    ) -> UtoipaMethodRouter<App> {
        self.table.extend(paths.paths.keys().map(|path| (path.clone(), who)));
        (schemas, paths, who.guard(&self.app, handlers))
    }

    /// Adds all routes of `more`.
    #[must_use]
    pub fn merge(mut self, more: Self) -> Self {
        self.table.extend(more.table);
        self.router = self.router.merge(more.router);
        self
    }

    /// Changes the router: adds layers or routes that only return errors.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        self.router = change(self.router);
        self
    }

    /// The router with all routes and their checks.
    pub fn into_router(self) -> Router<App> {
        self.router
    }

    /// Each path and its audience.
    #[must_use]
    pub fn into_table(self) -> Vec<(String, Who)> {
        self.table
    }
}

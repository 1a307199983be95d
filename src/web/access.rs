//! Who may do what: the one place that decides it.
//!
//! A route is added to [`Routes`] together with whoever it is for; there is no other way to add one. The check stands before the
//! handler, so that one which forgets to ask is shut all the same, and behind the choice of the method, so that what does not exist
//! stays 404 or 405 for everybody. A handler that needs to know who it is takes the same extractor once more.

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::app::App;
use crate::web::api::bearer::Bearer;
use crate::web::visitor::identity::{Administrator, SignedIn};

/// Whom a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody: pages on the way in, whoever was sent a link, and what shows by other means than a session who is asking.
    Anybody,
    /// People who are signed in, by the cookie of their session.
    SignedIn,
    /// Those of them who have the role `admin`.
    Administrators,
    /// Programs with the access token of a session that lives; cookies count for nothing.
    Bearers,
}

impl Who {
    /// The handlers behind the check.
    fn guard(self, app: &App, handlers: MethodRouter<App>) -> MethodRouter<App> {
        let app = app.clone();
        match self {
            Self::Anybody => handlers,
            Self::SignedIn => handlers.route_layer(from_fn_with_state(app, only::<SignedIn>)),
            Self::Administrators => {
                handlers.route_layer(from_fn_with_state(app, only::<Administrator>))
            }
            Self::Bearers => handlers.route_layer(from_fn_with_state(app, only::<Bearer>)),
        }
    }
}

/// Middleware: lets those through whom the extractor `P` takes, and gives everybody else its refusal.
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

/// Routes, each with whoever it is for.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "leads to the whole server")]
pub struct Routes {
    app: App,
    router: Router<App>,
    table: Vec<(String, Who)>,
}

impl Routes {
    /// None yet.
    #[must_use]
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), router: Router::new(), table: Vec::new() }
    }

    /// One more, at one of `domain::addresses`.
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

    /// The same of those that a description names: notes them, and gives them back behind their check.
    pub fn described(
        &mut self,
        who: Who,
        (schemas, paths, handlers): UtoipaMethodRouter<App>,
    ) -> UtoipaMethodRouter<App> {
        self.table.extend(paths.paths.keys().map(|path| (path.clone(), who)));
        (schemas, paths, who.guard(&self.app, handlers))
    }

    /// These and those.
    #[must_use]
    pub fn merge(mut self, more: Self) -> Self {
        self.table.extend(more.table);
        self.router = self.router.merge(more.router);
        self
    }

    /// The same with something around them, or beside them what is for everybody by its nature: a refusal.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        self.router = change(self.router);
        self
    }

    /// What serves them.
    pub fn into_router(self) -> Router<App> {
        self.router
    }

    /// Each path and whom it is for.
    #[must_use]
    pub fn into_table(self) -> Vec<(String, Who)> {
        self.table
    }
}

//! `GET /.authflow/ticket`, on a guarded host: redeems the ticket with which a browser returns from the login host. The proxy forwards
//! all of `/.authflow/` to us without asking the gate, so no app sees such a request.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::check::{COOKIES_REFUSED, NOT_SIGNED_IN, SIGNED_IN, refuse, warn_of_doubled};
use super::way::{Way, parameter, saved_target};
use crate::app::App;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::rule::Rule;
use crate::domain::gate::target::Target;
use crate::domain::gate::ticket::Nonce;
use crate::domain::id::SessionId;
use crate::domain::query;
use crate::domain::return_address::SavedId;
use crate::error::Result;
use crate::i18n::message;
use crate::services::gate::{self, Guest, Redeemed};
use crate::web::gate::answer::{self, GatePage, NO_TICKET};
use crate::web::gate::asked::Asked;
use crate::web::gate::cookies;
use crate::web::gate::unanswerable::Unanswerable;
use crate::web::http::client::Client;
use crate::web::http::problem::Link;
use crate::web::visitor::reader;

const TICKET_FAILED: &str = "ticket_failed";

/// `GET /.authflow/ticket`
pub async fn show(
    State(app): State<App>,
    client: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let origin = if client.may_ask_gate {
        Asked::origin(&app.config.guarded_apps, &headers)
    } else {
        Err(Unanswerable::Untrusted)
    };
    let query = query.unwrap_or_default();
    let readable = || query::is_readable(&query).then_some(()).ok_or(Unanswerable::Unreadable);
    let origin = match origin.and_then(|origin| readable().map(|()| origin)) {
        Ok(origin) => origin,
        Err(why) => return refuse(&app, &client, &headers, &why),
    };
    warn_of_doubled(&headers, &origin, &client);
    let answer = answer(&app, &client, &headers, &origin, &query).await;
    answer.unwrap_or_else(|error| {
        tracing::error!(%error, %origin, "could not redeem a ticket");
        let t = reader::of_headers(&app, &headers);
        answer::unavailable(&app.config, t, Asked::is_navigation(&headers))
    })
}

async fn answer(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    origin: &GateOrigin,
    query: &str,
) -> Result<Response> {
    let mut to = Target::within(origin, &parameter(query, "to").unwrap_or_default());
    let saved = parameter(query, "saved").as_deref().and_then(SavedId::parse);
    if let Some(saved) = saved
        && let Some(target) = saved_target(app, saved, &to).await?.filter(|it| !it.is_reserved())
    {
        to = target;
    }
    let nonce = cookies::nonce(headers, origin);
    let arrival = Arrival { app, client, headers, origin, to, nonce };
    arrival.answer(parameter(query, "ticket").as_deref()).await
}

/// 404 for every other path below the prefix, which belongs to the gate.
pub async fn not_found(State(app): State<App>, headers: HeaderMap) -> Response {
    let t = reader::of_headers(&app, &headers);
    let mut page = GatePage::new(&app.config, t, message::error_not_found_title());
    page.text.push(message::error_not_found());
    page.answer(Asked::is_navigation(&headers), StatusCode::NOT_FOUND, "not_found")
}

/// A browser that returns from the login host.
struct Arrival<'a> {
    app: &'a App,
    client: &'a Client,
    headers: &'a HeaderMap,
    origin: &'a GateOrigin,
    to: Target,
    nonce: Option<Nonce>,
}

impl Arrival<'_> {
    async fn answer(&self, ticket: Option<&str>) -> Result<Response> {
        let Some(ticket) = ticket else {
            let is_signed_in = self.session().await?.is_some();
            return Ok(if is_signed_in {
                self.go_on(None)
            } else {
                self.go_back(NO_TICKET, false).await?
            });
        };
        let redeemed = gate::redeem(self.app, self.origin, ticket, self.nonce.as_ref()).await?;
        Ok(match redeemed {
            // The browser would send the new cookie twice as well.
            Redeemed::Opened(_) if cookies::doubled(self.headers, self.origin).is_some() => {
                self.cookies_refused()
            }
            Redeemed::Opened(key) => {
                let cookie = cookies::set_token(self.origin, &key, self.app.clock.now());
                self.go_on(Some(&cookie))
            }
            // The URL was opened twice, by a reload or a double click. Other failed tickets must not redirect to the app: if the session
            // does not meet the rule, the redirects would loop.
            Redeemed::Spent { .. } if self.session().await?.is_some() => self.go_on(None),
            // Many tabs signed in at once, and the browser has the token that one of them received.
            Redeemed::Looping(session) if self.session().await? == Some(session) => {
                self.go_on(None)
            }
            Redeemed::Spent { again: false } | Redeemed::Wrong { again: false } => {
                self.go_back(TICKET_FAILED, true).await?
            }
            Redeemed::Spent { again: true }
            | Redeemed::Wrong { again: true }
            | Redeemed::Looping(_) => self.cookies_refused(),
        })
    }

    /// The session of the gate token in the browser's cookie.
    async fn session(&self) -> Result<Option<SessionId>> {
        let token = cookies::token(self.headers, self.origin);
        let guest = gate::check(self.app, self.origin, token, &Rule::default()).await?;
        Ok(match guest {
            Guest::SignedIn(session, _) => Some(session.id),
            Guest::Anonymous => None,
        })
    }

    /// Redirects to the app, to a URL without a ticket.
    fn go_on(&self, cookie: Option<&str>) -> Response {
        answer::go(StatusCode::SEE_OTHER, &self.to.clean(), cookie, SIGNED_IN)
    }

    /// Redirects to the login host for another ticket. `again`: a ticket has just failed.
    async fn go_back(&self, reason: &'static str, again: bool) -> Result<Response> {
        if !Asked::is_navigation(self.headers) {
            return Ok(answer::challenge(reason, "You are not signed in.\n"));
        }
        let nonce = self.nonce.clone().unwrap_or_else(Nonce::random);
        let way = Way {
            nonce: Some(nonce.hash()),
            again,
            ..Way::to(self.app, &self.client.source, self.to.clone()).await?
        };
        let address = self.app.config.public_url.link(way.path());
        let cookie = cookies::set_nonce(self.origin, &nonce);
        Ok(answer::go(StatusCode::SEE_OTHER, &address, Some(&cookie), NOT_SIGNED_IN))
    }

    /// The error page for a browser that returned from the login host twice without the gate's cookie. Another redirect would not help.
    fn cookies_refused(&self) -> Response {
        let origin = self.origin;
        let names = crate::web::http::cookies::pairs(self.headers).map(|(name, _)| name);
        tracing::warn!(%origin, address = %self.client.source.address, arrived = ?names.collect::<Vec<_>>(),
            "a browser returned from the sign-in page without the gate's cookie");
        let t = reader::of_headers(self.app, self.headers);
        let mut page = GatePage::new(&self.app.config, t, message::gate_lost_title());
        page.text.push(message::gate_lost(origin.as_str()));
        if let Some(cookie) = cookies::doubled(self.headers, origin) {
            page.causes.push(message::layout_doubled_cookie(cookie));
        }
        page.causes.extend([
            message::gate_cause_blocked(origin.as_str()),
            message::gate_cause_copied(),
            message::gate_cause_address(origin.as_str()),
            message::gate_cause_proxy(),
        ]);
        page.links = vec![Link { href: self.to.clean(), label: message::gate_try_again() }];
        page.request_id = Some(self.client.source.request_id.clone());
        let is_navigation = Asked::is_navigation(self.headers);
        page.answer(is_navigation, StatusCode::BAD_REQUEST, COOKIES_REFUSED)
    }
}

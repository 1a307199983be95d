//! The gate's decisions: what proxies request before they forward a request to an app. `ARCHITECTURE.md` has the table of responses.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::way::Way;
use crate::app::App;
use crate::domain::addresses;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::rule::{Admission, Rule};
use crate::domain::gate::ticket::Nonce;
use crate::domain::sign_in::session::Session;
use crate::error::Result;
use crate::i18n::localizer::Localizer;
use crate::i18n::message;
use crate::installation::docs_page::DocsPage;
use crate::services::gate::{self, Guest};
use crate::services::gate_requirements;
use crate::web::gate::answer::{self, GatePage};
use crate::web::gate::asked::Asked;
use crate::web::gate::proxy::Proxy;
use crate::web::gate::unanswerable::Unanswerable;
use crate::web::gate::{cookies, identity};
use crate::web::http::client::Client;
use crate::web::http::problem::Link;
use crate::web::visitor::reader;

/// Reason code: the browser has no session at the guarded host.
pub const NOT_SIGNED_IN: &str = "not_signed_in";
const FACTOR_MISSING: &str = "second_factor_missing";
const ROLE_MISSING: &str = "role_missing";
const EMAIL_UNCONFIRMED: &str = "email_unconfirmed";
/// Reason code: the browser is redirected to the app.
pub const SIGNED_IN: &str = "signed_in";
/// Reason code: the proxy's configuration is from an earlier version. It asks about a path that it should forward to us.
const OUTDATED_PROXY: &str = "outdated_proxy";
/// Reason code: the browser does not return the gate's cookies as they were set.
pub const COOKIES_REFUSED: &str = "cookies_refused";
const RESERVED_PATH: &str = "reserved_path";
/// With this request header, nginx asks for the page that explains a refusal, not for a decision. Its value is the status of the refusal.
const REFUSED: &str = "x-authflow-refused";

/// `/gate/nginx`
pub async fn nginx(
    app: State<App>,
    client: Client,
    query: RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(app, client, query, headers, Proxy::Nginx).await
}

/// `/gate/forward`
pub async fn forward(
    app: State<App>,
    client: Client,
    query: RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(app, client, query, headers, Proxy::Forward).await
}

async fn answer(
    State(app): State<App>,
    client: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    proxy: Proxy,
) -> Response {
    let query = query.unwrap_or_default();
    let read = || {
        if !client.may_ask_gate {
            return Err(Unanswerable::Untrusted);
        }
        let rule = Asked::rule(&query, &headers)?;
        Ok((rule, Asked::read(proxy, &app.config.guarded_apps, &headers)?))
    };
    let (rule, asked) = match read() {
        Ok(read) => read,
        Err(why) => return refuse(&app, &client, &headers, &why),
    };
    let visit =
        Visit { app: &app, client: &client, headers: &headers, proxy, rule: &rule, asked: &asked };
    visit.answer().await.unwrap_or_else(|error| {
        tracing::error!(%error, origin = %asked.target.origin, "the gate could not decide a request");
        answer::unavailable(&app.config, visit.reader(), asked.is_navigation)
    })
}

/// The response to a request that the gate can't decide, or whose sender is not in `GATE_PROXIES`.
pub fn refuse(app: &App, client: &Client, headers: &HeaderMap, why: &Unanswerable) -> Response {
    let text = why.message();
    tracing::warn!(address = %client.source.address, peer = %client.peer, reason = why.word(),
        detail = %text.english().escape_debug(), help = %DocsPage::GateRefusals,
        "the gate refused a request that it cannot decide");
    let is_navigation = Asked::is_navigation(headers);
    let t = reader::of_headers(app, headers);
    let mut page = GatePage::new(&app.config, t, message::gate_unreachable_title());
    page.text.push(text);
    page.request_id = Some(client.source.request_id.clone());
    page.answer(is_navigation, StatusCode::FORBIDDEN, why.word())
}

/// Logs which cookie of the gate is ignored because the browser sent it twice.
pub fn warn_of_doubled(headers: &HeaderMap, origin: &GateOrigin, client: &Client) {
    if let Some(cookie) = cookies::doubled(headers, origin) {
        tracing::warn!(cookie, %origin, address = %client.source.address,
            "ignored a cookie that the browser sent twice: another site on this domain may have set one of them");
    }
}

/// A request for a guarded app.
struct Visit<'a> {
    app: &'a App,
    client: &'a Client,
    headers: &'a HeaderMap,
    proxy: Proxy,
    rule: &'a Rule,
    asked: &'a Asked,
}

impl Visit<'_> {
    /// The reader of a page for a visitor who is not signed in.
    fn reader(&self) -> Localizer {
        reader::of_headers(self.app, self.headers)
    }

    async fn answer(&self) -> Result<Response> {
        let target = &self.asked.target;
        if self.headers.get(REFUSED).is_some_and(|status| status == "503") {
            return Ok(answer::unavailable(
                &self.app.config,
                self.reader(),
                self.asked.is_navigation,
            ));
        }
        if target.is_reserved() {
            return self.reserved_path().await;
        }
        if self.rule.opens(&self.asked.path)
            && !target.has_former_ticket()
            && !self.headers.contains_key(REFUSED)
        {
            let mut response = answer::allow(cookies::of_application(self.headers));
            identity::add_none(response.headers_mut());
            return Ok(response);
        }
        warn_of_doubled(self.headers, &target.origin, self.client);
        // A redirect to sign in would not help: the browser would send the new token twice as well.
        if let Some(cookie) = cookies::doubled_token(self.headers, &target.origin)
            && self.asked.is_navigation
        {
            return Ok(self.doubled(cookie));
        }
        let token = cookies::token(self.headers, &target.origin);
        let guest = gate::check(self.app, &target.origin, token, self.rule).await?;
        if let Guest::SignedIn(..) = guest {
            gate_requirements::remember(self.app, &target.origin, self.rule);
        }
        match guest {
            Guest::Anonymous => self.send_away(NOT_SIGNED_IN).await,
            // The app must not see a ticket, not even a useless one that an earlier version put into the URL.
            Guest::SignedIn(..) if target.has_former_ticket() => {
                let status = self.proxy.redirect(self.asked.is_safe());
                Ok(answer::go(status, &target.clean(), None, SIGNED_IN))
            }
            Guest::SignedIn(_, Admission::FactorMissing) => self.send_away(FACTOR_MISSING).await,
            Guest::SignedIn(session, Admission::RoleMissing) => self.not_allowed(&session).await,
            Guest::SignedIn(session, Admission::EmailUnconfirmed) => {
                Ok(self.confirm_first(&session))
            }
            Guest::SignedIn(session, Admission::Allowed) => self.allow(&session),
        }
    }

    fn allow(&self, session: &Session) -> Result<Response> {
        // nginx requests this page after a refusal, but the gate allows the request. So the proxy's own rules refused it, or the user has
        // just signed in.
        if self.headers.contains_key(REFUSED) {
            let t = reader::of_session(self.app, self.headers, session);
            let mut page = GatePage::new(&self.app.config, t, message::error_forbidden_title());
            page.text.push(message::gate_refused_by_proxy());
            return Ok(page.answer(
                self.asked.is_navigation,
                StatusCode::FORBIDDEN,
                "refused_by_proxy",
            ));
        }
        let wants_token = self.rule.access_token;
        let origin = &self.asked.target.origin;
        let token =
            wants_token.then(|| gate::access_token(self.app, session, origin)).transpose()?;
        let mut response = answer::allow(cookies::of_application(self.headers));
        let user = self.app.config.gate_remote_user;
        identity::add(response.headers_mut(), session, user, token.as_ref())?;
        Ok(response)
    }

    /// Redirects to the login host, with a nonce in a cookie of the guarded host. Requests that are not page views get a plain 401.
    async fn send_away(&self, reason: &'static str) -> Result<Response> {
        if !self.asked.is_navigation {
            return Ok(answer::challenge(reason, challenge_text(reason)));
        }
        let origin = &self.asked.target.origin;
        // An existing nonce is reused, so that tabs do not invalidate each other's tickets.
        let nonce = cookies::nonce(self.headers, origin).unwrap_or_else(Nonce::random);
        let way = Way {
            nonce: Some(nonce.hash()),
            // The first visit brings only the sign-in. The gate then checks the role, and asks for the second factor after it.
            second_factor: reason == FACTOR_MISSING,
            unsaved: !self.asked.is_safe(),
            ..Way::to(self.app, &self.client.source, self.asked.return_to()).await?
        };
        let to = self.app.config.public_url.link(way.path());
        let cookie = cookies::set_nonce(origin, &nonce);
        Ok(answer::go(self.proxy.redirect(self.asked.is_safe()), &to, Some(&cookie), reason))
    }

    fn doubled(&self, cookie: &str) -> Response {
        let mut page = GatePage::new(&self.app.config, self.reader(), message::gate_lost_title());
        page.text.push(message::layout_doubled_cookie(cookie));
        let href = self.asked.return_to().clean();
        page.links = vec![Link { href, label: message::gate_try_again() }];
        page.request_id = Some(self.client.source.request_id.clone());
        page.answer(self.asked.is_navigation, StatusCode::FORBIDDEN, COOKIES_REFUSED)
    }

    /// The response for a path that belongs to the gate. A proxy with the current configuration forwards such paths to us without asking.
    /// One that asks would forward the path to the app and log it, so the ticket in it is invalidated.
    async fn reserved_path(&self) -> Result<Response> {
        let target = &self.asked.target;
        let origin = &target.origin;
        if let Some(ticket) = target.parameter("ticket") {
            gate::redeem(self.app, origin, &ticket, None).await?;
        }
        let mut page =
            GatePage::new(&self.app.config, self.reader(), message::gate_unreachable_title());
        page.request_id = Some(self.client.source.request_id.clone());
        if !self.asked.is_ticket_address {
            page.text.push(message::gate_reserved());
            return Ok(page.answer(self.asked.is_navigation, StatusCode::FORBIDDEN, RESERVED_PATH));
        }
        tracing::warn!(
            %origin,
            help = %DocsPage::Gate,
            "the proxy's configuration is from an earlier version, so no user can sign in at this origin; print it again"
        );
        page.text.push(message::gate_outdated(origin.as_str()));
        page.text.push(message::gate_outdated_fix());
        Ok(page.answer(self.asked.is_navigation, StatusCode::FORBIDDEN, OUTDATED_PROXY))
    }

    /// The response if the app identifies users by email address and this user's address is not confirmed: it may be someone else's.
    fn confirm_first(&self, session: &Session) -> Response {
        let config = &self.app.config;
        let target = &self.asked.target;
        let t = reader::of_session(self.app, self.headers, session);
        let mut page = GatePage::new(config, t, message::gate_email_title());
        let (app, email) = (target.origin.as_str(), session.email.as_str());
        page.text.push(message::gate_email_unconfirmed(app, email));
        page.text.push(message::gate_email_how());
        page.links = vec![
            Link {
                href: config.public_url.link(addresses::PROFILE_EMAIL),
                label: message::gate_email_confirm(),
            },
            Link { href: self.asked.return_to().clean(), label: message::gate_open_again() },
        ];
        page.answer(self.asked.is_navigation, StatusCode::FORBIDDEN, EMAIL_UNCONFIRMED)
    }

    async fn not_allowed(&self, session: &Session) -> Result<Response> {
        let config = &self.app.config;
        let origin = &self.asked.target.origin;
        let t = reader::of_session(self.app, self.headers, session);
        let mut page = GatePage::new(config, t, message::error_forbidden_title());
        let (name, email) = (session.username.as_str(), session.email.as_str());
        page.text.push(message::gate_signed_in_as(email, name));
        let roles = &self.rule.roles;
        page.text.push(message::gate_role_missing(origin.as_str(), roles.len(), roles.join(", ")));
        let way = Way::to(self.app, &self.client.source, self.asked.return_to()).await?;
        let return_to = match way.saved {
            Some(_) => config.public_url.path(way.path()),
            None => way.target.clean(),
        };
        let logout = config.public_url.link(addresses::SIGN_OUT.with(&[("return_to", &return_to)]));
        page.links = vec![
            Link { href: logout, label: message::gate_other_account() },
            Link {
                href: config.public_url.link(addresses::DASHBOARD),
                label: message::gate_account(),
            },
        ];
        Ok(page.answer(self.asked.is_navigation, StatusCode::FORBIDDEN, ROLE_MISSING))
    }
}

fn challenge_text(reason: &'static str) -> &'static str {
    if reason == FACTOR_MISSING {
        "This app requires two-factor authentication.\n"
    } else {
        "You are not signed in.\n"
    }
}

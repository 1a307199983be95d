//! What proxies ask before they let a request through. Each answer is one of a table: see DESIGN.md, section 5.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::domain::gate::rule::{Rule, Standing};
use crate::domain::gate::ticket::Nonce;
use crate::domain::session::Session;
use crate::error::Result;
use crate::services::gate::{self, Guest, Redeemed};
use crate::web::client::Client;
use crate::web::error::Link;
use crate::web::gate::answer::{self, Page};
use crate::web::gate::asked::{Asked, Proxy, Unanswerable};
use crate::web::gate::{cookies, identity};

const NOT_SIGNED_IN: &str = "not_signed_in";
const FACTOR_MISSING: &str = "second_factor_missing";
const ROLE_MISSING: &str = "role_missing";
const SIGNED_IN: &str = "signed_in";
/// With this header nginx asks for the page about a refusal, not for a decision.
const REFUSED: &str = "x-authflow-refused";
const COOKIES_REFUSED: &str = "cookies_refused";

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
    let question = || {
        if !client.may_ask_gate {
            return Err(Unanswerable::Untrusted);
        }
        let rule = Asked::rule(&query, &headers)?;
        Ok((rule, Asked::read(proxy, &app.config.gate_origins, &headers)?))
    };
    let (rule, asked) = match question() {
        Ok(question) => question,
        Err(why) => return refuse(&app, &client, &headers, &why),
    };
    let visit =
        Visit { app: &app, client: &client, headers: &headers, proxy, rule: &rule, asked: &asked };
    visit.answer().await.unwrap_or_else(|error| {
        tracing::error!(%error, origin = %asked.target.origin, "the gate cannot answer");
        answer::unavailable()
    })
}

/// A question that makes no sense, or comes from somebody who must not ask.
fn refuse(app: &App, client: &Client, headers: &HeaderMap, why: &Unanswerable) -> Response {
    let text = why.text();
    tracing::warn!(address = %client.source.address, peer = %client.peer, reason = why.word(), "the gate was asked what it cannot answer: {}", text.escape_debug());
    let is_navigation = Asked::is_navigation(headers);
    let mut page = Page::new(&app.config, "This application cannot be reached");
    page.text.push(text);
    page.request_id = Some(client.source.request_id.clone());
    page.answer(is_navigation, StatusCode::FORBIDDEN, why.word())
}

/// One request for a guarded application.
struct Visit<'a> {
    app: &'a App,
    client: &'a Client,
    headers: &'a HeaderMap,
    proxy: Proxy,
    rule: &'a Rule,
    asked: &'a Asked,
}

impl Visit<'_> {
    async fn answer(&self) -> Result<Response> {
        let origin = &self.asked.target.origin;
        let token = cookies::token(self.headers, origin);
        let guest = gate::check(self.app, origin, token, self.rule).await?;
        // An address with a ticket never gets to the application.
        if let Some(ticket) = self.asked.target.ticket() {
            return self.arrive(ticket, &guest).await;
        }
        match guest {
            Guest::Anonymous => Ok(self.send_away(NOT_SIGNED_IN, false)),
            Guest::SignedIn(_, Standing::FactorMissing) => {
                Ok(self.send_away(FACTOR_MISSING, false))
            }
            Guest::SignedIn(session, Standing::RoleMissing) => Ok(self.not_allowed(&session)),
            Guest::SignedIn(session, Standing::Allowed) => self.allow(&session),
        }
    }

    fn allow(&self, session: &Session) -> Result<Response> {
        // nginx shows this answer to the browser: somebody else has refused the request, or things have just changed.
        if self.headers.contains_key(REFUSED) {
            let mut page = Page::new(&self.app.config, "Not allowed");
            page.text.push("The proxy has refused this request by a rule of its own, or you have just been let in: try again.".into());
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
        identity::add(response.headers_mut(), session, user, token.as_ref());
        Ok(response)
    }

    /// To the login host, with a nonce in a cookie of this one; whoever cannot follow gets a plain 401. `again`: a ticket has just
    /// been no good.
    fn send_away(&self, reason: &'static str, again: bool) -> Response {
        if !self.asked.is_navigation {
            return answer::challenge(reason, challenge_text(reason));
        }
        let origin = &self.asked.target.origin;
        // The nonce that the browser has goes on: several tabs do not take each other's away.
        let nonce = cookies::nonce(self.headers, origin).unwrap_or_else(Nonce::random);
        let mut query = Serializer::new(String::new());
        query.append_pair("return_to", &self.asked.return_address());
        query.append_pair("nonce", &nonce.hash().to_text());
        if self.rule.second_factor {
            query.append_pair("factor", "2");
        }
        if !self.asked.is_safe() {
            query.append_pair("unsaved", "on");
        }
        if again {
            query.append_pair("again", "on");
        }
        let to = self.app.config.public_url.link(&format!("/gate/start?{}", query.finish()));
        let cookie = cookies::set_nonce(origin, &nonce);
        answer::go(self.proxy, self.asked.is_safe(), &to, Some(&cookie), reason)
    }

    /// A browser brings a ticket.
    async fn arrive(&self, ticket: &str, guest: &Guest) -> Result<Response> {
        let target = &self.asked.target;
        let go_on = |cookie: Option<&str>| {
            answer::go(self.proxy, self.asked.is_safe(), &target.clean(), cookie, SIGNED_IN)
        };
        if let Guest::SignedIn(..) = guest {
            return Ok(go_on(None));
        }
        if !self.asked.is_safe() {
            return Ok(self.send_away(NOT_SIGNED_IN, false));
        }
        let Some(nonce) = cookies::nonce(self.headers, &target.origin) else {
            return Ok(self.cookies_refused());
        };
        let redeemed = gate::redeem(self.app, &target.origin, ticket, &nonce).await?;
        Ok(match redeemed {
            Redeemed::Opened(key) => {
                let cookie = cookies::set_token(&target.origin, &key, self.app.clock.now());
                go_on(Some(&cookie))
            }
            Redeemed::Stale { again: false } => self.send_away(NOT_SIGNED_IN, true),
            Redeemed::Stale { again: true } | Redeemed::Looping => self.cookies_refused(),
        })
    }

    fn not_allowed(&self, session: &Session) -> Response {
        let config = &self.app.config;
        let origin = &self.asked.target.origin;
        let mut page = Page::new(config, "Not allowed");
        page.text.push(format!("You are signed in as {} ({}).", session.username, session.email));
        let roles = self.rule.roles.join(", ");
        page.text.push(match self.rule.roles.as_slice() {
            [_] => format!("{origin} is only for people with the role {roles}, which you do not have."),
            _ => format!("{origin} is only for people with one of the roles {roles}, and you have none of them."),
        });
        let mut query = Serializer::new(String::new());
        query.append_pair("return_to", &self.asked.return_address());
        let logout = config.public_url.link(&format!("/auth/logout?{}", query.finish()));
        page.links = vec![
            Link { href: logout, label: "Sign out, to sign in as somebody else" },
            Link { href: config.public_url.link("/dashboard"), label: "Your account" },
        ];
        page.answer(self.asked.is_navigation, StatusCode::FORBIDDEN, ROLE_MISSING)
    }

    /// The browser has been to the login and comes back without what it was given: another redirect would only go round in circles.
    fn cookies_refused(&self) -> Response {
        let target = &self.asked.target;
        let origin = &target.origin;
        let names = crate::web::cookies::pairs(self.headers).map(|(name, _)| name);
        tracing::warn!(%origin, address = %self.client.source.address, arrived = ?names.collect::<Vec<_>>(),
            "a browser came back from the login without the gate's cookie");
        let mut page = Page::new(&self.app.config, "The sign-in did not arrive");
        page.text.push(format!(
            "You come from the login, but your browser did not send back the cookie that {origin} gave it, or the way here took too long."
        ));
        page.text.push("What may be the cause:".into());
        page.causes = vec![
            format!("The browser blocks cookies. Allow them for {origin}."),
            "This address was copied from another browser, or bookmarked on the way. Try again with the link below.".into(),
            format!("The page was opened under another name than {origin}, or with http instead of https."),
            "For whoever runs this site: the proxy does not pass on Set-Cookie from the gate (nginx needs two lines for that, which \
             authflow proxy nginx prints), the application removes cookies that it does not know, or the clocks or SECRET_KEYs of \
             several instances differ."
                .into(),
        ];
        page.links = vec![Link { href: target.clean(), label: "Try again" }];
        page.request_id = Some(self.client.source.request_id.clone());
        // To nginx anything but 401 and 403 is an error of its own.
        let status = match self.proxy {
            Proxy::Nginx => StatusCode::FORBIDDEN,
            Proxy::Forward => StatusCode::BAD_REQUEST,
        };
        page.answer(self.asked.is_navigation, status, COOKIES_REFUSED)
    }
}

fn challenge_text(reason: &'static str) -> &'static str {
    if reason == FACTOR_MISSING {
        "This needs a sign-in with a second factor.\n"
    } else {
        "You are not signed in.\n"
    }
}

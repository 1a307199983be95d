//! `GET /gate/start`: on the login host, on the way to a guarded application.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded::{self, Serializer};

use crate::app::App;
use crate::domain::gate::target::Target;
use crate::domain::gate::ticket::NonceHash;
use crate::error::Result;
use crate::services::{gate, second_factor};
use crate::web::browser_state::BrowserState;
use crate::web::error::Problem;
use crate::web::identity::Visitor;
use crate::web::page::go_to;
use crate::web::return_to::ReturnTo;

/// What the gate wrote into the address.
struct Way {
    target: Target,
    nonce: Option<NonceHash>,
    second_factor: bool,
    unsaved: bool,
    again: bool,
}

impl Way {
    fn parse(app: &App, query: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
        };
        Some(Self {
            target: Target::parse(&app.config.gate_origins, &field("return_to")?).ok()?,
            nonce: field("nonce").as_deref().and_then(NonceHash::parse),
            second_factor: field("factor").is_some_and(|it| it == "2"),
            unsaved: field("unsaved").is_some(),
            again: field("again").is_some(),
        })
    }

    /// The same way, for whoever has to do something first; what was said once is not said again.
    fn address(&self, app: &App) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("return_to", &self.target.return_address());
        if let Some(nonce) = self.nonce {
            query.append_pair("nonce", &nonce.to_text());
        }
        if self.second_factor {
            query.append_pair("factor", "2");
        }
        if self.again {
            query.append_pair("again", "on");
        }
        format!("{}/gate/start?{}", app.config.public_url.base(), query.finish())
    }
}

/// `GET /gate/start`: sends whoever is signed in back with a ticket, everybody else to sign in first.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    state: BrowserState,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let Some(way) = Way::parse(&app, &query.unwrap_or_default()) else {
        tracing::warn!("somebody was sent to an application that is not in GATE_ORIGINS");
        let text = "This address does not lead to an application that belongs to this login. (Whoever runs the site: is it in GATE_ORIGINS?)";
        return Ok(Problem::new(StatusCode::FORBIDDEN, text).into_response());
    };
    let by = |page: &str, way: &Way| {
        let mut query = Serializer::new(String::new());
        query.append_pair("return_to", &way.address(&app));
        if way.unsaved {
            query.append_pair("unsaved", "on");
        }
        go_to(&app, &format!("{page}?{}", query.finish()))
    };
    let Some(signed_in) = visitor.signed_in() else { return Ok(by("/auth/login", &way)) };
    let session = &signed_in.session;
    if way.second_factor && !session.has_second_factor() {
        if second_factor::is_on(&app, session.user_id).await? {
            return Ok(by("/auth/logout", &way)); // this session is from before it was
        }
        let text = format!(
            "{} is only open to people who sign in with a second factor. Switch it on here, then you can go on.",
            way.target.origin
        );
        state.set_flash(&text).await;
        state.set_return_to(ReturnTo::parse(&app.config, &way.address(&app)).as_ref()).await;
        return Ok(go_to(&app, "/profile/two-factor"));
    }
    let to = match way.nonce {
        Some(nonce) => {
            let ticket = gate::ticket(&app, session, &way.target.origin, nonce, way.again);
            way.target.with_ticket(ticket.reveal())
        }
        // The gate there begins anew.
        None => way.target.clean(),
    };
    Ok(Redirect::to(&to).into_response())
}

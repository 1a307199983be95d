//! `GET /gate/start`, on the login host: the first step of a sign-in at a guarded app.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::way::{Lost, Way};
use crate::app::App;
use crate::domain::addresses;
use crate::error::Result;
use crate::i18n::message;
use crate::services::gate;
use crate::services::session::demanded_factor;
use crate::web::http::problem::Problem;
use crate::web::http::redirect::go_to;
use crate::web::visitor::browser_state::BrowserState;
use crate::web::visitor::identity::Visitor;
use crate::web::visitor::return_to::ReturnTo;
use crate::web::visitor::second_step;

/// `GET /gate/start`: redirects signed-in users to the app with a ticket, and other visitors to the sign-in page.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    state: BrowserState,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let Some(way) = Way::parse(&app, &query.unwrap_or_default()).await? else {
        tracing::warn!("refused to redirect a browser to an app that is not in GATE_ORIGINS");
        return Ok(Problem::new(StatusCode::FORBIDDEN, message::gate_no_app()).into_response());
    };
    if let Some(lost) = way.lost {
        return Ok(explain(&app, &way, lost).into_response());
    }
    // The return address for a user who has to do something first. Without `unsaved`, so that the user reads the warning only once.
    let onward = Way { unsaved: false, ..way.clone() };
    let onward = app.config.public_url.path(onward.path());
    let Some(signed_in) = visitor.signed_in() else {
        let unsaved = way.unsaved.then_some(("unsaved", "on"));
        let query: Vec<_> = [("return_to", onward.as_str())].into_iter().chain(unsaved).collect();
        return Ok(go_to(&app, addresses::SIGN_IN.with(&query)).into_response());
    };
    let session = &signed_in.session;
    let is_demanded = demanded_factor::is_missing(&app, session);
    if is_demanded || (way.second_factor && !session.has_second_factor()) {
        let mut why = if is_demanded {
            message::second_factor_demanded()
        } else {
            message::second_factor_for_app(way.target.origin.to_string())
        };
        if way.unsaved {
            why = message::two_sentences(why, message::second_step_not_saved());
        }
        let return_to = ReturnTo::parse(&app.config, &onward);
        return second_step::lead(&app, &state, session.user_id, return_to.as_ref(), &why).await;
    }
    let to = match way.nonce {
        Some(nonce) => {
            let ticket = gate::ticket(&app, session, &way.target.origin, nonce, way.again);
            way.carried().ticket_address(ticket.reveal(), way.saved)
        }
        // Without a nonce there is no ticket; the gate at the guarded host starts the sign-in again.
        None => way.target.clean(),
    };
    Ok(Redirect::to(&to).into_response())
}

/// The page for a visitor whose address could not be kept, with a link to the root of the app.
fn explain(app: &App, way: &Way, lost: Lost) -> Problem {
    let origin = way.target.origin.as_str();
    let (status, text) = match lost {
        Lost::TooLong => (StatusCode::URI_TOO_LONG, message::gate_address_long(origin)),
        Lost::TooMany => (StatusCode::TOO_MANY_REQUESTS, message::gate_address_limit(origin)),
        Lost::Expired => (StatusCode::GONE, message::gate_address_expired(origin)),
    };
    let onward = Way { lost: None, ..way.clone() };
    let href = app.config.public_url.path(onward.path());
    Problem::new(status, text).with_way_on(href, message::gate_continue())
}

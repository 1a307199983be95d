//! The way to the second factor, for sessions that lack it: the page that asks for a code or, if the account has no second factor yet, the
//! page that sets it up.

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::addresses;
use crate::domain::id::UserId;
use crate::error::Result;
use crate::i18n::message::{self, Message};
use crate::services::session::demanded_factor;
use crate::services::two_factor::second_factor;
use crate::web::http::client::Client;
use crate::web::http::redirect::go_to;
use crate::web::visitor::browser_state::BrowserState;
use crate::web::visitor::identity::{Visitor, here};
use crate::web::visitor::return_to::ReturnTo;

/// Redirects to the second factor, which leads on to the return address. `why`: what the page that sets it up says.
pub async fn lead(
    app: &App,
    state: &BrowserState,
    user: UserId,
    return_to: Option<&ReturnTo>,
    why: &Message,
) -> Result<Response> {
    let is_on = second_factor::is_on(app, user).await?;
    state.set_return_to(return_to).await;
    if is_on {
        return Ok(go_to(app, addresses::TWO_FACTOR).into_response());
    }
    // What an earlier page has to say, such as that the address is confirmed, is not lost on this detour.
    let said = state.take_flash().await.filter(|said| !said.contains(why));
    let text = said.map_or_else(|| why.clone(), |said| message::two_sentences(said, why));
    state.set_flash(text).await;
    Ok(go_to(app, addresses::PROFILE_TWO_FACTOR).into_response())
}

/// A visitor whose session, if there is one, does not lack the second factor that `SECOND_FACTOR` demands. As an extractor it leads every
/// other visitor there.
#[derive(Clone, Copy, Debug)]
pub struct Complete;

impl FromRequestParts<App> for Complete {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let incomplete = visitor.signed_in().map(|it| &it.session);
        let Some(session) = incomplete.filter(|it| demanded_factor::is_missing(app, it)) else {
            return Ok(Self);
        };
        let Ok(client) = Client::from_request_parts(parts, app).await;
        if !client.is_navigation {
            // Prefetches and scripts don't change where the user's own way leads.
            return Err(go_to(app, addresses::PROFILE_TWO_FACTOR).into_response());
        }
        let here = here(parts, app).await;
        // A link with a token is not stored. Setting up the second factor would revoke it.
        let path = here.strip_prefix(app.config.public_url.base()).unwrap_or(&here);
        let is_kept = !path.starts_with(addresses::CONFIRM_EMAIL.start());
        let return_to = ReturnTo::parse(&app.config, &here).filter(|_| is_kept);
        let demanded = message::second_factor_demanded();
        let why = match parts.method {
            _ if !is_kept => {
                message::two_sentences(demanded, message::second_step_link_may_expire())
            }
            Method::POST => message::two_sentences(demanded, message::second_step_not_saved()),
            _ => demanded,
        };
        let Ok(state) = BrowserState::from_request_parts(parts, app).await;
        let led = lead(app, &state, session.user_id, return_to.as_ref(), &why).await;
        Err(led.unwrap_or_else(IntoResponse::into_response))
    }
}

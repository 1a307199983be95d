//! The user of an API request, identified by the access token in `Authorization` (RFC 6750, section 2.1). Cookies are ignored, so
//! nothing that a browser sends automatically gives access.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::app::App;
use crate::services::session::access_tokens;
use crate::services::session::demanded_factor;
use crate::web::api::refusal::{Refusal, Word};
use crate::web::visitor::identity::SignedIn;

/// A user with a valid access token of a live session. As an extractor it rejects every other client.
#[derive(Clone, Debug)]
pub struct Bearer(pub SignedIn);

impl FromRequestParts<App> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone()); // the access check has already found it
        }
        let token = token(&parts.headers)?;
        let session = access_tokens::resume(app, token).await?.ok_or(Word::InvalidToken)?;
        // The current state of the account, which may have changed since the token was issued.
        let claims = Arc::new(access_tokens::claims(app, &session));
        let bearer = Self(SignedIn { session: Arc::new(session), claims });
        parts.extensions.insert(bearer.clone());
        Ok(bearer)
    }
}

/// Like [`Bearer`], with a session that does not lack the second factor which `SECOND_FACTOR` demands.
#[derive(Clone, Copy, Debug)]
pub struct CompleteBearer;

impl FromRequestParts<App> for CompleteBearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let Bearer(signed_in) = Bearer::from_request_parts(parts, app).await?;
        if demanded_factor::is_missing(app, &signed_in.session) {
            return Err(Word::SecondFactorMissing.into());
        }
        Ok(Self)
    }
}

fn token(headers: &HeaderMap) -> Result<&str, Word> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Word::TokenRequired)?;
    if values.next().is_some() {
        return Err(Word::InvalidToken);
    }
    let value = value.to_str().map_err(|_| Word::InvalidToken)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Word::TokenRequired) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_one_header_of_the_right_scheme() {
        for (values, found) in [
            (&[][..], Err(Word::TokenRequired)),
            (&["Bearer abc.def.ghi"], Ok("abc.def.ghi")),
            (&["bearer  abc "], Ok("abc")),
            (&["Bearer"], Ok("")),
            (&["Basic YWRhOng="], Err(Word::TokenRequired)),
            (&["Bearerabc"], Err(Word::TokenRequired)),
            (&["Bearer abc", "Bearer abc"], Err(Word::InvalidToken)),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            assert_eq!(token(&headers), found, "{values:?}");
        }
    }
}

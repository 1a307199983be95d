//! Error responses in JSON. All have the same shape and a stable error code.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Ref, Type};
use utoipa::openapi::{self, ContentBuilder, ResponseBuilder};

use crate::error::Error;
use crate::i18n::localizer::Localizer;
use crate::web::api::english::FieldErrors;
use crate::web::http::problem::{Problem, retry_after, rounded};

/// The error code, for programs. Its meaning never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ErrorWord)]
pub enum Word {
    /// The request is not valid HTTP, or its URL is not valid UTF-8 or contains NUL.
    BadRequest,
    /// The body is not a JSON object in UTF-8, or it contains a field twice.
    InvalidJson,
    /// The request has no access token.
    TokenRequired,
    /// The access token is invalid or expired, or its session has ended.
    InvalidToken,
    /// The email address or the password is wrong.
    WrongCredentials,
    /// The account uses two-factor authentication: send `code` as well.
    TwoFactorRequired,
    /// The password is right, but the account must use two-factor authentication, which the user has to set up in a browser first.
    SecondFactorEnrolmentRequired,
    /// The session started without two-factor authentication, which the account must use now: sign in again, or set it up in a browser.
    SecondFactorMissing,
    /// The password is right, but an administrator has to approve the account first.
    ApprovalRequired,
    /// The code is wrong, expired, or already used.
    WrongCode,
    /// The refresh token is invalid, or its session has expired.
    InvalidRefreshToken,
    /// The session was ended.
    SessionEnded,
    /// The session was ended because an old refresh token was used.
    RefreshTokenReused,
    /// Sign-up is closed.
    RegistrationClosed,
    /// There is nothing at this address.
    NotFound,
    /// This address does not support the method.
    MethodNotAllowed,
    /// The body did not arrive in time.
    TimedOut,
    /// The link is invalid, expired, or already used.
    InvalidLink,
    /// The body is larger than 64 KiB.
    TooLarge,
    /// The URL is longer than 32 KiB.
    UrlTooLong,
    /// There are more than 100 headers, or more than 16 KiB.
    HeadersTooLarge,
    /// `Content-Type` is not `application/json`.
    UnsupportedMediaType,
    /// Some fields are invalid; `fields` says which and why.
    InvalidFields,
    /// There were too many attempts.
    TooManyRequests,
    /// The server failed.
    InternalError,
    /// The server cannot respond right now.
    Unavailable,
}

impl Word {
    /// The status of the response and the default message.
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn says(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (
                StatusCode::BAD_REQUEST,
                "The request is not valid HTTP, its URL is not valid UTF-8, or it broke off.",
            ),
            Self::InvalidJson => (StatusCode::BAD_REQUEST, "The body is not valid JSON in UTF-8."),
            Self::TokenRequired => {
                (StatusCode::UNAUTHORIZED, "Send an access token: Authorization: Bearer ….")
            }
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                "The access token is not valid, has expired, or its session has ended.",
            ),
            Self::WrongCredentials => (
                StatusCode::UNAUTHORIZED,
                "This email address or handle and the password do not match. If the address has not been confirmed yet, the right password \
                 sends a new link there, unless there were several already.",
            ),
            Self::TwoFactorRequired => (
                StatusCode::UNAUTHORIZED,
                "This account asks for a code of its authenticator app, or a recovery code: send it as \"code\".",
            ),
            Self::SecondFactorEnrolmentRequired => (
                StatusCode::FORBIDDEN,
                "This account must use two-factor authentication, which is not set up yet. Set it up in a browser.",
            ),
            Self::SecondFactorMissing => (
                StatusCode::FORBIDDEN,
                "This account must use two-factor authentication, and this session started without it. Sign in again with a code. If \
                 two-factor authentication is not set up yet, set it up in a browser first.",
            ),
            Self::ApprovalRequired => (
                StatusCode::FORBIDDEN,
                "An administrator has to approve this account before it can be used. Its owner gets an email then.",
            ),
            Self::WrongCode => (StatusCode::UNAUTHORIZED, "This code does not work."),
            Self::InvalidRefreshToken => (
                StatusCode::UNAUTHORIZED,
                "The refresh token is not valid, or its session has expired. Sign in again.",
            ),
            Self::SessionEnded => {
                (StatusCode::UNAUTHORIZED, "The session has been ended. Sign in again.")
            }
            Self::RefreshTokenReused => (
                StatusCode::UNAUTHORIZED,
                "The session has been ended, because a refresh token was used long after its successor: someone may have \
                 copied it. Sign in again.",
            ),
            Self::RegistrationClosed => (StatusCode::FORBIDDEN, "Sign-up is closed."),
            Self::NotFound => (StatusCode::NOT_FOUND, "There is nothing at this address."),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
            }
            Self::TimedOut => {
                (StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time. Send it again.")
            }
            Self::InvalidLink => (
                StatusCode::GONE,
                "This link was used, has expired, or was not issued by this site.",
            ),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 64 KiB."),
            Self::UrlTooLong => (StatusCode::URI_TOO_LONG, "The URL is longer than 32 KiB."),
            Self::HeadersTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "The request has more than 100 headers, or more than 16 KiB of headers and cookies.",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body must be JSON: Content-Type: application/json.",
            ),
            Self::InvalidFields => {
                (StatusCode::UNPROCESSABLE_ENTITY, "Some fields cannot be used as they are.")
            }
            Self::TooManyRequests => {
                (StatusCode::TOO_MANY_REQUESTS, "Too many attempts. Wait and try again.")
            }
            Self::InternalError => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side. Please try again.",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The server cannot respond right now. Try again in a few seconds.",
            ),
        }
    }

    /// The code for an error response that other parts of the server made.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::TOO_MANY_REQUESTS => Self::TooManyRequests,
            StatusCode::URI_TOO_LONG => Self::UrlTooLong,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HeadersTooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            _ if status.is_server_error() => Self::InternalError,
            _ => Self::BadRequest,
        }
    }
}

/// An error response of the API.
#[derive(Clone, Debug)]
pub struct Refusal {
    word: Word,
    message: Cow<'static, str>,
    fields: Vec<(Cow<'static, str>, String)>,
    retry_after: Option<Duration>,
}

/// The body of every error response.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorView<'a> {
    /// Always `false`.
    #[schema(example = false)]
    success: bool,
    /// The error code, for programs.
    error: Word,
    /// What happened, for people.
    message: &'a str,
    /// The problem with each invalid field; only with `invalid_fields`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    fields: BTreeMap<&'a str, &'a str>,
}

impl Refusal {
    /// 429 with `Retry-After`.
    #[must_use]
    pub fn too_many(what: &str, wait: Duration) -> Self {
        let wait_in_words = Localizer::english(None).text(&rounded(wait));
        let message = format!("Too many {what}. Try again in {wait_in_words}.").into();
        Self { message, retry_after: Some(wait), ..Word::TooManyRequests.into() }
    }

    /// 422 with the problem of each field.
    #[must_use]
    pub fn of_fields(errors: FieldErrors) -> Self {
        let fields = errors.into_all().into_iter().map(|(name, why)| (name.into(), why.0));
        Self { fields: fields.collect(), ..Word::InvalidFields.into() }
    }

    /// 422 for fields that the operation does not have.
    #[must_use]
    pub fn of_unknown(names: Vec<String>) -> Self {
        let fields = names.into_iter().map(|name| (name.into(), "There is no such field.".into()));
        Self { fields: fields.collect(), ..Word::InvalidFields.into() }
    }

    /// Replaces the default message.
    #[must_use]
    pub fn saying(self, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), ..self }
    }
}

impl From<Word> for Refusal {
    fn from(word: Word) -> Self {
        let (_, message) = word.says();
        Self { word, message: message.into(), fields: Vec::new(), retry_after: None }
    }
}

impl From<&Problem> for Refusal {
    /// The status and the wait of an error page, as JSON.
    fn from(problem: &Problem) -> Self {
        let word = Word::of_status(problem.status);
        Self { retry_after: problem.retry_after, ..word.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        (&Problem::of_error(&error)).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, _) = self.word.says();
        let fields = self.fields.iter().map(|(name, why)| (name.as_ref(), why.as_str()));
        let (error, message) = (self.word, self.message.as_ref());
        let view = ErrorView { success: false, error, message, fields: fields.collect() };
        let mut response = (status, Json(view)).into_response();
        if let Some(wait) = self.retry_after {
            retry_after(&mut response, wait);
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 6750, section 3: no error code if the request had no token.
            let challenge = match self.word {
                Word::InvalidToken => "Bearer error=\"invalid_token\"",
                _ => "Bearer",
            };
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// Errors of every operation.
pub const ANY: &[Word] = &[
    Word::BadRequest,
    Word::UrlTooLong,
    Word::HeadersTooLarge,
    Word::InternalError,
    Word::Unavailable,
];
/// Errors of operations that change something.
pub const WRITING: &[Word] = &[Word::TooManyRequests];
/// Errors of operations with a request body.
pub const SENDING: &[Word] = &[
    Word::InvalidJson,
    Word::TimedOut,
    Word::TooLarge,
    Word::UnsupportedMediaType,
    Word::InvalidFields,
];
/// Errors of operations that require an access token.
pub const PROTECTED: &[Word] =
    &[Word::TokenRequired, Word::InvalidToken, Word::SecondFactorMissing];

/// Declares the errors of an operation for its description: `refusals!(OfLogin: [ANY, SENDING], WrongCredentials)`.
macro_rules! refusals {
    ($name:ident: [$($group:expr),*] $(, $word:ident)*) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses()
            -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>>
            {
                use $crate::web::api::refusal::Word;
                let own: &[Word] = &[$(Word::$word),*];
                $crate::web::api::refusal::described(&[$($group,)* own])
            }
        }
    };
}
pub(crate) use refusals;

/// The OpenAPI responses for these error codes, by status, with an example for each code.
#[must_use]
pub fn described(groups: &[&[Word]]) -> BTreeMap<String, openapi::RefOr<openapi::Response>> {
    let mut by_status: BTreeMap<u16, Vec<Word>> = BTreeMap::new();
    for word in groups.iter().copied().flatten() {
        by_status.entry(word.says().0.as_u16()).or_default().push(*word);
    }
    by_status
        .into_iter()
        .map(|(status, words)| (status.to_string(), describe(&words).into()))
        .collect()
}

fn describe(words: &[Word]) -> openapi::Response {
    let status = words[0].says().0;
    let named: Vec<String> = words.iter().map(|word| format!("`{}`", word.name())).collect();
    let examples = words.iter().map(|word| {
        let example = ExampleBuilder::new().value(Some(word.example()));
        (word.name(), example.build())
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Error")))
        .examples_from_iter(examples)
        .build();
    let mut response =
        ResponseBuilder::new().description(named.join(", ")).content("application/json", content);
    if let StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE = status {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        let header = HeaderBuilder::new()
            .schema(Some(seconds))
            .description(Some("Seconds after which to try again."));
        response = response.header("Retry-After", header.build());
    }
    if status == StatusCode::UNAUTHORIZED {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let why = "`Bearer`, with `error=\"invalid_token\"` where an access token was refused (RFC 6750).";
        let header = HeaderBuilder::new().schema(Some(text)).description(Some(why));
        response = response.header("WWW-Authenticate", header.build());
    }
    response.build()
}

impl Word {
    fn name(self) -> String {
        let name = serde_json::to_value(self).ok();
        name.and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default()
    }

    fn example(self) -> serde_json::Value {
        let message = self.says().1;
        let mut example = json!({ "success": false, "error": self.name(), "message": message });
        if self == Self::InvalidFields {
            example["fields"] =
                json!({ "email": "Enter an email address in the form name@example.org." });
        }
        example
    }
}

//! Headers of every response, and protection against requests with ambiguous framing.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::config::Config;
use crate::domain::addresses::{self, AddressTemplate};
use crate::domain::gate::origin::GateOrigin;
use crate::i18n::message;
use crate::web::http::problem::Problem;

/// The Content-Security-Policy: no scripts and frames, only our own styles and images, and forms that post to this host (ASVS 3.4.3,
/// 3.4.6).
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                          base-uri 'none'; frame-ancestors 'none'";
const PERMISSIONS: &str = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), \
                           gyroscope=(), microphone=(), midi=(), payment=(), usb=()";
const YEAR: &str = "max-age=31536000";
const YEAR_WITH_SUBDOMAINS: &str = "max-age=31536000; includeSubDomains";

/// Pages with a token in their URL. `/gate/start` redirects to one, and is handled separately.
const WITH_TOKEN: [AddressTemplate; 6] = [
    addresses::VERIFY_EMAIL,
    addresses::RESET_PASSWORD,
    addresses::CONFIRM_EMAIL,
    addresses::NOT_ME,
    addresses::INVITATION,
    addresses::FIRST_ADMINISTRATOR,
];

/// Middleware: adds the default headers. Those that the handler has set stay.
pub async fn secure(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().strip_prefix(app.config.public_url.base());
    let has_token = path.is_some_and(|path| {
        WITH_TOKEN.iter().any(|it| path.starts_with(it.start()))
            || path.starts_with(addresses::GATE_START.route())
    });
    let mut response = next.run(request).await;
    harden(&app.config, has_token, &mut response);
    response
}

/// Adds the default headers to a response. `has_token`: the URL of the request contains a token.
pub fn harden(config: &Config, has_token: bool, response: &mut Response) {
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(CONTENT_SECURITY_POLICY, POLICY);
    put(X_FRAME_OPTIONS, "DENY");
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    // `no-referrer` makes browsers send `Origin: null` with our own forms, so it is used only where the URL contains a token, which must
    // not be sent anywhere else.
    put(REFERRER_POLICY, if has_token { "no-referrer" } else { "same-origin" });
    put(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    put(HeaderName::from_static("x-robots-tag"), "noindex");
    put(CACHE_CONTROL, "no-store");
    if config.public_url.is_https() {
        let year = if config.hsts_include_subdomains { YEAR_WITH_SUBDOMAINS } else { YEAR };
        put(STRICT_TRANSPORT_SECURITY, year);
    }
}

/// A page whose form may redirect to a guarded app. Its policy allows that app, because Chromium applies `form-action` to redirects too.
#[derive(Debug)]
pub struct FormLeadsTo<V>(pub V, pub Option<GateOrigin>);

impl<V: IntoResponse> IntoResponse for FormLeadsTo<V> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        if let Some(origin) = self.1 {
            let policy =
                POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
            if let Ok(policy) = HeaderValue::from_str(&policy) {
                response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            }
        }
        response
    }
}

/// Middleware: refuses requests without exactly one `Host` (RFC 9112, section 3.2). hyper accepts them, but a proxy may read them
/// differently. After a chunked request it closes the connection, because the request may have had a `Content-Length` as well, which
/// hyper drops (section 6.3).
pub async fn strict_framing(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let hosts = headers.get_all(HOST).iter().count();
    if hosts != 1 && !(hosts == 0 && request.version() == Version::HTTP_10) {
        return Problem::new(StatusCode::BAD_REQUEST, message::error_not_http()).into_response();
    }
    let is_chunked = headers.contains_key(TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    if is_chunked {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

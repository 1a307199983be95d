//! Static files, carried in the binary. Their names hold a hash of their content, so that browsers may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::secret;
use crate::web::error::Problem;

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its name below `/static/`, hash included.
    pub name: String,
    content_type: &'static str,
    bytes: &'static [u8],
}

/// The stylesheet.
pub static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "authflow",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../../static/authflow.css"),
    )
});

/// The icon in the browser's tab.
pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../../static/icon.svg"))
});

impl Asset {
    /// What is in it.
    #[must_use]
    pub fn text(&self) -> &'static str {
        str::from_utf8(self.bytes).expect("style and icon are text")
    }

    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash = secret::encode(&secret::sha256(bytes)[..9]);
        Self { name: format!("{stem}-{hash}.{extension}"), content_type, bytes }
    }
}

/// `GET /static/{name}`
pub async fn serve(Path(name): Path<String>) -> Response {
    let Some(asset) = [&*STYLESHEET, &*ICON].into_iter().find(|asset| asset.name == name) else {
        return Problem::not_found().into_response();
    };
    let headers: [(HeaderName, &'static str); 2] = [
        (CONTENT_TYPE, asset.content_type),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (StatusCode::OK, headers, asset.bytes).into_response()
}

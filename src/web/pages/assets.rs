//! Static files, embedded in the binary. Their names contain a hash of their content, so browsers may cache them permanently.

use std::sync::LazyLock;

use crate::secret;

/// A static file.
#[derive(Debug)]
pub struct Asset {
    /// Its name below `/static/`, including the hash.
    pub name: String,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

/// The stylesheet.
pub static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "authflow",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../../../static/authflow.css"),
    )
});

/// The favicon.
pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../../../static/icon.svg"))
});

impl Asset {
    /// Its content as text.
    #[must_use]
    pub fn text(&self) -> &'static str {
        str::from_utf8(self.bytes).expect("style and icon are text")
    }

    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash = secret::encode(&secret::sha256(bytes)[..9]);
        Self { name: format!("{stem}-{hash}.{extension}"), content_type, bytes }
    }
}

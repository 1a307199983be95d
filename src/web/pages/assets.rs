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
    pub bytes: Vec<u8>,
}

/// Joins the parts of the stylesheet.
macro_rules! parts {
    ($($name:literal),+ $(,)?) => {
        concat!($(include_str!(concat!("../../../static/css/", $name, ".css"))),+)
    };
}

/// What the pages of the gate need, which embed their style.
pub const GATE_STYLE: &str = parts!("tokens", "base", "frame", "forms", "notices");

/// The stylesheet.
pub static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    let others = parts!("sections", "apps", "lists", "overview", "codes", "mailbox", "print");
    let style = format!("{GATE_STYLE}{others}");
    Asset::new("authflow", "css", "text/css; charset=utf-8", style.into())
});

/// The mark, which is also the icon.
pub static MARK: LazyLock<Asset> = LazyLock::new(|| {
    let mark = include_bytes!("../../../static/mark.svg");
    Asset::new("mark", "svg", "image/svg+xml", mark.to_vec())
});

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: Vec<u8>) -> Self {
        let hash = secret::encode(&secret::sha256(&bytes)[..9]);
        Self { name: format!("{stem}-{hash}.{extension}"), content_type, bytes }
    }
}

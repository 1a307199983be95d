//! What the JSON API's handlers share: what clients send, what they are refused with, and who they are.

pub mod bearer;
pub mod body;
pub mod cors;
pub mod refusal;

/// Whether what is asked for at this path (without the path of `PUBLIC_URL`) is answered in JSON, whatever the answer is.
#[must_use]
pub fn is_for_machines(path: &str) -> bool {
    let first = path.strip_prefix('/').and_then(|path| path.split('/').next());
    matches!(first, Some("api" | "health" | ".well-known"))
}

//! What the JSON API's handlers share: request bodies, error responses, access tokens and CORS.

pub mod bearer;
pub mod body;
pub mod cors;
pub mod english;
pub mod refusal;

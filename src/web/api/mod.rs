//! What the JSON API's handlers share: what clients send, what they are refused with, and who they are.

pub mod bearer;
pub mod body;
pub mod cors;
pub mod refusal;

//! Forms: parsing, field errors, and rendering a refused form again.

pub mod credentials;
pub mod errors;
pub mod form;
pub mod received;
pub mod refused;

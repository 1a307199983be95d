//! Forms: how they are read, what is wrong with their fields, and how a refused one is shown again.

pub mod errors;
pub mod form;
pub mod refused;

//! Pages for administrators.

pub mod doctor;

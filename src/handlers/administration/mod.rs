//! Pages for administrators.

pub mod audit;
pub mod doctor;
pub mod emails;
pub mod invitations;
pub mod overview;
mod refused;
pub mod roles;
pub mod users;

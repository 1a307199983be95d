//! Pages for administrators.

pub mod audit;
pub mod doctor;
pub mod emails;
pub mod home;
pub mod invitations;
mod refused;
pub mod users;

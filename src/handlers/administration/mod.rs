//! Pages for administrators.

pub mod audit;
pub mod doctor;
pub mod home;
pub mod invitations;
mod refused;
pub mod users;

//! Puts typed values of the domain into messages: the only place that knows which sentence belongs to which error, event or state.

pub mod administration;
mod characters;
mod codes;
pub mod devices;
mod email_addresses;
mod emails;
pub mod events;
pub mod passwords;
pub mod session_ends;
mod setup;
mod usernames;

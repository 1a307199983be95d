//! The visitor: their identity, and the state of their browser between requests.

pub mod browser_state;
mod browser_state_store;
pub mod credentials;
pub mod csrf;
pub mod identity;
pub mod reader;
pub mod return_to;
pub mod second_step;
pub mod theme;
pub mod visit;
pub mod way_back;

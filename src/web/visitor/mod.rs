//! Who uses this browser, and what the browser carries from one request to the next.

pub mod browser_state;
pub mod credentials;
pub mod csrf;
pub mod identity;
pub mod return_to;
pub mod visit;

//! Types that are valid by construction, and rules that need no database.

pub mod account;
pub mod addresses;
pub mod audit_detail;
pub mod audit_event;
pub mod email;
pub mod gate;
pub mod id;
pub mod paging;
pub mod proxy;
pub mod public_url;
pub mod quantity;
pub mod query;
pub mod return_address;
pub mod setup_step;
pub mod sign_in;
pub mod signed_token;
pub mod source;
pub mod stored;
pub mod submission;
pub mod two_factor;
pub mod typed_text;
pub mod user_agent;

//! Values that are right once they exist, and rules that can be said without a database.

pub mod access_token;
pub mod audit_event;
pub mod device;
pub mod email;
pub mod email_change;
pub mod finding;
pub mod gate;
pub mod id;
pub mod invitation;
pub mod mail_kind;
pub mod one_time_token;
pub mod password;
pub mod recovery_code;
pub mod refresh_token;
pub mod role;
pub mod second_factor;
pub mod session;
pub mod signing_key;
pub mod source;
pub mod throttle;
pub mod totp;
pub mod user;
pub mod user_agent;
pub mod user_list;
pub mod username;

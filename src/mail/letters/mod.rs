//! What emails say: a letter for each kind.

mod account;
mod address;
pub mod letter;
mod password;
mod sign_up;
pub mod table;
mod two_factor;

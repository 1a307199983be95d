//! Sessions, and the tokens that carry them.

pub mod access_tokens;
pub mod demanded_factor;
pub mod proofs;
pub mod session_limit;
pub mod session_list;
pub mod session_management;
pub mod token_pairs;

//! Accounts as JSON.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::domain::account::user_list::ListedUser;

pub fn to_json(user: &ListedUser) -> Value {
    let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    json!({
        "id": user.id,
        "email": user.email,
        "username": user.username,
        "handle": user.handle,
        "status": user.standing().name(),
        "roles": user.roles().collect::<Vec<_>>(),
        "second_factor": user.second_factor,
        "created_at": user.created_at.to_rfc3339(),
        "activated_at": time(user.activated_at),
        "email_verified_at": time(user.email_verified_at),
        "awaits_approval_since": time(user.awaits_approval_since),
        "disabled_at": time(user.disabled_at),
        "last_sign_in_at": time(user.last_sign_in_at),
    })
}

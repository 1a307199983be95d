//! What administrators do: users, invitations, audit log, import and export.

pub mod act;
pub mod audit_search;
pub mod email_retry;
pub mod handle_change;
pub mod import;
pub mod import_file;
pub mod inviting;
pub mod role_assignment;
pub mod role_overview;
pub mod user_creation;
pub mod user_export;
pub mod user_links;
pub mod user_lookup;
pub mod user_security;
pub mod user_status;

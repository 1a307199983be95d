//! What administrators do: users, audit log, import and export.

pub mod accounts;
pub mod audit_log;
pub mod import;
pub mod import_file;
pub mod user_export;

//! SQL, one file per table or part of a large one. Each function runs one statement, which is valid on both databases.
//!
//! Reads accept a pool or a transaction; writes need a transaction.

pub mod audit_events;
pub mod audit_log;
pub mod browser_states;
pub mod email_changes;
pub mod emailed_codes;
pub mod first_administrator_links;
pub mod gate_rules;
pub mod handles;
pub mod hash_costs;
pub mod invitations;
pub mod listed_sessions;
pub mod mail_readers;
pub mod one_time_tokens;
pub mod outbox;
pub mod outbox_list;
pub mod outbox_schedule;
pub mod passwords;
pub mod recovery_code_seeds;
pub mod recovery_codes;
pub mod return_addresses;
pub mod sessions;
pub mod setup_dismissals;
pub mod sign_ups;
pub mod signing_keys;
pub mod spent_tickets;
pub mod submissions;
pub mod throttles;
pub mod totp;
pub mod user_batches;
pub mod user_credentials;
pub mod user_list;
pub mod user_roles;
pub mod users;

//! authflow: single sign-on for self-hosted apps.
//!
//! A request passes through the layers from top to bottom; none uses a layer above it. `ARCHITECTURE.md` explains the layers, and
//! `tests/layers` enforces these rules:
//!
//! | module | may use | must not use |
//! |---|---|---|
//! | `handlers`, `web` | services, domain, app, config, mail, error, clock, secret | repositories, db, sqlx (except `web::visitor::browser_state`, which implements a session store) |
//! | `services` | repositories, hasher, `key_ring`, `handle_register`, domain, app, config, mail, error, clock, secret, db for transactions | handlers, web, axum, tower-sessions, SQL |
//! | `hasher`, `key_ring`, `handle_register`, `local_throttle`, `asked_rules` | domain, config, error, clock, secret; `key_ring` and `handle_register` also repositories and db | services, handlers, web, app |
//! | `repositories` | db, domain, clock | services, handlers, web, app, axum |
//! | `domain` | clock, secret | every other module of this crate, axum |

pub mod app;
pub mod asked_rules;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod error;
mod file_access;
#[cfg(test)]
mod generated;
pub mod handle_register;
pub mod handlers;
pub mod hasher;
pub mod i18n;
pub mod installation;
pub mod key_ring;
pub mod local_throttle;
pub mod looks;
pub mod mail;
pub mod repositories;
pub mod routes;
pub mod secret;
pub mod server;
pub mod services;
mod tls;
pub mod web;
mod wording;
pub mod worker;

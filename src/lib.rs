//! authflow: a login for everything you host yourself.
//!
//! A request goes down one road, and nobody takes a short cut (`tests/layers.rs` holds everybody to it):
//!
//! | module | may use | may not |
//! |---|---|---|
//! | `handlers`, `web` | services, domain, mail, error, app | repositories, db, sqlx (except `web::visitor::browser_state`, which is a store) |
//! | `services` | repositories, domain, mail, app, `Tx` | axum, tower-sessions, SQL |
//! | `repositories` | db, domain, clock, error | services, axum |
//! | `domain` | clock, secret, and derives | everything else of ours |

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod error;
mod folder;
pub mod handlers;
pub mod hasher;
pub mod key_ring;
pub mod local_throttle;
pub mod mail;
pub mod repositories;
pub mod routes;
pub mod secret;
pub mod server;
pub mod services;
mod tls;
pub mod web;
pub mod worker;

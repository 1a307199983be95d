//! One file per subject: its variables, their defaults, and the checks of their values.

pub mod accounts;
pub mod api;
pub mod gate;
pub mod looks;
pub mod mail;
mod names;
mod origins;
pub mod proxies;
pub mod reader;
pub mod site;
pub mod storage;

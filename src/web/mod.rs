//! What handlers share: requests and responses of HTTP, the visitor, pages and their forms, the JSON API, the gate.

pub mod access;
pub mod api;
pub mod forms;
pub mod gate;
pub mod http;
pub mod middleware;
pub mod pages;
pub mod visitor;

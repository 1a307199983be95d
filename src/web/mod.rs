//! What handlers share: requests and responses, the visitor, pages, forms, the JSON API and the gate.

pub mod access;
pub mod api;
pub mod forms;
pub mod gate;
pub mod http;
pub mod middleware;
pub mod pages;
pub mod visitor;

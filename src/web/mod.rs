//! What handlers share: the frame of a page, forms, who is visiting, errors, cookies and headers.

pub mod access;
pub mod api;
pub mod arrival;
pub mod assets;
pub mod body;
pub mod browser_state;
pub mod client;
pub mod cookies;
pub mod csv;
pub mod error;
pub mod form;
pub mod gate;
pub mod headers;
pub mod identity;
pub mod page;
pub mod qr;
pub mod request_log;
pub mod resend;
pub mod return_to;

//! What every request passes on its way to a handler, and every response on its way back.

pub mod error_pages;
pub mod limits;
pub mod recognise;
pub mod request_log;

//! Middleware: code that runs before and after the handlers.

pub mod error_pages;
pub mod limits;
pub mod readable;
pub mod recognise;
pub mod request_log;
pub mod resubmission;
pub mod turns;

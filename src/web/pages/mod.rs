//! What pages are made of: their frame, static files, QR codes, and the tables that they offer as files.

pub mod assets;
pub mod csv;
pub mod page;
pub mod qr;

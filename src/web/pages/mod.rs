//! Parts of pages: the data of the layout, static files, QR codes and CSV downloads.

pub mod assets;
pub mod csv;
pub mod emailed_link;
pub mod page;
pub mod qr;

//! Parts of pages: the data of the layout, links between pages of a list, QR codes, charts and CSV downloads.

pub mod chart;
pub mod csv;
pub mod emailed_link;
pub mod list_pages;
pub mod page;
pub mod qr;

//! What the gate hears from proxies, and how it answers them (DESIGN.md, section 5).

pub mod answer;
pub mod asked;
pub mod cookies;
pub mod identity;

//! The colors behind text and buttons, for each color scheme. The stylesheet has the same.

use super::color::Color;

/// The grounds of the light scheme: cards, the page, and what is set apart.
pub const LIGHT: [Color; 3] =
    [Color::new(0xff, 0xff, 0xff), Color::new(0xf4, 0xf5, 0xf7), Color::new(0xe8, 0xeb, 0xef)];

/// The grounds of the dark scheme: the page, cards, and what is set apart.
pub const DARK: [Color; 3] =
    [Color::new(0x12, 0x16, 0x1c), Color::new(0x1b, 0x21, 0x29), Color::new(0x2a, 0x31, 0x3b)];

/// Dark text in the light scheme.
pub const INK: Color = Color::new(0x10, 0x15, 0x1c);

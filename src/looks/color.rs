//! Colors, how well two of them can be told apart, and the shades between them.

use std::fmt;

/// A color of the sRGB color space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

impl Color {
    /// `#ffffff`
    pub const WHITE: Self = Self::new(0xff, 0xff, 0xff);
    /// `#000000`
    pub const BLACK: Self = Self::new(0, 0, 0);

    /// The color with these channels.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Parses `#rrggbb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self { red, green, blue })
    }

    /// The contrast ratio to another color, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let [one, other] = [self, other].map(|it| it.luminance() + 0.05);
        one.max(other) / one.min(other)
    }

    /// The first shade on the way to `end` that is enough, beginning with this color itself; `end` if no other is.
    #[must_use]
    pub fn toward(self, end: Self, is_enough: impl Fn(Self) -> bool) -> Self {
        let between = (1..100).map(|percent| self.mixed(end, f64::from(percent) / 100.0));
        std::iter::once(self).chain(between).find(|it| is_enough(*it)).unwrap_or(end)
    }

    /// The relative luminance, from 0 to 1 (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// A mixture in Oklab (<https://bottosson.github.io/posts/oklab/>), in which a color keeps its hue on the way to black or white.
    /// Oklab is linear in the roots of the responses of the eye's cones, so those are mixed.
    fn mixed(self, other: Self, share: f64) -> Self {
        let [own, other] = [self, other].map(|it| product(&CONES, it.linear()).map(f64::cbrt));
        let root = |at: usize| own[at] + (other[at] - own[at]) * share;
        let cones = [root(0), root(1), root(2)].map(|root| root.powi(3));
        let [red, green, blue] = product(&CHANNELS, cones).map(encoded);
        Self { red, green, blue }
    }

    /// The channels in proportion to light.
    fn linear(self) -> [f64; 3] {
        [self.red, self.green, self.blue].map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

type Matrix = [[f64; 3]; 3];

/// From linear channels to the responses of the cones.
const CONES: Matrix = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];

/// The inverse of [`CONES`].
const CHANNELS: Matrix = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

fn product(matrix: &Matrix, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(factor, value)| factor * value).sum())
}

/// A linear channel as sRGB. Mixtures may lie a little outside of sRGB.
fn encoded(linear: f64) -> u8 {
    let value = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(2.4_f64.recip()) - 0.055
    };
    let value = (value * 255.0).round().clamp(0.0, 255.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let channel = value as u8;
    channel
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn color(text: &str) -> Color {
        Color::parse(text).unwrap()
    }

    #[test]
    fn colors_have_six_hexadecimal_digits() {
        for (text, shown) in
            [("#2457c5", "#2457c5"), ("#FFEE00", "#ffee00"), ("#000000", "#000000")]
        {
            assert_eq!(color(text).to_string(), shown);
        }
        for text in [
            "", "#", "2457c5", "#2457c", "#2457c50", "#fff", "#+457c5", "#2457cg", "#é57c5", "blue",
        ] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        for (one, other, ratio) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            ("#ff0000", "#ffffff", 3.998),
            ("#0000ff", "#ffffff", 8.592),
            ("#00ff00", "#ffffff", 1.372),
            ("#767676", "#ffffff", 4.542),
            ("#777777", "#ffffff", 4.478),
            ("#ffff00", "#0000ff", 8.002),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                let found = color(one).contrast(color(other));
                assert!((found - ratio).abs() < 0.001, "{one} {other}: {found}");
            }
        }
    }

    #[test]
    fn shades_keep_their_hue() {
        let at = |text: &str, end: Color, percent: f64| {
            color(text).mixed(end, percent / 100.0).to_string()
        };
        assert_eq!(at("#2457c5", Color::BLACK, 0.0), "#2457c5");
        assert_eq!(at("#2457c5", Color::BLACK, 100.0), "#000000");
        assert_eq!(at("#2457c5", Color::WHITE, 100.0), "#ffffff");
        // Grays stay gray, and the primary colors get no other channel on the way to black.
        for (text, channels) in
            [("#808080", [1, 1, 1]), ("#ff0000", [1, 0, 0]), ("#00ff00", [0, 1, 0])]
        {
            let Color { red, green, blue } = color(text).mixed(Color::BLACK, 0.4);
            assert_eq!([red, green, blue].map(|it| it / red.max(green)), channels, "{text}");
        }
    }

    fn any_color() -> impl Strategy<Value = Color> {
        any::<[u8; 3]>().prop_map(|[red, green, blue]| Color { red, green, blue })
    }

    proptest! {
        #[test]
        fn text_is_read_as_it_is_written(color in any_color()) {
            prop_assert_eq!(Color::parse(&color.to_string()), Some(color));
        }

        #[test]
        fn a_mixture_begins_and_ends_with_its_colors(one in any_color(), other in any_color()) {
            prop_assert_eq!(one.mixed(other, 0.0), one);
            prop_assert_eq!(one.mixed(other, 1.0), other);
        }

        #[test]
        fn a_color_that_is_enough_stays(color in any_color(), end in any_color()) {
            prop_assert_eq!(color.toward(end, |_| true), color);
            prop_assert_eq!(color.toward(end, |_| false), end);
        }
    }
}

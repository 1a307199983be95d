//! The accent color, and its shades that can be read in both color schemes.

use super::color::Color;
use super::grounds::{self, INK};

/// Of text to its ground (WCAG 2.2, success criterion 1.4.3).
const CONTRAST_OF_TEXT: f64 = 4.5;
/// Of the edge of a control to what is beside it (WCAG 2.2, success criterion 1.4.11).
const CONTRAST_OF_SHAPES: f64 = 3.0;
/// Of a button to itself under the pointer: enough to see the change.
const CONTRAST_OF_HOVER: f64 = 1.2;
/// Of a button to black or white, for a shade between them that is still a color.
const CONTRAST_OF_ROOM: f64 = 1.6;

const DEFAULT: Color = Color::new(0x24, 0x57, 0xc5);

/// The accent color (`ACCENT_COLOR`) in both color schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// On [`grounds::LIGHT`].
    pub light: AccentShades,
    /// On [`grounds::DARK`].
    pub dark: AccentShades,
}

/// The shades of the accent color in one color scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccentShades {
    /// The ground of buttons. In the light scheme it is the color itself. In the dark one it is lighter if it would not stand out
    /// from a card.
    pub fill: Color,
    /// Text on `fill` and `fill_hover`, with a contrast of at least 4.5 to both.
    pub on_fill: Color,
    /// The ground of a button under the pointer, visibly different from `fill`.
    pub fill_hover: Color,
    /// The border of buttons, with a contrast of at least 3 to every ground. It is `fill` unless that is too pale: yellow buttons stay yellow
    /// on white and get a darker border.
    pub edge: Color,
    /// Links and the focus ring, with a contrast of at least 4.5 to every ground.
    pub text: Color,
}

impl Accent {
    /// Derives the shades of a color. They keep its hue.
    #[must_use]
    pub fn of(color: Color) -> Self {
        let [_, card, _] = grounds::DARK;
        let dark_fill = color.toward(Color::WHITE, |it| it.contrast(card) >= CONTRAST_OF_SHAPES);
        Self {
            light: AccentShades::of(color, color, &grounds::LIGHT, Color::BLACK),
            dark: AccentShades::of(color, dark_fill, &grounds::DARK, Color::WHITE),
        }
    }

    /// Whether the color given is too pale for links on white, so that they have a darker shade.
    #[must_use]
    pub fn is_too_pale_for_links(&self) -> bool {
        self.light.fill.contrast(Color::WHITE) < CONTRAST_OF_TEXT
    }

    /// A rule that sets the custom properties `--accent-fill`, `--on-accent`, `--accent-hover`, `--accent-edge` and `--accent` (text).
    #[must_use]
    pub fn css(&self) -> String {
        let both = |shade: fn(&AccentShades) -> Color| {
            format!("light-dark({},{})", shade(&self.light), shade(&self.dark))
        };
        format!(
            ":root{{--accent-fill:{};--on-accent:{};--accent-hover:{};--accent-edge:{};--accent:{}}}",
            both(|it| it.fill),
            both(|it| it.on_fill),
            both(|it| it.fill_hover),
            both(|it| it.edge),
            both(|it| it.text),
        )
    }
}

impl Default for Accent {
    fn default() -> Self {
        Self::of(DEFAULT)
    }
}

impl AccentShades {
    /// `end`: where the contrast to the grounds becomes highest.
    fn of(color: Color, fill: Color, grounds: &[Color; 3], end: Color) -> Self {
        let stands_out =
            |it: Color, least: f64| grounds.iter().all(|ground| it.contrast(*ground) >= least);
        let on_fill = text_on(fill);
        Self {
            fill,
            on_fill,
            fill_hover: hover(fill, on_fill),
            edge: fill.toward(end, |it| stands_out(it, CONTRAST_OF_SHAPES)),
            text: color.toward(end, |it| stands_out(it, CONTRAST_OF_TEXT)),
        }
    }
}

/// White or the ink, whichever has the higher contrast. Between colors that are dark enough for the one and light enough for the other, a few
/// need black.
fn text_on(fill: Color) -> Color {
    let text = if fill.contrast(Color::WHITE) > fill.contrast(INK) { Color::WHITE } else { INK };
    if fill.contrast(text) >= CONTRAST_OF_TEXT { text } else { Color::BLACK }
}

/// A shade that is farther from the text. Near black or white there is no room for one, so it is nearer to the text.
fn hover(fill: Color, text: Color) -> Color {
    let [away, near] = if text == Color::WHITE {
        [Color::BLACK, Color::WHITE]
    } else {
        [Color::WHITE, Color::BLACK]
    };
    let end = if fill.contrast(away) >= CONTRAST_OF_ROOM { away } else { near };
    fill.toward(end, |it| it.contrast(fill) >= CONTRAST_OF_HOVER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn accent(text: &str) -> Accent {
        Accent::of(Color::parse(text).unwrap())
    }

    /// The first promise that these shades break.
    fn broken(shades: &AccentShades, grounds: &[Color; 3]) -> Option<String> {
        let AccentShades { fill, on_fill, fill_hover, edge, text } = *shades;
        let mut promises = vec![
            ("text on a button", on_fill, fill, CONTRAST_OF_TEXT),
            ("text on a button under the pointer", on_fill, fill_hover, CONTRAST_OF_TEXT),
            ("a button under the pointer", fill_hover, fill, CONTRAST_OF_HOVER),
        ];
        for ground in grounds {
            promises.push(("a link", text, *ground, 4.5));
            promises.push(("an edge", edge, *ground, 3.0));
        }
        promises.into_iter().find_map(|(what, one, other, least)| {
            let found = one.contrast(other);
            (found < least).then(|| format!("{what}: {one} on {other} has {found}"))
        })
    }

    fn check(color: Color) -> Result<(), String> {
        let accent = Accent::of(color);
        let AccentShades { fill, edge, .. } = accent.dark;
        let faults = [
            broken(&accent.light, &grounds::LIGHT).map(|it| format!("light: {it}")),
            broken(&accent.dark, &grounds::DARK).map(|it| format!("dark: {it}")),
            (accent.light.fill != color).then(|| "the light fill has another color".into()),
            (fill.contrast(grounds::DARK[1]) < 3.0).then(|| "the dark fill is hidden".into()),
            (fill != color && color.contrast(grounds::DARK[1]) >= 3.0)
                .then(|| "the dark fill has another color for no reason".into()),
            (edge != fill && grounds::DARK.iter().all(|it| fill.contrast(*it) >= 3.0))
                .then(|| "there is a dark edge for no reason".into()),
        ];
        faults.into_iter().flatten().next().map_or(Ok(()), |it| Err(format!("{color}: {it}")))
    }

    #[test]
    fn every_kind_of_color_can_be_read() {
        let levels = [0x00, 0x33, 0x66, 0x80, 0x99, 0xcc, 0xff];
        for red in levels {
            for green in levels {
                for blue in levels {
                    assert_eq!(check(Color::new(red, green, blue)), Ok(()));
                }
            }
        }
        for gray in 0..=0xff {
            assert_eq!(check(Color::new(gray, gray, gray)), Ok(()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn every_color_can_be_read([red, green, blue] in any::<[u8; 3]>()) {
            prop_assert_eq!(check(Color::new(red, green, blue)), Ok(()));
        }
    }

    #[test]
    fn the_color_stays_where_it_can() {
        // The fill, the text on it, the fill under the pointer, the edge, and links.
        for (color, light, dark) in [
            (
                "#2457c5",
                "#2457c5 #ffffff #1e4cae #2457c5 #2457c5",
                "#3566cb #ffffff #2e59b3 #4a78d2 #7499df",
            ),
            (
                "#ffee00",
                "#ffee00 #10151c #e8d800 #928800 #746c00",
                "#ffee00 #10151c #e8d800 #ffee00 #ffee00",
            ),
            (
                "#e8590c",
                "#e8590c #10151c #ee723f #e5580c #b84507",
                "#e8590c #10151c #ee723f #e8590c #ef7442",
            ),
            (
                "#7a7a7a",
                "#7a7a7a #000000 #888888 #7a7a7a #696969",
                "#7a7a7a #000000 #888888 #7a7a7a #989898",
            ),
            (
                "#ffffff",
                "#ffffff #10151c #e8e8e8 #868686 #696969",
                "#ffffff #10151c #e8e8e8 #ffffff #ffffff",
            ),
            (
                "#000000",
                "#000000 #ffffff #1b1b1b #000000 #000000",
                "#6c6c6c #ffffff #5e5e5e #7a7a7a #989898",
            ),
        ] {
            let shown = |it: AccentShades| {
                [it.fill, it.on_fill, it.fill_hover, it.edge, it.text].map(|it| it.to_string())
            };
            let found = accent(color);
            assert_eq!(shown(found.light).join(" "), light, "{color}");
            assert_eq!(shown(found.dark).join(" "), dark, "{color}");
        }
    }

    #[test]
    fn pale_colors_are_recognized() {
        for (color, is_pale) in [
            ("#2457c5", false),
            ("#2563eb", false),
            ("#767676", false),
            ("#777777", true),
            ("#ffee00", true),
        ] {
            assert_eq!(accent(color).is_too_pale_for_links(), is_pale, "{color}");
        }
    }

    #[test]
    fn the_rule_has_every_shade_for_both_schemes() {
        assert_eq!(
            accent("#ffee00").css(),
            ":root{--accent-fill:light-dark(#ffee00,#ffee00);--on-accent:light-dark(#10151c,#10151c);\
             --accent-hover:light-dark(#e8d800,#e8d800);--accent-edge:light-dark(#928800,#ffee00);\
             --accent:light-dark(#746c00,#ffee00)}"
        );
    }
}

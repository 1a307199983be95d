//! A chart of bars as SVG paths, which need no script. Each bar has two parts, one on the other.

use std::fmt::Write;

/// The width of a day and of its bar, in units.
const STEP: usize = 10;
const BAR: usize = 8;
/// The height of the highest bar, and the least height of a part that is not zero, in units.
const HEIGHT: i64 = 100;
const LEAST: i64 = 2;

/// The bars, on a base line at the height [`Chart::height`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The width in units.
    pub width: usize,
    /// The height in units.
    pub height: i64,
    /// The lower parts, as an SVG path.
    pub lower: String,
    /// The upper parts, as an SVG path.
    pub upper: String,
}

/// Draws bars of these pairs: the lower part and the upper part.
#[must_use]
pub fn draw(pairs: &[(i64, i64)]) -> Chart {
    let most = pairs.iter().map(|(lower, upper)| lower.saturating_add(*upper)).max();
    let most = most.unwrap_or_default().max(1);
    // Both parts of the highest bar may be higher than their share.
    let height = HEIGHT + LEAST;
    let mut chart =
        Chart { width: pairs.len() * STEP, height, lower: String::new(), upper: String::new() };
    for (number, (lower, upper)) in pairs.iter().enumerate() {
        let (x, below, above) = (number * STEP + 1, share(*lower, most), share(*upper, most));
        bar(&mut chart.lower, x, height, below);
        bar(&mut chart.upper, x, height - below, above);
    }
    chart
}

/// The height of a part.
fn share(count: i64, most: i64) -> i64 {
    let rounded =
        (i128::from(count) * i128::from(HEIGHT) + i128::from(most) / 2) / i128::from(most);
    let rounded = i64::try_from(rounded).unwrap_or(HEIGHT);
    if count > 0 { rounded.max(LEAST) } else { 0 }
}

fn bar(path: &mut String, x: usize, bottom: i64, height: i64) {
    if height > 0 {
        let _ = write!(path, "M{x} {bottom}v-{height}h{BAR}v{height}z");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bars_are_in_proportion_and_one_part_is_on_the_other() {
        let chart = draw(&[(50, 50), (0, 0), (25, 0), (0, 1)]);
        assert_eq!((chart.width, chart.height), (40, 102));
        assert_eq!(chart.lower, "M1 102v-50h8v50zM21 102v-25h8v25z");
        assert_eq!(chart.upper, "M1 52v-50h8v50zM31 102v-2h8v2z");
        let empty = draw(&[(0, 0)]);
        assert!(empty.lower.is_empty() && empty.upper.is_empty() && draw(&[]).width == 0);
    }

    proptest! {
        #[test]
        fn bars_stay_within_the_chart(pairs in prop::collection::vec((0..i64::MAX / 2, 0..i64::MAX / 2), 1..40)) {
            let chart = draw(&pairs);
            let numbers = |path: &str| -> Vec<Vec<i64>> {
                let bars = path.split_terminator('z');
                bars.map(|bar| {
                    let parts = bar.split(|c: char| !c.is_ascii_digit());
                    parts.filter_map(|number| number.parse().ok()).collect()
                }).collect()
            };
            for bar in numbers(&chart.lower).into_iter().chain(numbers(&chart.upper)) {
                let [x, bottom, height, 8, back] = bar[..] else { panic!("{bar:?}") };
                prop_assert_eq!(height, back);
                prop_assert!(height > 0 && bottom - height >= 0 && bottom <= chart.height);
                prop_assert!(x + 8 < i64::try_from(chart.width).unwrap());
            }
        }
    }
}

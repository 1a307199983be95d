//! QR codes as lines of SVG, which need neither an image file nor a script.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// The width of the quiet zone, in modules (ISO/IEC 18004).
const MARGIN: i32 = 4;

/// A QR code. Each module is one unit wide.
#[derive(Clone, Debug)]
pub struct Qr {
    /// The width and height in units, including the quiet zone.
    pub size: i32,
    /// The dark modules, as an SVG path of lines that are one unit wide: each leads through the middle of its modules, half a unit below the `y`
    /// of the path.
    pub path: String,
}

/// The QR code of `text`. `None` if the text is too long for any code (about 2,300 bytes).
#[must_use]
pub fn draw(text: &str) -> Option<Qr> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or(0);
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}", x + MARGIN, y + MARGIN);
            }
            x += run.max(1);
        }
    }
    Some(Qr { size: code.size() + 2 * MARGIN, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that the path covers.
    fn squares(qr: &Qr) -> Vec<(i32, i32)> {
        let mut squares = Vec::new();
        for run in qr.path.split('M').skip(1) {
            let numbers: Vec<i32> =
                run.split([' ', 'h']).map(|number| number.parse().unwrap()).collect();
            let [x, y, width] = numbers[..] else { panic!("{run}") };
            squares.extend((x..x + width).map(|x| (x, y)));
        }
        squares
    }

    #[test]
    fn the_path_contains_every_dark_module_once_and_a_margin() {
        let text =
            "otpauth://totp/authflow:ada%40example.org?secret=GEZDGNBVGY3TQOJQ&issuer=authflow";
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let qr = draw(text).unwrap();
        let squares = squares(&qr);
        let mut expected = Vec::new();
        for y in 0..code.size() {
            expected.extend(
                (0..code.size()).filter(|x| code.get_module(*x, y)).map(|x| (x + 4, y + 4)),
            );
        }
        assert_eq!(squares, expected);
        assert_eq!(qr.size, code.size() + 8);
        assert!(draw(&"x".repeat(5_000)).is_none());
    }
}

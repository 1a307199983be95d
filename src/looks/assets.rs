//! The files that pages load. Their names contain a hash of their content, so browsers may cache them permanently.

use std::io::Write;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::accent::Accent;
use super::logo::{Logo, LogoFormat};
use super::site::Looks;
use crate::secret;

/// Joins parts of the stylesheet.
macro_rules! parts {
    ($($name:literal),+ $(,)?) => {
        concat!($(include_str!(concat!("../../static/css/", $name, ".css"))),+)
    };
}

/// What the pages of the gate need, which embed their style.
const GATE_PARTS: &str = parts!("tokens", "base", "frame", "forms", "notices");
const OTHER_PARTS: &str =
    parts!("sections", "apps", "lists", "overview", "codes", "mailbox", "print");

/// Our mark, with names in place of its colors.
const MARK: &str = include_str!("../../static/mark.svg");

/// The largest mark in bytes that the pages of the gate embed.
const LARGEST_EMBEDDED_MARK: usize = 8 * 1_024;

/// The files that pages load, and what the pages of the gate embed instead.
#[derive(Debug)]
pub struct Assets {
    /// The stylesheet.
    pub stylesheet: Asset,
    /// The mark, which is also the icon: the logo of the site, or ours.
    pub mark: Asset,
    /// The style of the pages of the gate.
    pub gate_style: String,
    /// Its SHA-256 in base64, for the policy of those pages.
    pub gate_style_hash: String,
    /// The mark as a `data:` URL, for the pages of the gate. `None` if it is too large.
    pub gate_mark: Option<String>,
}

/// A file that is served below `/static/`.
#[derive(Debug)]
pub struct Asset {
    /// Its name, including the hash.
    pub name: String,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: Bytes,
    /// The same, compressed with gzip, if that makes it smaller.
    pub gzip: Option<Bytes>,
}

impl Assets {
    /// The files for this look.
    #[must_use]
    pub fn of(looks: &Looks) -> Self {
        let of_gate = compact(GATE_PARTS) + &looks.accent.css();
        let style = shorten(&inline(&format!("{of_gate}{}", compact(OTHER_PARTS))));
        let gate_style = shorten(&inline(&of_gate));
        let mark = mark(&looks.accent, looks.logo.as_deref());
        let url = || format!("data:{};base64,{}", mark.content_type, STANDARD.encode(&mark.bytes));
        Self {
            stylesheet: Asset::new("authflow", "css", "text/css; charset=utf-8", style.into()),
            gate_mark: (mark.bytes.len() <= LARGEST_EMBEDDED_MARK).then(url),
            mark,
            gate_style_hash: STANDARD.encode(secret::sha256(gate_style.as_bytes())),
            gate_style,
        }
    }

    /// The file with this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Asset> {
        [&self.stylesheet, &self.mark].into_iter().find(|it| it.name == name)
    }
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: Vec<u8>) -> Self {
        let hash = secret::encode(&secret::sha256(&bytes)[..9]);
        let gzip = gzip(&bytes).filter(|it| it.len() < bytes.len()).map(Bytes::from);
        let name = format!("{stem}-{hash}.{extension}");
        Self { name, content_type, bytes: bytes.into(), gzip }
    }
}

fn mark(accent: &Accent, logo: Option<&Logo>) -> Asset {
    let Some(logo) = logo else {
        let [fill, shape] = [accent.light.fill, accent.light.on_fill].map(|it| it.to_string());
        let own = MARK.replace("{fill}", &fill).replace("{shape}", &shape);
        return Asset::new("mark", "svg", LogoFormat::Svg.media_type(), own.into());
    };
    let extension = match logo.format {
        LogoFormat::Svg => "svg",
        LogoFormat::Png => "png",
    };
    Asset::new("mark", extension, logo.format.media_type(), logo.content.clone())
}

/// A stylesheet without comments and needless spaces. A string in it may have spaces, but not the marks of a comment.
fn compact(style: &str) -> String {
    let mut bare = String::with_capacity(style.len());
    let mut parts = style.split("/*");
    bare.push_str(parts.next().unwrap_or_default());
    for part in parts {
        bare.push_str(part.split_once("*/").map_or("", |(_, rest)| rest));
    }
    let pieces = bare.split('"').enumerate().map(|(place, piece)| match place % 2 {
        0 => without_spaces(piece),
        _ => format!("\"{piece}\""),
    });
    pieces.collect()
}

/// The text of a stylesheet outside of strings, without the spaces that mean nothing: lines, and what surrounds punctuation. A space before a colon
/// or a bracket, and around a plus or minus, does mean something.
fn without_spaces(text: &str) -> String {
    let mut lines = text.split('\n');
    let mut text = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        text.push(' ');
        text.push_str(line.trim_start());
    }
    for (long, short) in [
        ("{ ", "{"),
        (" {", "{"),
        ("} ", "}"),
        (" }", "}"),
        ("; ", ";"),
        (": ", ":"),
        (", ", ","),
        (";}", "}"),
        (" > ", ">"),
    ] {
        while text.contains(long) {
            text = text.replace(long, short);
        }
    }
    text
}

/// A compact stylesheet in which the values of custom properties that are no longer than their names, and that never change, stand where they are
/// used.
fn inline(style: &str) -> String {
    let defined: Vec<(&str, &str)> = style
        .split(['{', ';', '}'])
        .filter(|it| it.starts_with("--"))
        .filter_map(|it| it.split_once(':'))
        .collect();
    let changes = |name: &str| defined.iter().filter(|it| it.0 == name).count() > 1;
    let mut inlined = style.to_owned();
    for (name, value) in &defined {
        if value.len() <= SHORT_NAME.len() && !changes(name) {
            let definition = format!("{name}:{value}");
            inlined = inlined
                .replace(&format!("{definition};"), "")
                .replace(&format!(";{definition}"), "")
                .replace(&format!("var({name})"), value);
        }
    }
    inlined
}

/// What stands where a custom property with a short name is used.
const SHORT_NAME: &str = "var(--xx)";

/// A stylesheet with short names of custom properties: `--a` for the first, `--b` for the second, and so on.
fn shorten(style: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    let mut parts = style.split("--");
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let (name, rest) = part.split_at(end.unwrap_or(part.len()));
        let place = names.iter().position(|it| *it == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        short.push_str("--");
        // The digits of the place, with letters instead of numerals.
        for digit in format!("{place:o}").bytes() {
            short.push(char::from(b'a' + (digit - b'0')));
        }
        short.push_str(rest);
    }
    short
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::looks::{Color, grounds};

    fn assets(color: &str) -> Assets {
        let accent = Accent::of(Color::parse(color).unwrap());
        Assets::of(&Looks { accent, ..Looks::default() })
    }

    #[test]
    fn a_stylesheet_is_compacted_without_a_change_of_its_rules() {
        let style = "/* one\n   two */\na:hover,\n.b :focus {\n  color: red; /* why */\n  width: calc(1rem + 2px);\n}\n\n\
                     @media (min-width: 1rem) {\n  b::before { content: \"a: b; \" / \"\"; }\n}\n";
        let expected = "a:hover,.b :focus{color:red;width:calc(1rem + 2px)}@media (min-width:1rem){b::before{content:\"a: b; \" / \"\"}}";
        assert_eq!(compact(style).trim(), expected);
        for style in [GATE_PARTS, OTHER_PARTS] {
            let compact = compact(style);
            assert!(!compact.contains("/*") && !compact.contains("*/"));
            let braces = |text: &str| (text.matches('{').count(), text.matches('}').count());
            let (open, closed) = braces(&compact);
            assert_eq!(open, closed);
        }
    }

    #[test]
    fn custom_properties_have_short_names() {
        let style = ":root{--ground:red;--ground-2:blue;--x:var(--ground)}a{color:var(--ground-2)}b{margin:-1rem}";
        let short = ":root{--a:red;--b:blue;--c:var(--a)}a{color:var(--b)}b{margin:-1rem}";
        assert_eq!(shorten(style), short);
        let style = ":root{--a:1px;--b:red;--c:linear-gradient(red, blue);--d:2px}@media print{:root{--b:blue}}i{margin:var(--a) var(--d);color:var(--b)}";
        let inlined = ":root{--b:red;--c:linear-gradient(red, blue)}@media print{:root{--b:blue}}i{margin:1px 2px;color:var(--b)}";
        assert_eq!(inline(style), inlined);
        // Each name that is used has a value.
        let style = String::from_utf8(assets("#2457c5").stylesheet.bytes.into()).unwrap();
        let used: Vec<_> =
            style.split("var(").skip(1).map(|it| it.split_once(')').unwrap().0).collect();
        assert!(used.len() > 100);
        for name in used {
            assert!(
                [format!("{{{name}:"), format!(";{name}:")].iter().any(|it| style.contains(it)),
                "{name}"
            );
        }
    }

    #[test]
    fn files_are_named_after_their_content_and_compressed() {
        let (blue, red) = (assets("#2457c5"), assets("#aa2222"));
        assert_ne!(blue.stylesheet.name, red.stylesheet.name);
        assert_ne!(blue.mark.name, red.mark.name);
        assert_eq!(blue.stylesheet.name, Assets::of(&Looks::default()).stylesheet.name);
        let style = &red.stylesheet;
        let mut unpacked = Vec::new();
        let gzip = style.gzip.as_ref().unwrap();
        GzDecoder::new(&gzip[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, style.bytes);
        assert!(gzip.len() * 3 < style.bytes.len(), "{} of {}", gzip.len(), style.bytes.len());
        assert!(str::from_utf8(&style.bytes).unwrap().starts_with(&red.gate_style));
        assert!(red.gate_style.contains("light-dark(#aa2222,"));
    }

    #[test]
    fn our_mark_has_the_accent_color_and_can_be_read() {
        for (color, shape) in
            [("#2457c5", "#ffffff"), ("#ffee00", "#10151c"), ("#ffffff", "#10151c")]
        {
            let mark = String::from_utf8(assets(color).mark.bytes.into()).unwrap();
            let colors = [color, shape].map(|it| mark.matches(&format!("fill=\"{it}\"")).count());
            assert_eq!(colors, [1, 1], "{mark}");
        }
    }

    #[test]
    fn a_large_logo_is_not_embedded() {
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#;
        for (padding, embedded) in [(0, true), (LARGEST_EMBEDDED_MARK, false)] {
            let logo = Logo::parse(format!("{svg}{}", " ".repeat(padding)).into()).unwrap();
            let looks = Looks { logo: Some(logo.into()), ..Looks::default() };
            let assets = Assets::of(&looks);
            assert_eq!(assets.gate_mark.is_some(), embedded);
            assert!(assets.mark.bytes.starts_with(svg.as_bytes()));
        }
    }

    #[test]
    fn the_stylesheet_has_the_grounds_that_the_accent_is_made_for() {
        for color in grounds::LIGHT.into_iter().chain(grounds::DARK) {
            assert!(GATE_PARTS.contains(&color.to_string()), "{color}");
        }
    }
}

//! The logo of the site.

/// The largest logo in bytes.
pub const LARGEST_LOGO: usize = 64 * 1_024;

/// An image that browsers show.
#[derive(Debug, PartialEq, Eq)]
pub struct Logo {
    /// The format of the content.
    pub format: LogoFormat,
    /// The file.
    pub content: Vec<u8>,
}

/// The format of a logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoFormat {
    /// A vector graphic. Few email programs show it.
    Svg,
    /// A bitmap.
    Png,
}

impl LogoFormat {
    /// The value of `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }
}

/// PNG 3, section 5.2.
const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

const SVG_NAMESPACE: &str = "http://www.w3.org/2000/svg";

impl Logo {
    /// Recognizes the format. The error completes a sentence that begins with the file.
    ///
    /// An SVG may contain scripts: browsers run none in an image, and our Content-Security-Policy allows none when it is opened by itself.
    pub fn parse(content: Vec<u8>) -> Result<Self, &'static str> {
        if content.len() > LARGEST_LOGO {
            return Err("has more than 64 KiB; use a smaller image");
        }
        if content.starts_with(PNG_SIGNATURE) {
            return Ok(Self { format: LogoFormat::Png, content });
        }
        let svg = str::from_utf8(&content).ok().filter(|text| root_element(text) == Some("svg"));
        match svg {
            Some(text) if text.contains(SVG_NAMESPACE) => {
                Ok(Self { format: LogoFormat::Svg, content })
            }
            Some(_) => Err(
                "is an SVG that browsers do not show as an image; add xmlns=\"http://www.w3.org/2000/svg\" to its <svg>",
            ),
            None => Err("is neither a PNG image nor an SVG image in UTF-8"),
        }
    }
}

/// The name of the first element of an XML document, without its prefix.
fn root_element(document: &str) -> Option<&str> {
    let mut rest = document.strip_prefix('\u{feff}').unwrap_or(document).trim_start();
    loop {
        let end = if rest.starts_with("<?") {
            rest.find("?>")? + 2
        } else if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<!DOCTYPE") {
            end_of_document_type(rest)?
        } else {
            break;
        };
        rest = rest[end..].trim_start();
    }
    let tag = rest.strip_prefix('<')?;
    let end = tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
    tag[..end].rsplit(':').next()
}

/// Where the document type declaration at the start ends. Drawing programs declare entities in it, between brackets.
fn end_of_document_type(rest: &str) -> Option<usize> {
    let end = rest.find('>')?;
    match rest[..end].find('[') {
        Some(open) => {
            let close = open + rest[open..].find(']')?;
            Some(close + rest[close..].find('>')? + 1)
        }
        None => Some(end + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0h1v1z\"/></svg>";

    #[test]
    fn the_content_decides_the_format() {
        let adobe = "<?xml version=\"1.0\"?><!-- <svg> -->\r\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x\" [\n\
                     <!ENTITY ns_svg \"http://www.w3.org/2000/svg\">\n]>\n<svg xmlns=\"&ns_svg;\"/>";
        for text in [
            SVG,
            &format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{SVG}"),
            &format!("<!-- made by hand -->\n<!DOCTYPE svg>{SVG}"),
            adobe,
            "<svg:svg xmlns:svg=\"http://www.w3.org/2000/svg\"></svg:svg>",
        ] {
            let logo = Logo::parse(text.into()).unwrap();
            assert_eq!(logo.format.media_type(), "image/svg+xml", "{text}");
            assert_eq!(logo.content, text.as_bytes());
        }
        let png = Logo::parse(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()).unwrap();
        assert_eq!(png.format.media_type(), "image/png");
    }

    #[test]
    fn other_files_are_refused() {
        let utf16 = SVG.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let large = format!("{SVG}{}", " ".repeat(LARGEST_LOGO)).into_bytes();
        for (content, why) in [
            (b"".to_vec(), "neither a PNG"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), "neither a PNG"),
            (
                b"<!DOCTYPE html><html><svg xmlns=\"http://www.w3.org/2000/svg\"/></html>".to_vec(),
                "neither a PNG",
            ),
            (b"<!-- <svg> never closed".to_vec(), "neither a PNG"),
            (b"<!DOCTYPE svg [ <svg>".to_vec(), "neither a PNG"),
            (b"<svgz xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), "neither a PNG"),
            (b"<svg".to_vec(), "neither a PNG"),
            (utf16, "neither a PNG"),
            (b"<svg><path/></svg>".to_vec(), "add xmlns="),
            (large, "more than 64 KiB"),
        ] {
            let found = Logo::parse(content.clone()).unwrap_err();
            assert!(found.contains(why), "{}: {found}", String::from_utf8_lossy(&content));
        }
    }
}

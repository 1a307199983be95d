//! Rows of CSV files (RFC 4180), safe to open in a spreadsheet.

/// A row with its line break. A cell that looks like a formula gets the prefix `'`, which makes spreadsheets show it as text.
#[must_use]
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells = cells.into_iter().map(cell).collect::<Vec<_>>();
    cells.join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Parses a row according to RFC 4180.
    fn read(row: &str) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut is_quoted = false;
        let mut chars = row.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(c) = chars.next() {
            let cell = cells.last_mut().unwrap();
            match c {
                '"' if is_quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => cells.push(String::new()),
                _ => cell.push(c),
            }
        }
        cells
    }

    #[test]
    fn formulas_are_escaped() {
        assert_eq!(row(["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(row(["a,b", "say \"x\"", "1\n2"]), "\"a,b\",\"say \"\"x\"\"\",\"1\n2\"\r\n");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(read(&row([formula])), [format!("'{formula}")]);
        }
    }

    proptest! {
        #[test]
        fn rows_are_read_back_unchanged(cells in prop::collection::vec("[^=+@\\t\\r\\n-]?.{0,20}", 1..8)) {
            let cells: Vec<String> =
                cells.into_iter().map(|it| it.trim_start_matches(['=', '+', '-', '@', '\t', '\r', '\n']).to_owned()).collect();
            prop_assert_eq!(read(&row(cells.iter().map(String::as_str))), cells);
        }
    }
}

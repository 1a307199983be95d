//! Names and literals in the code, read from the tokens. Code that only tests compile does not count.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::graph::{end_of_item, is_test_attribute};

const KINDS: [&str; 5] = ["struct", "enum", "trait", "type", "union"];
const SQL: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// The public types below `folder`, each with the files that declare one of this name.
pub fn public_types_below(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in super::code_files(folder) {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(folder).unwrap().display().to_string();
        for name in public_types(&text) {
            declared.entry(name).or_default().push(file.clone());
        }
    }
    declared
}

/// The names of the public types in this code. A macro's placeholder is not a name.
pub fn public_types(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    visit(code, &mut |tokens| {
        if let [TokenTree::Ident(visible), TokenTree::Ident(kind), TokenTree::Ident(name), ..] =
            tokens
            && visible == "pub"
            && KINDS.iter().any(|it| kind == it)
        {
            found.push(name.to_string());
        }
    });
    found
}

/// The literals in this code that contain a word of SQL.
pub fn sql_literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    visit(code, &mut |tokens| {
        if let [TokenTree::Literal(literal), ..] = tokens {
            let text = literal.to_string();
            let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            if words.any(|word| SQL.contains(&word)) {
                found.push(text);
            }
        }
    });
    found
}

/// Calls `at` with the rest of the tokens at each token, in groups too. Skips tests, doc comments and other attributes.
pub fn visit(code: &str, at: &mut impl FnMut(&[TokenTree])) {
    let tokens: TokenStream = code.parse().unwrap();
    visit_tokens(&tokens.into_iter().collect::<Vec<_>>(), at);
}

fn visit_tokens(tokens: &[TokenTree], at: &mut impl FnMut(&[TokenTree])) {
    let mut next = 0;
    while next < tokens.len() {
        if is_test_attribute(&tokens[next..]) {
            next = end_of_item(tokens, next + 2);
            continue;
        }
        if is_attribute(&tokens[next..]) {
            next += 2;
            continue;
        }
        at(&tokens[next..]);
        if let TokenTree::Group(group) = &tokens[next] {
            visit_tokens(&group.stream().into_iter().collect::<Vec<_>>(), at);
        }
        next += 1;
    }
}

fn is_attribute(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(hash), TokenTree::Group(group), ..]
        if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket)
}

//! The import graph of `src`: a node for each file, an edge for each path to an item of another file.
//!
//! It is read from the tokens, so it includes grouped imports, paths in expressions and paths in macros. Code that only tests compile
//! does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module's path from the crate's root: `["db", "query"]`; the root itself is empty.
pub type Module = Vec<String>;

/// The modules of the crate and their imports.
#[derive(Debug, Default)]
pub struct Graph {
    /// Every file's module.
    pub modules: BTreeMap<Module, PathBuf>,
    /// The importing and the imported module.
    pub edges: BTreeSet<(Module, Module)>,
}

impl Graph {
    /// Reads every file below `source`.
    pub fn read(source: &Path) -> Self {
        let mut files = BTreeMap::new();
        for path in super::code_files(source) {
            let inside = path.strip_prefix(source).unwrap().with_extension("");
            let mut module: Module =
                inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
                module.pop();
            }
            if module != ["main"] {
                files.insert(module, (fs::read_to_string(&path).unwrap(), path));
            }
        }
        Self::of(files.iter().map(|(module, (text, path))| (module.clone(), text.as_str(), path)))
    }

    /// The graph of these modules, texts and paths.
    pub fn of<'a>(files: impl Iterator<Item = (Module, &'a str, &'a PathBuf)>) -> Self {
        let mut graph = Self::default();
        let mut texts = BTreeMap::new();
        for (module, text, path) in files {
            let tokens: TokenStream =
                text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            graph.modules.insert(module.clone(), path.clone());
            texts.insert(module, tokens);
        }
        let mut of_tests = BTreeSet::new();
        let mut macros = BTreeMap::new();
        for (module, tokens) in &texts {
            let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
            of_tests.extend(test_modules(&tokens).into_iter().map(|child| below(module, &child)));
            macros.extend(exported_macros(&tokens).into_iter().map(|name| (name, module.clone())));
        }
        let is_of_tests = |module: &Module| of_tests.iter().any(|it| module.starts_with(it));
        graph.modules.retain(|module, _| !is_of_tests(module));
        for (module, tokens) in texts.iter().filter(|(module, _)| !is_of_tests(module)) {
            for path in paths(tokens.clone()) {
                let Some(target) = graph.resolve(module, &path, &macros) else { continue };
                if target != *module && !is_of_tests(&target) {
                    graph.edges.insert((module.clone(), target));
                }
            }
        }
        graph
    }

    /// The file of the item that a path in `from` names: the longest prefix of the path that is a module.
    fn resolve(
        &self,
        from: &Module,
        path: &[String],
        macros: &BTreeMap<String, Module>,
    ) -> Option<Module> {
        let mut at = from.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => {
                at.clear();
                rest = &rest[1..];
                if let Some(home) = rest.first().and_then(|name| macros.get(name)) {
                    return Some(home.clone());
                }
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    at.pop();
                    rest = &rest[1..];
                }
            }
            child if self.modules.contains_key(&below(from, child)) => {}
            _ => return None,
        }
        for part in rest {
            let deeper = below(&at, part);
            if !self.modules.contains_key(&deeper) {
                break;
            }
            at = deeper;
        }
        Some(at)
    }

    /// Every import cycle between files, as the edges within the cycle.
    pub fn cycles(&self) -> Vec<Vec<(Module, Module)>> {
        cycles(&self.edges)
    }

    /// Every cycle between the files and subfolders of one folder, where a subfolder is one node.
    pub fn cycles_of_folders(&self) -> BTreeMap<Module, Vec<Vec<(Module, Module)>>> {
        let mut folders: BTreeMap<Module, BTreeSet<(Module, Module)>> = BTreeMap::new();
        for (from, to) in &self.edges {
            let shared = from.iter().zip(to).take_while(|(one, other)| one == other).count();
            if from.len() > shared && to.len() > shared {
                let sides = (from[..=shared].to_vec(), to[..=shared].to_vec());
                folders.entry(from[..shared].to_vec()).or_default().insert(sides);
            }
        }
        let cycles = folders.into_iter().map(|(folder, edges)| (folder, cycles(&edges)));
        cycles.filter(|(_, cycles)| !cycles.is_empty()).collect()
    }
}

/// Groups of nodes that reach each other, as the edges within each group.
fn cycles(edges: &BTreeSet<(Module, Module)>) -> Vec<Vec<(Module, Module)>> {
    let mut next: BTreeMap<&Module, Vec<&Module>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(from).or_default().push(to);
    }
    let reach: BTreeMap<&Module, BTreeSet<&Module>> = next
        .keys()
        .map(|start| {
            let mut seen = BTreeSet::new();
            let mut open = next[start].clone();
            while let Some(module) = open.pop() {
                if seen.insert(module) {
                    open.extend(next.get(module).into_iter().flatten());
                }
            }
            (*start, seen)
        })
        .collect();
    let reaches = |from: &Module, to: &Module| reach.get(from).is_some_and(|it| it.contains(to));
    let mut groups: BTreeMap<Vec<&Module>, Vec<(Module, Module)>> = BTreeMap::new();
    for (from, to) in edges.iter().filter(|(from, to)| reaches(to, from)) {
        let group = reach[from].iter().copied().filter(|it| reaches(it, from)).collect();
        groups.entry(group).or_default().push((from.clone(), to.clone()));
    }
    groups.into_values().collect()
}

fn below(module: &[String], child: &str) -> Module {
    let mut deeper = module.to_vec();
    deeper.push(child.to_owned());
    deeper
}

/// Every path of at least two segments in the tokens, one for each item of a group. Code that only tests compile does not count.
pub fn paths(tokens: TokenStream) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(&tokens.into_iter().collect::<Vec<_>>(), &mut found);
    found
}

fn collect(tokens: &[TokenTree], found: &mut Vec<Vec<String>>) {
    let mut at = 0;
    while at < tokens.len() {
        if is_test_attribute(&tokens[at..]) {
            at = end_of_item(tokens, at + 2);
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(_) => at = path(tokens, at, &[], found),
            TokenTree::Group(group) => {
                collect(&group.stream().into_iter().collect::<Vec<_>>(), found);
                at += 1;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
        }
    }
}

/// Reads the path that starts at `at`, below `prefix`. Returns where it ends.
fn path(tokens: &[TokenTree], at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut parts = prefix.to_vec();
    let mut at = at;
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        parts.push(name.to_string());
        at += 1;
        if !is_colons(&tokens[at..]) {
            break;
        }
        at += 2;
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && group.delimiter() == Delimiter::Brace
        {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            for item in inner.split(|token| is_punct(token, ',')) {
                match item.first() {
                    Some(TokenTree::Ident(name)) if name == "self" => found.push(parts.clone()),
                    Some(_) => {
                        path(item, 0, &parts, found);
                    }
                    None => {}
                }
            }
            return at + 1;
        }
    }
    if parts.len() > 1 {
        found.push(parts);
    }
    at
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_colons(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [one, other, ..] if is_punct(one, ':') && is_punct(other, ':'))
}

/// Whether the tokens start with `#[cfg(test)]`.
pub fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [hash, TokenTree::Group(group), ..]
        if is_punct(hash, '#') && group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// The end of the item at `at`: after its block or semicolon.
pub fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_end = |token: &TokenTree| {
        is_punct(token, ';')
            || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
    };
    tokens[at..].iter().position(is_end).map_or(tokens.len(), |length| at + length + 1)
}

/// The names of child modules in files of their own that only tests compile.
fn test_modules(tokens: &[TokenTree]) -> Vec<String> {
    let declared = |at: usize| match &tokens[at + 2..] {
        [TokenTree::Ident(word), TokenTree::Ident(name), end, ..]
            if word == "mod" && is_punct(end, ';') =>
        {
            Some(name.to_string())
        }
        _ => None,
    };
    let begins = (0..tokens.len()).filter(|at| is_test_attribute(&tokens[*at..]));
    begins.filter_map(declared).collect()
}

/// The names of macros that `#[macro_export]` puts at the crate's root.
fn exported_macros(tokens: &[TokenTree]) -> Vec<String> {
    let named = |window: &[TokenTree]| match window {
        [TokenTree::Group(attribute), TokenTree::Ident(word), bang, TokenTree::Ident(name)]
            if attribute.stream().to_string() == "macro_export"
                && word == "macro_rules"
                && is_punct(bang, '!') =>
        {
            Some(name.to_string())
        }
        _ => None,
    };
    tokens.windows(4).filter_map(named).collect()
}

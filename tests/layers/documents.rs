//! The documentation holds together: links lead somewhere, every page is in the contents, and the README stays short.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use authflow::installation::docs_page::DocsPage;

#[test]
fn links_lead_to_existing_files_and_sections() {
    let documents = documents();
    let mut faults = Vec::new();
    for (path, text) in &documents {
        for link in links(text) {
            if link.starts_with("https://") || link.starts_with("http://localhost") {
                continue;
            }
            if let Err(why) = follow(&documents, path, &link) {
                faults.push(format!("{}: {link}: {why}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{} links:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn errors_name_existing_pages() {
    let documents = documents();
    for page in DocsPage::ALL {
        follow(&documents, Path::new("README.md"), page.path()).unwrap();
    }
}

/// A link out of the book would be dead in the site that is made of it.
#[test]
fn pages_of_the_book_link_only_to_each_other() {
    for (path, text) in documents().iter().filter(|(path, _)| path.starts_with("docs")) {
        for link in links(text).into_iter().filter(|it| !it.contains("://")) {
            let target = resolve(path, link.split('#').next().unwrap());
            assert!(target.starts_with("docs"), "{}: {link}", path.display());
            // In the site, the start page is index.html, but mdBook makes README.html of this link.
            let is_start = target.ends_with("README.md") && !path.ends_with("SUMMARY.md");
            assert!(!is_start, "{}: {link}", path.display());
        }
    }
}

#[test]
fn every_page_is_in_the_contents() {
    let contents = links(&fs::read_to_string("docs/SUMMARY.md").unwrap());
    for path in documents().keys() {
        let Ok(page) = path.strip_prefix("docs") else { continue };
        let is_contents = page == Path::new("SUMMARY.md");
        assert!(
            is_contents || contents.iter().any(|it| Path::new(it) == page),
            "{}",
            page.display()
        );
    }
}

#[test]
fn the_readme_stays_short() {
    let readme = fs::read_to_string("README.md").unwrap();
    let words = readme.split_whitespace().filter(|it| it.contains(char::is_alphanumeric)).count();
    assert!(words <= 900, "{words} words");
}

/// The Markdown files, by path.
fn documents() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let entries = fs::read_dir(".").unwrap().map(|entry| entry.unwrap().path());
    let root = entries.filter(|it| it.extension().is_some_and(|it| it == "md"));
    for path in root.chain(super::files(Path::new("docs"))).chain(super::files(Path::new("deploy")))
    {
        if path.extension().is_some_and(|it| it == "md") {
            let text = fs::read_to_string(&path).unwrap();
            found.insert(path.strip_prefix(".").unwrap_or(&path).to_owned(), text);
        }
    }
    found
}

/// Whether the file and, behind a `#`, its heading exist.
fn follow(documents: &BTreeMap<PathBuf, String>, from: &Path, link: &str) -> Result<(), String> {
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, it)| (file, Some(it)));
    let path = if file.is_empty() { from.to_owned() } else { resolve(from, file) };
    if !path.exists() {
        return Err("there is no such file".to_owned());
    }
    let Some(heading) = heading else { return Ok(()) };
    let text = documents.get(&path).ok_or("only Markdown files have headings")?;
    let has_it = headings(text).iter().any(|it| it == heading);
    has_it.then_some(()).ok_or_else(|| "there is no such heading".to_owned())
}

/// A relative link of a file, as a path.
fn resolve(from: &Path, link: &str) -> PathBuf {
    let mut path = from.parent().unwrap().to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{link} leads out of the repository"),
            part => path.push(part),
        }
    }
    path
}

/// The targets of links and images.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let markdown = prose.split("](").skip(1).filter_map(|it| it.split(')').next());
    let attributes = ["href=\"", "src=\"", "srcset=\""];
    let html = attributes
        .iter()
        .flat_map(|it| prose.split(it).skip(1))
        .filter_map(|it| it.split('"').next());
    markdown.chain(html).map(ToOwned::to_owned).collect()
}

/// The anchors of the headings, as GitHub and mdBook make them.
fn headings(text: &str) -> Vec<String> {
    let is_kept = |c: &char| c.is_alphanumeric() || ['-', '_', ' '].contains(c);
    let anchor = |heading: &str| {
        heading.to_lowercase().chars().filter(is_kept).collect::<String>().replace(' ', "-")
    };
    let prose = prose(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

/// The text without its blocks of code.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            prose += line;
            prose.push('\n');
        }
    }
    prose
}

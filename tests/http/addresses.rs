//! Every link and form in the templates points to a route.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use authflow::routes;

use crate::support::TestApp;

fn templates(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { templates(&path) } else { vec![path] }).collect()
}

/// The addresses below `base` in a template, with `{}` for each value that is filled in.
fn addresses(text: &str) -> Vec<String> {
    let quoted = |(at, name): (usize, &str)| text[at + name.len()..].split_once('"').unwrap().0;
    let links = text.match_indices("href=\"").chain(text.match_indices("action=\"")).map(quoted);
    let bases = ["{{ page.base }}", "{{ base }}"];
    let below = links.filter_map(|link| bases.iter().find_map(|base| link.strip_prefix(base)));
    below.flat_map(alternatives).map(|path| filled(&path)).collect()
}

/// The paths of a link that `{% if %}…{% else %}…{% endif %}` chooses between.
fn alternatives(link: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for piece in link.split("{%") {
        match piece.split_once("%}") {
            Some((_, rest)) if !rest.is_empty() => parts.push(rest.to_owned()),
            Some(_) => {}
            None => parts[0].push_str(piece),
        }
    }
    parts.into_iter().filter(|it| it.starts_with('/') || it.starts_with("{{")).collect()
}

/// The path with `{}` for each expression.
fn filled(path: &str) -> String {
    let mut pieces = path.split("{{");
    let start = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(start, |shown, piece| shown + "{}" + piece.split_once("}}").unwrap().1)
}

/// The route with `{}` for each parameter.
fn pattern(route: &str) -> String {
    let parts = route.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Whether a link matches a route. A filled-in value matches any segment, and a parameter may be a file name.
fn leads_to(link: &str, route: &str) -> bool {
    let (link, route): (Vec<&str>, Vec<&str>) =
        (link.split('/').collect(), route.split('/').collect());
    let is_same = |(one, other): (&&str, &&str)| {
        one == other || *one == "{}" || (*other == "{}" && one.contains('.'))
    };
    link.len() == route.len() && link.iter().zip(&route).all(is_same)
}

#[tokio::test]
async fn every_address_in_a_template_is_a_route() {
    let app = TestApp::start().await;
    let served: BTreeSet<String> =
        routes::table(&app.app).iter().map(|(route, _)| pattern(route)).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut count = 0;
    for path in templates(&folder) {
        for address in addresses(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            if address == "{}" {
                continue; // the whole path is one of `domain::addresses`
            }
            let path_only = address.split('?').next().unwrap();
            // A query or a menu entry may be filled in directly after a segment.
            let is_served = [path_only, path_only.strip_suffix("{}").unwrap_or(path_only)]
                .iter()
                .any(|path| served.iter().any(|route| leads_to(path, route)));
            assert!(is_served, "{}: {address}", path.display());
        }
    }
    assert!(count > 80, "only {count} links were found");
}

#[test]
fn addresses_in_a_template_are_found() {
    let text = r#"<a href="{{ page.base }}/a/{{ id }}?b={{ c }}"> <a href="https://x/">
        <form action="{{ base }}{% if let Some(t) = x %}/i/{{ t }}{% else %}/r{% endif %}">"#;
    assert_eq!(addresses(text), ["/a/{}?b={}", "/i/{}", "/r"]);
    assert!(leads_to("/i/{}", "/i/{}") && leads_to("/i/{}/{}", "/i/{}/revoke"));
    assert!(!leads_to("/i", "/i/{}") && !leads_to("/i/new", "/i/{}") && !leads_to("/r", "/x"));
}

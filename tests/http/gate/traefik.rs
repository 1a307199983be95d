//! The output of `authflow proxy traefik`: the file and the Docker labels are equivalent, and in both, tickets bypass the app.

use std::collections::BTreeMap;

use super::super::support::*;

/// Traefik settings by path, such as `http.routers.app.rule`.
type Settings = BTreeMap<String, String>;

fn print(public_url: &str, arguments: &[&str]) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    let variables = [
        ("PUBLIC_URL", public_url),
        ("GATE_ORIGINS", "https://app.example.org,https://example.org,http://app.localhost:8080"),
        ("MAIL_TRANSPORT", "file"),
    ];
    let all = [&["proxy", "traefik", "--authflow", "authflow:5000"], arguments].concat();
    let output = run(folder.path(), &variables, &all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The text without single quotes around it.
fn bare(text: &str) -> String {
    let inside = text.strip_prefix('\'').and_then(|it| it.strip_suffix('\''));
    inside.map_or_else(|| text.to_owned(), |it| it.replace("''", "'"))
}

/// Parses the file. It knows only the YAML that the command prints.
fn file(text: &str) -> Settings {
    let mut settings = Settings::new();
    let mut above: Vec<(usize, &str)> = Vec::new();
    for line in text.lines().filter(|it| !it.trim().is_empty() && !it.trim().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        above.retain(|(other, _)| *other < indent);
        let path = |more: &str| {
            let keys = above.iter().map(|(_, key)| *key).chain([more]);
            keys.filter(|key| !key.is_empty()).collect::<Vec<_>>().join(".")
        };
        let line = line.trim();
        if let Some(item) = line.strip_prefix("- ") {
            let (key, value) = item.split_once(": ").unwrap_or(("", item));
            let list = settings.entry(path(key)).or_default();
            let comma = if list.is_empty() { "" } else { "," };
            *list = format!("{list}{comma}{}", bare(value));
            continue;
        }
        let (key, value) = line.split_once(':').unwrap();
        match value.trim() {
            "" => above.push((indent, key)),
            "{}" => _ = settings.insert(path(key), "true".into()),
            value => {
                let list = value.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
                let value = list.map_or_else(|| bare(value), |it| it.replace(", ", ","));
                settings.insert(path(key), value);
            }
        }
    }
    settings
}

/// Parses the labels as compose passes them to Docker.
fn labels(text: &str) -> Settings {
    let (_, list) = text.split_once("\nlabels:\n").unwrap();
    let lines = list.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let mut settings = Settings::new();
    for line in lines {
        let label = bare(line.strip_prefix("- ").unwrap()).replace("$$", "$");
        let (key, value) = label.strip_prefix("traefik.").unwrap().split_once('=').unwrap();
        assert_eq!(settings.insert(key.to_owned(), value.to_owned()), None, "{key} twice");
    }
    assert_eq!(settings.remove("enable").as_deref(), Some("true"));
    settings
}

/// Rewrites what labels express differently: the server is the container itself, and authflow is another container.
fn as_labels(mut file: Settings, login: &str) -> Settings {
    let servers: Vec<String> =
        file.keys().filter(|it| it.ends_with(".servers.url")).cloned().collect();
    for key in servers {
        let url = file.remove(&key).unwrap();
        let service = key.strip_suffix(".loadBalancer.servers.url").unwrap();
        if let Some(router) = service.strip_suffix("-ticket") {
            assert_eq!(url, "http://authflow:5000", "tickets go to authflow");
            let router = router.replace("http.services.", "http.routers.") + "-ticket.service";
            assert_eq!(file[&router], service.strip_prefix("http.services.").unwrap());
            file.insert(router, format!("{login}-login@docker"));
            continue;
        }
        let port = url.rsplit_once(':').unwrap().1.to_owned();
        file.insert(format!("{service}.loadBalancer.server.port"), port);
    }
    file
}

#[test]
fn labels_and_file_are_equivalent() {
    let (apart, below) = ("https://login.example.org", "https://example.org/id");
    let app = ["--app", "https://app.example.org", "--upstream", "app:8080"];
    let strict = ["--role", "admin", "--role", "it's $HOME", "--factor", "2", "--token"];
    let beside = ["--app", "https://example.org", "--upstream", "web:80"];
    let plain = ["--app", "http://app.localhost:8080", "--upstream", "app:8080"];
    for (public_url, login, arguments) in [
        (apart, "login_example_org", vec![]),
        (apart, "login_example_org", app.to_vec()),
        (apart, "login_example_org", [&app[..], &strict].concat()),
        (below, "example_org", vec![]),
        (below, "example_org", app.to_vec()),
        (below, "example_org", beside.to_vec()),
        ("http://login.localhost:8080", "login_localhost_8080", plain.to_vec()),
    ] {
        let said = file(&print(public_url, &arguments));
        let mut labelled = labels(&print(public_url, &[&arguments[..], &["--labels"]].concat()));
        // At authflow's own host the file contains both sites, while the labels are split between two containers.
        if arguments == beside {
            labelled.extend(labels(&print(public_url, &["--labels"])));
        }
        assert_eq!(as_labels(said, login), labelled, "{public_url} {arguments:?}");
    }
}

#[test]
fn tickets_bypass_the_app() {
    let app = ["--app", "https://app.example.org", "--upstream", "app:8080", "--role", "admin"];
    let said = file(&print("https://login.example.org", &app));
    let router = |name: &str, what: &str| {
        said.get(&format!("http.routers.app_example_org{name}.{what}")).cloned()
    };
    let rule = "Host(`app.example.org`) && PathPrefix(`/.authflow/`)";
    assert_eq!(router("-ticket", "rule").as_deref(), Some(rule));
    assert_eq!(router("-ticket", "middlewares"), None);
    let priority = |name| router(name, "priority").unwrap().parse::<u32>().unwrap();
    assert!(priority("-ticket") > priority(""));
    let guarded = router("", "middlewares").unwrap();
    assert_eq!(guarded, "app_example_org-claims,app_example_org-no-upgrade,app_example_org-gate");
    assert_eq!(
        said["http.middlewares.app_example_org-gate.forwardAuth.address"],
        "http://authflow:5000/gate/forward?role=admin"
    );
    // Every router names a service that exists.
    for (key, service) in said.iter().filter(|(key, _)| key.ends_with(".service")) {
        let url = format!("http.services.{service}.loadBalancer.servers.url");
        assert!(said.contains_key(&url), "{key}");
    }
}

#[test]
fn labels_are_printed_only_for_traefik() {
    let folder = tempfile::TempDir::new().unwrap();
    for kind in ["nginx", "caddy"] {
        let output = run(folder.path(), &[], &["proxy", kind, "--labels"]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("authflow proxy traefik --labels"), "{said}");
    }
}

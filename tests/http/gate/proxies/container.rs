//! The example in `deploy/docker`.

use super::*;
use crate::gate::proxy::Configuration;
use crate::gate::traveller::client;
use crate::gate::upstream;
use authflow::services::sign_up::first_administrator;

fn read(file: &str) -> String {
    std::fs::read_to_string(file).unwrap()
}

/// The variables that `compose.yaml` sets if there is no `.env`.
fn variables_at_first_start() -> Vec<(String, String)> {
    let compose = read("deploy/docker/compose.yaml");
    let (_, environment) = compose.split_once("    environment:\n").unwrap();
    let lines = environment.lines().take_while(|line| line.starts_with("      "));
    let settings = lines.filter_map(|line| line.trim().split_once(": "));
    let settings = settings.filter(|(name, _)| !name.starts_with('#'));
    settings
        .map(|(name, value)| {
            let default = value.strip_prefix("${").and_then(|it| it.strip_suffix('}'));
            let value = default.map_or(value, |it| it.split_once(":-").unwrap().1);
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// `deploy/docker/Caddyfile` matches the output of the commands in its first lines.
#[tokio::test]
async fn the_caddyfile_matches_the_printed_configuration() {
    let folder = tempfile::TempDir::new().unwrap();
    let variables = variables_at_first_start();
    let variables: Vec<_> = variables.iter().map(|(name, value)| (&**name, &**value)).collect();
    let login = ["proxy", "caddy", "--authflow", "authflow:5000"];
    let application = ["--app", "http://whoami.localhost", "--upstream", "whoami:8080"];
    let mut printed = String::new();
    for arguments in [login.to_vec(), [login, application].concat()] {
        let output = run(folder.path(), &variables, &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        printed += &String::from_utf8(output.stdout).unwrap();
    }
    assert_eq!(read("deploy/docker/Caddyfile").split_once("\n\n").unwrap().1, printed);
}

/// The first start, with other ports, and with this machine in place of the containers' network.
#[tokio::test]
async fn the_example_works_without_any_setting() {
    let Some(binary) = Kind::Caddy.binary() else { return };
    let mut variables = variables_at_first_start();
    for (name, value) in &mut variables {
        if name == "TRUSTED_PROXIES" {
            "127.0.0.1".clone_into(value);
        }
    }
    let variables: Vec<_> = variables.iter().map(|(name, value)| (&**name, &**value)).collect();
    let server = TestApp::with(&variables).await;
    let (upstream, _) = upstream::start().await;
    let configuration =
        Configuration::new(Kind::Caddy, "http", &variables, server.address, upstream);
    let sites = read("deploy/docker/Caddyfile")
        .replace("authflow:5000", &server.address.to_string())
        .replace("whoami:8080", &upstream.to_string());
    configuration.add_written(&sites);
    let proxy = ([127, 0, 0, 1], free_port()).into();
    let _running = configuration.start(&binary, proxy).await.expect("Caddy should start");

    let resolved = |name: &str| client().resolve(name, proxy);
    let resolved = resolved("login.localhost").resolve("whoami.localhost", proxy);
    let ada = Traveller::on(super::super::traveller::Road::Real, resolved.build().unwrap());
    let stranger = ada.another();
    let link = first_administrator::link_to_print(&server.app).await.unwrap().unwrap();
    let page = ada.open(link.url.reveal()).await;
    let account = [
        ("username", "Ada Lovelace"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    ada.press(&page, "Create administrator", &account).await.is(200);
    let got = Got::from(&ada.open("http://whoami.localhost/x").await);
    assert_eq!((got.uri(), got.header("remote-email")), ("/x", vec![ADA]));

    let sign_in = stranger.open("http://whoami.localhost/x").await;
    assert!(sign_in.path.starts_with("http://login.localhost/auth/login?"), "{}", sign_in.path);
}

/// The version that registries show.
#[test]
fn the_image_is_labelled_with_the_version() {
    let label = format!("org.opencontainers.image.version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(read("deploy/docker/Dockerfile").contains(&label), "the label is not {label}");
}

/// The image is built from the files in `.dockerignore` alone.
#[test]
fn the_image_is_built_from_everything_that_the_build_reads() {
    let allowed = read(".dockerignore");
    let build = read("build.rs");
    let watched = build.lines().filter_map(|line| line.split("rerun-if-changed=").nth(1));
    let watched = watched.map(|line| line.split('"').next().unwrap());
    let always =
        ["Cargo.lock", "Cargo.toml", "build.rs", "migrations", "src", "static", "templates"];
    for path in watched.chain(always) {
        assert!(allowed.lines().any(|line| line == format!("!{path}")), "{path} is missing");
    }
}

//! The repository's example configuration matches the output of `authflow proxy`.

use super::*;

/// `deploy/docker/Caddyfile` matches the output of the commands in its first lines.
#[tokio::test]
async fn the_container_example_matches_the_printed_configuration() {
    let example = std::fs::read_to_string("deploy/docker/Caddyfile").unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    // As in compose.yaml.
    let variables = [
        ("PUBLIC_URL", "https://login.example.org"),
        ("GATE_ORIGINS", "https://whoami.example.org"),
        ("MAIL_TRANSPORT", "smtp"),
        ("SMTP_URL", "smtp://USER:PASSWORD@mail.example.org:587"),
        ("MAIL_FROM", "no-reply@example.org"),
        ("TRUSTED_PROXIES", "10.86.24.0/24,fd86:24::/64"),
    ];
    let login = ["proxy", "caddy", "--authflow", "authflow:5000"];
    let application = ["--app", "https://whoami.example.org", "--upstream", "whoami:8080"];
    let mut printed = String::new();
    for arguments in [login.to_vec(), [login, application].concat()] {
        let output = run(folder.path(), &variables, &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        printed += &String::from_utf8(output.stdout).unwrap();
    }
    assert_eq!(example.split_once("\n\n").unwrap().1, printed);
}

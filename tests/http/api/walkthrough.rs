//! The walkthrough in `docs/api.md` works as printed.

use std::process::Command;

use tempfile::TempDir;

use crate::support::*;

#[tokio::test]
async fn the_walkthrough_in_the_documentation_works() {
    let page = include_str!("../../../docs/api.md");
    let (_, walk) = page.split_once("```bash\n").expect("the page should have a walkthrough");
    let (walk, _) = walk.split_once("```").unwrap();

    let port = free_port().to_string();
    let url = format!("http://localhost:{port}");
    assert_eq!(
        walk.matches("http://localhost:5000").count(),
        1,
        "the walkthrough names the server once"
    );
    let walk = walk.replace("http://localhost:5000", &url);
    let folder = TempDir::new().unwrap();
    let _program = Program::start(folder.path(), &[("PORT", &port), ("PUBLIC_URL", &url)]);

    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut bash = Command::new("bash");
    let output =
        bash.args(["-euo", "pipefail", "-c", &walk]).current_dir(&folder).output().unwrap();
    let (said, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{said}{errors}");
    let answers: Vec<serde_json::Value> =
        said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let shown: Vec<String> = answers
        .iter()
        .map(|it| it["error"].as_str().map_or_else(|| it["success"].to_string(), ToOwned::to_owned))
        .collect();
    assert_eq!(shown, ["true", "true", "true", "invalid_token", "session_ended"], "{said}");
    assert_eq!(answers[1]["user"]["email"], ADA);
}

//! Measures that the duration of a failed sign-in does not reveal whether an address has an account.
//!
//! Runs only with `TEST_NIGHTLY` and a release build in `TEST_BINARY`. Other builds hash too slowly for meaningful figures.

use std::fmt::Write;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tempfile::TempDir;

use super::support::*;

/// The default memory cost of a hash, in KiB.
const TODAY: u32 = 19_456;
const PAIRS: usize = 60;
/// Attempts of each kind before the measurement starts.
const WARM_UP: usize = 12;
const WRONG: &str = "a wrong guess, surely";

/// A hash of an unknown password.
fn argon2id(memory: u32) -> String {
    let params = Params::new(memory, 2, 1, Some(32)).unwrap();
    let mut output = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(PASSWORD.as_bytes(), b"somesaltsomesalt", &mut output)
        .unwrap();
    let (salt, output) =
        (STANDARD_NO_PAD.encode("somesaltsomesalt"), STANDARD_NO_PAD.encode(output));
    format!("$argon2id$v=19$m={memory},t=2,p=1${salt}${output}")
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

/// Imports accounts with each hash, given as `(kind, hash)`. Measures failed sign-ins at these accounts and at addresses without an
/// account, in turns.
async fn compare(scenario: &str, variables: &[(&str, &str)], kinds: &[(&str, String)]) {
    if std::env::var("TEST_NIGHTLY").is_err() || std::env::var("TEST_BINARY").is_err() {
        return left_out("the time of failed sign-ins", "TEST_NIGHTLY or TEST_BINARY is not set");
    }
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path(), variables);
    let mut people = String::from("email,password_hash,verified\n");
    for (kind, hash) in kinds {
        for n in 0..PAIRS + WARM_UP {
            writeln!(people, "{kind}{n}@example.org,\"{hash}\",yes").unwrap();
        }
    }
    std::fs::write(folder.path().join("people.csv"), people).unwrap();
    let imported = run(folder.path(), variables, &["user", "import", "people.csv"]);
    assert!(imported.status.success(), "{imported:?}");

    let browser = program.browser();
    let page = browser.get("/auth/login").await;
    let form = page.form("Sign in");
    let all: Vec<&str> = kinds.iter().map(|(kind, _)| *kind).chain(["nobody"]).collect();
    let mut took = vec![Vec::new(); all.len()];
    for n in 0..PAIRS + WARM_UP {
        for turn in 0..all.len() {
            let at = (turn + n) % all.len(); // each kind comes first equally often
            let email = format!("{}{n}@example.org", all[at]);
            let body = encode(&form.filled(&[("email", &email), ("password", WRONG)]));
            let network = format!("10.{at}.{}.{n}", n % 7); // stay below every rate limit
            let headers = [
                ("content-type", "application/x-www-form-urlencoded"),
                ("x-forwarded-for", network.as_str()),
            ];
            let begun = Instant::now();
            let answer = browser
                .send(reqwest::Method::POST, "/auth/login", &headers, Some(body.into_bytes()))
                .await;
            let passed = begun.elapsed();
            answer.is(401);
            if n >= WARM_UP {
                took[at].push(passed);
            }
        }
    }
    let medians: Vec<Duration> = took.into_iter().map(median).collect();
    let unknown = medians[all.len() - 1];
    println!("{scenario}: medians of {PAIRS}, {:?}", all.iter().zip(&medians).collect::<Vec<_>>());
    for (kind, known) in all.iter().zip(&medians) {
        let apart = known.abs_diff(unknown).as_secs_f64() / unknown.as_secs_f64();
        assert!(apart < 0.1, "{scenario}: {kind} {known:?}, unknown {unknown:?}");
    }
}

/// Runs the scenarios one after another, since they would slow each other down.
#[tokio::test]
async fn the_duration_of_a_failed_sign_in_does_not_reveal_an_account() {
    let raised = [("ARGON2_MEMORY_KIB", "65536")];
    compare("raised", &raised, &[("earlier", argon2id(TODAY))]).await;
    let lowered = [("ARGON2_MEMORY_KIB", "19456")];
    compare("lowered", &lowered, &[("earlier", argon2id(47_104))]).await;
    let bcrypt = bcrypt::hash(PASSWORD, 12).unwrap();
    compare("bcrypt", &[], &[("bcrypt", bcrypt), ("argon2", argon2id(TODAY))]).await;
    compare("imported argon2", &[], &[("imported", argon2id(65_536))]).await;
    compare("one cost", &[], &[("known", argon2id(TODAY))]).await;
}

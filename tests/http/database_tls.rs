//! PostgreSQL over TLS: a remote server has to prove its identity before it gets the password, unless the operator explicitly asks for
//! less.
//!
//! `0.0.0.0` stands for a remote server: connections to it reach this machine, but no rule treats it as loopback.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::support::*;

/// The message with which a client requests TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A server without TLS that asks for the password in plain text, and everything that it received.
async fn without_tls() -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let all = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let all = Arc::clone(&all);
            tokio::spawn(async move {
                let mut read = vec![0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut read).await {
                    all.lock().unwrap().extend_from_slice(&read[..length]);
                    let answer: &[u8] = if read[..length] == SSL_REQUEST {
                        b"N"
                    } else {
                        b"R\0\0\0\x08\0\0\0\x03" // AuthenticationCleartextPassword
                    };
                    let _ = stream.write_all(answer).await;
                }
            });
        }
    });
    (port, sent)
}

/// The output of a command. A command that does not exit, such as a running server, is killed.
async fn execute(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = command(folder, variables, arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_gets_no_password() {
    let folder = TempDir::new().unwrap();
    let (port, sent) = without_tls().await;
    let url = format!("postgres://ada:hunter2@0.0.0.0:{port}/x");
    let variables = [("DATABASE_URL", url.as_str()), ("SECRET_KEY", SECRET_KEY)];
    for made in [&["migrate"][..], &["user", "create", ADA], &["backup", "backup.db"]] {
        let output = execute(folder.path(), &[], made).await;
        assert!(output.status.success(), "{}", said(&output));
    }
    let key = fs::read_to_string(folder.path().join("data/secret.key")).unwrap();
    let there = [("DATABASE_URL", url.as_str()), ("SECRET_KEY", key.as_str())];
    for (variables, arguments) in [
        (&variables[..], &["serve"][..]),
        (&variables, &["check"]),
        (&variables, &["doctor"]),
        (&variables, &["migrate"]),
        (&variables, &["backup", "new.db"]),
        (&variables, &["user", "list"]),
        (&there, &["restore", "backup.db"]),
        (&[], &["db", "copy", "--to", &url]),
    ] {
        sent.lock().unwrap().clear();
        let output = execute(folder.path(), variables, arguments).await;
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
        assert!(
            text.contains("the server does not support TLS. Nothing was sent to it"),
            "{arguments:?}: {text}"
        );
        assert!(text.contains("ssl = on") && text.contains("?sslmode=disable"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        let sent = sent.lock().unwrap().clone();
        assert!(!sent.is_empty() && sent.chunks(8).all(|it| it == SSL_REQUEST), "{sent:?}");
    }

    // With an explicit setting the connection is allowed, and every command warns about the risk.
    for (more, mode) in
        [("?sslmode=prefer", "prefer"), ("?sslmode=disable", "disable"), ("", "disable")]
    {
        sent.lock().unwrap().clear();
        let url = format!("{url}{more}");
        let variables =
            [("DATABASE_URL", url.as_str()), ("SECRET_KEY", SECRET_KEY), ("PGSSLMODE", "disable")];
        let text = said(&execute(folder.path(), &variables, &["check"]).await);
        let note = format!("DATABASE_URL leads to 0.0.0.0 with sslmode={mode}: ");
        assert!(text.contains(&note) && !text.contains("hunter2"), "{text}");
        let sent = sent.lock().unwrap().clone();
        assert!(sent.windows(7).any(|it| it == b"hunter2"), "the test detects a sent password");
        let text = said(&execute(folder.path(), &variables, &["doctor"]).await);
        assert!(text.contains(&note), "{text}");
    }
}

/// A load balancer closes connections while it has no server.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_waits_while_a_load_balancer_closes_connections() {
    let folder = TempDir::new().unwrap();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = SSL_REQUEST;
            let _ = stream.read_exact(&mut request).await;
        }
    });
    let url = format!("postgres://ada:hunter2@0.0.0.0:{port}/x");
    let variables = [("DATABASE_URL", url.as_str()), ("SECRET_KEY", SECRET_KEY)];
    let closed = "the server closed the connection when it was asked for TLS";
    let text = said(&execute(folder.path(), &variables, &["check"]).await);
    assert!(text.contains(closed), "{text}");
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let mut server = command(folder.path(), &variables, &["serve"]).stderr(log).spawn().unwrap();
    wait_for_log(folder.path(), &["cannot be used yet", closed, "trying again"]).await;
    assert!(server.try_wait().unwrap().is_none(), "the server keeps trying");
    server.kill().unwrap();
    server.wait().unwrap();
}

/// A self-signed certificate.
fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> Certificate {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["0.0.0.0".to_owned()]).unwrap();
    change(&mut params);
    let chain = params.self_signed(&key).unwrap().pem();
    Certificate { authority: chain.clone(), chain, key: key.serialize_pem() }
}

fn by_authority(names: &[&str]) -> Certificate {
    Certificate::for_names("the authority of a test", names)
}

/// The URL of a cluster at an address that no rule treats as loopback, with a password that must never be shown.
fn elsewhere(cluster: &Cluster, more: &str) -> String {
    cluster.url().replace("authflow@127.0.0.1", "authflow:hunter2@0.0.0.0") + more
}

/// Variables for `check`, whether it must succeed, and part of its output, which is a note if it succeeds.
type Case<'a> = (&'a str, Option<(&'a str, &'a str)>, Result<&'a str, &'a str>);

async fn check(folder: &Path, cases: &[Case<'_>]) {
    for (url, more, expected) in cases {
        let mut variables = vec![("DATABASE_URL", *url), ("SECRET_KEY", SECRET_KEY)];
        variables.extend(*more);
        let output = execute(folder, &variables, &["check"]).await;
        let text = said(&output);
        assert_eq!(output.status.success(), expected.is_ok(), "{url} {more:?}: {text}");
        let (Ok(part) | Err(part)) = expected;
        assert!(text.contains(part), "{url} {more:?}: {part}: {text}");
        assert_eq!(text.contains("note:"), expected.is_ok() && !part.is_empty(), "{url}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

const CA_FILE: Option<(&str, &str)> = Some(("DATABASE_CA_FILE", "authority.pem"));

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_server_must_have_a_valid_certificate_by_default() {
    let Some(mut cluster) = Cluster::make() else { return };
    let folder = TempDir::new().unwrap();
    let made = by_authority(&["0.0.0.0", "localhost"]);
    fs::write(folder.path().join("authority.pem"), &made.authority).unwrap();
    fs::write(folder.path().join("other.pem"), by_authority(&["0.0.0.0"]).authority).unwrap();
    let full = &elsewhere(&cluster, "");
    let here = &full.replace("0.0.0.0", "localhost");
    let with = |url: &str, mode: &str| format!("{url}?sslmode={mode}");
    let trusted = folder.path().join("authority.pem");
    cluster.start_with_tls(&made, &[]).await;
    check(
        folder.path(),
        &[
            (full, None, Err("not signed by an authority that this machine trusts")),
            (full, None, Err("Set DATABASE_CA_FILE to a PEM file")),
            (
                full,
                None,
                Err("To skip this check, set sslmode=require. Then anyone on the network path"),
            ),
            (full, CA_FILE, Ok("")),
            (full, Some(("SSL_CERT_FILE", "authority.pem")), Ok("")),
            (&format!("{full}?sslrootcert={}", trusted.display()), None, Ok("")),
            (full, Some(("PGSSLROOTCERT", "authority.pem")), Ok("")),
            (full, Some(("PGSSLROOTCERT", &made.authority)), Ok("")),
            (
                full,
                Some(("PGSSLROOTCERT", "nowhere.pem")),
                Err("PGSSLROOTCERT (nowhere.pem) cannot"),
            ),
            (&format!("{full}?sslrootcert=nowhere.pem"), CA_FILE, Ok("sslrootcert has no effect")),
            (&with(full, "verify-ca"), CA_FILE, Ok("")),
            (&with(full, "require"), None, Ok("sslmode=require: the connection is encrypted, but")),
            (&with(full, "disable"), None, Ok("sslmode=disable: the connection is not encrypted")),
            (full, Some(("PGSSLMODE", "require")), Ok("with sslmode=require: ")),
            (&with(full, "require"), CA_FILE, Ok("makes DATABASE_CA_FILE have no effect")),
            (here, None, Ok("")),
            (&with(here, "verify-full"), None, Err("not signed by an authority")),
            (&with(here, "verify-full"), CA_FILE, Ok("")),
        ],
    )
    .await;
    // A named certificate authority replaces those of the system.
    let variables = [
        ("DATABASE_URL", full.as_str()),
        ("SECRET_KEY", SECRET_KEY),
        ("SSL_CERT_FILE", "authority.pem"),
        ("DATABASE_CA_FILE", "other.pem"),
    ];
    let text = said(&execute(folder.path(), &variables, &["check"]).await);
    assert!(text.contains("not signed by an authority"), "{text}");
    cluster.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_certificate_is_explained_with_a_fix() {
    let Some(mut cluster) = Cluster::make() else { return };
    let folder = TempDir::new().unwrap();
    let full = &elsewhere(&cluster, "");
    let [require, verify_ca] =
        &["require", "verify-ca"].map(|mode| elsewhere(&cluster, &format!("?sslmode={mode}")));
    let authority = self_signed(|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    let expired = self_signed(|it| it.not_after = rcgen::date_time_ymd(2001, 1, 1));
    let nameless = self_signed(|it| it.subject_alt_names.clear());
    let untrusted = "not signed by an authority that this machine trusts";
    let other_name = "for another name: for db.example.org, and not for 0.0.0.0. Use a name of";
    let ca_true = "that of an authority (CA:TRUE), which no server may use. Make a certificate for";
    let command = "openssl x509 -req -in server.csr -signkey server.key";
    for (made, cases) in [
        (
            by_authority(&["db.example.org"]),
            &[
                (full, CA_FILE, Err(other_name)),
                (verify_ca, CA_FILE, Err(other_name)),
                (require, None, Ok("sslmode=require")),
            ][..],
        ),
        (self_signed(|_| {}), &[(full, None, Err(untrusted)), (full, CA_FILE, Ok(""))]),
        (
            authority,
            &[
                (full, None, Err(ca_true)),
                (full, CA_FILE, Err(command)),
                (require, None, Ok("sslmode=require")),
            ],
        ),
        (nameless, &[(full, CA_FILE, Err("names no host, so it is not for 0.0.0.0"))]),
        (expired, &[(full, CA_FILE, Err("its certificate has expired. Renew"))]),
    ] {
        fs::write(folder.path().join("authority.pem"), &made.authority).unwrap();
        cluster.start_with_tls(&made, &[]).await;
        let cases: Vec<Case> = cases.iter().map(|it| (it.0.as_str(), it.1, it.2)).collect();
        check(folder.path(), &cases).await;
        cluster.stop();
    }
}

/// The server may wait 2 minutes for its database to start, but waiting cannot fix a failed identity check.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_does_not_wait_for_a_database_that_fails_its_identity_check() {
    let Some(mut cluster) = Cluster::make() else { return };
    let folder = TempDir::new().unwrap();
    cluster.start_with_tls(&by_authority(&["0.0.0.0"]), &[]).await;
    let url = elsewhere(&cluster, "");
    let variables = [("DATABASE_URL", url.as_str()), ("SECRET_KEY", SECRET_KEY)];
    let text = said(&execute(folder.path(), &variables, &["serve"]).await);
    assert!(
        text.contains("authflow cannot start: the server could not prove its identity"),
        "{text}"
    );
    cluster.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_works() {
    let Some(mut cluster) = Cluster::make() else { return };
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let server = by_authority(&["0.0.0.0"]);
    let client = Certificate::for_names("the authority of clients", &["authflow"]);
    for (name, pem) in [
        ("authority.pem", &server.authority),
        ("clients.pem", &client.authority),
        ("client.crt", &client.chain),
        ("client.key", &client.key),
    ] {
        fs::write(at(name), pem).unwrap();
    }
    let rule = "hostssl all all all trust clientcert=verify-ca\n";
    let files = [("clients.pem", client.authority.as_str()), ("hba.conf", rule)];
    let [clients, hba] = cluster.with_files(&files);
    let settings = [format!("ssl_ca_file={clients}"), format!("hba_file={hba}")];
    cluster.start_with_tls(&server, &settings).await;
    let (certificate, key) = (at("client.crt"), at("client.key"));
    let with = elsewhere(&cluster, &format!("?sslcert={certificate}&sslkey={key}"));
    let without = elsewhere(&cluster, "");
    check(
        folder.path(),
        &[
            (&with, CA_FILE, Ok("")),
            (&without, CA_FILE, Err("connection requires a valid client certificate")),
        ],
    )
    .await;
    cluster.stop();
}

//! `authflow check` and `authflow mail` on the command line.

use std::process::Output;

use super::support::*;
use serde_json::Value;
use tempfile::TempDir;

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs the command on another thread, so that the servers in this process keep running.
async fn execute(folder: &TempDir, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = command(folder.path(), variables, arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test]
async fn check_signs_in_to_the_mail_server_and_sends_nothing() {
    let user = Some(("ada", "hunter2"));
    let server = SmtpServer::start(Manner { starttls: true, user, ..Manner::default() }).await;
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("authority.pem"), &server.authority).unwrap();
    let url = |password: &str, port: u16, rest: &str| {
        format!("smtp://ada:{password}@localhost:{port}{rest}")
    };
    let check = async |url: &str, more: &[(&str, &str)]| {
        let mut variables = vec![("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url), FROM];
        variables.extend_from_slice(more);
        let checked = execute(&folder, &variables, &["check"]).await;
        assert!(!out(&checked).contains("hunter"), "{}", out(&checked));
        (checked.status.success(), out(&checked))
    };
    let authority = [("SMTP_CA_FILE", "authority.pem")];

    let (sound, said) = check(&url("hunter2", server.port, "?tls=required"), &authority).await;
    let port = server.port;
    assert!(sound, "{said}");
    assert!(said.contains(&format!("SMTP to localhost:{port}, STARTTLS")), "{said}");
    assert!(
        said.contains("127.0.0.1:")
            && said.contains("encrypted, signed in as the user of SMTP_URL"),
        "{said}"
    );
    assert!(said.contains("the sender is authflow <no-reply@login.example.org>"), "{said}");

    let (sound, said) = check(&url("hunter3", server.port, "?tls=required"), &authority).await;
    assert!(
        !sound
            && said.contains(
                "signing in as the user of SMTP_URL failed: 535 5.7.8 wrong name or password"
            ),
        "{said}"
    );
    let (sound, said) = check(&url("hunter2", server.port, "?tls=required"), &[]).await;
    assert!(
        !sound && said.contains("not signed by an authority that this machine trusts"),
        "{said}"
    );
    let (sound, said) = check(&url("hunter2", 1, ""), &authority).await;
    assert!(!sound && said.contains("127.0.0.1:1: the connection was refused"), "{said}");
    let (sound, said) = check("smtp://mail.invalid", &authority).await;
    assert!(!sound && said.contains("cannot resolve mail.invalid"), "{said}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_server_with_a_wrong_mail_configuration_starts_and_logs_the_error() {
    let user = Some(("ada", "hunter2"));
    let server = SmtpServer::start(Manner { user, ..Manner::default() }).await;
    let folder = TempDir::new().unwrap();
    let url = format!("smtp://ada:hunter3@localhost:{}", server.port);
    let variables = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url.as_str()), FROM];
    let program = Program::start(folder.path(), &variables);
    program.browser().get("/health/ready").await.is(200);
    let line = wait_for_log(folder.path(), &["emails cannot be sent at present"]).await;
    assert!(line.contains("ERROR"), "{line}");
    assert!(line.contains("signing in as the user of SMTP_URL failed: 535"), "{line}");
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!log.contains("hunter"), "{log}");
}

#[tokio::test]
async fn a_test_email_is_sent_at_once_and_its_outcome_shown() {
    let server = SmtpServer::start(Manner::default()).await;
    let folder = TempDir::new().unwrap();
    let url = format!("smtp://localhost:{}", server.port);
    let variables = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url.as_str()), FROM];
    let sent = execute(&folder, &variables, &["mail", "test", "--to", ADA]).await;
    assert!(sent.status.success(), "{}", err(&sent));
    let said = out(&sent);
    assert!(
        said.contains("Accepted: 127.0.0.1:") && said.contains("250 2.0.0 taken as 4F2A"),
        "{said}"
    );
    let [mail] = &server.received()[..] else { panic!() };
    assert_eq!((&*mail.to, &*mail.from), (ADA, "no-reply@login.example.org"));
    assert!(
        mail.text().contains("test email") && !mail.text().contains("/auth/"),
        "{}",
        mail.text()
    );

    server.behave(|manner| manner.quirk = Some(Quirk::Recipient("550 5.1.1 No such user", 9)));
    let refused = execute(&folder, &variables, &["mail", "test", "--to", ADA]).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = err(&refused);
    assert!(
        said.contains("Help: docs/email.md")
            && said.contains("Not accepted: ")
            && said.contains("refused the recipient: 550 5.1.1 No such user"),
        "{said}"
    );

    for invalid in ["nobody", "ada@example.org\r\nBcc: eve@example.org", ""] {
        let refused = execute(&folder, &variables, &["mail", "test", "--to", invalid]).await;
        assert_eq!(refused.status.code(), Some(2), "{invalid:?}");
    }
    assert_eq!(server.received().len(), 1);
    assert!(!folder.path().join("data").exists(), "the command needs no database");
}

#[tokio::test]
async fn emails_are_listed_and_retried() {
    let refusal = Quirk::Recipient("550 5.1.1 No such user", 1);
    let server = SmtpServer::start(Manner { quirk: Some(refusal), ..Manner::default() }).await;
    let folder = TempDir::new().unwrap();
    let url = format!("smtp://localhost:{}", server.port);
    let variables = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url.as_str()), FROM];
    let program = Program::start(folder.path(), &variables);
    program.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    let list = async |arguments: &[&str]| {
        let listed = execute(&folder, &variables, &[&["mail", "list"], arguments].concat()).await;
        assert!(listed.status.success(), "{}", err(&listed));
        out(&listed)
    };
    let state = async |state: &str| loop {
        let listed: Value =
            serde_json::from_str(&list(&["--json", "--state", state]).await).unwrap();
        if let [mail] = &listed.as_array().unwrap()[..] {
            return mail.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let failed = state("failed").await;
    assert_eq!(failed["kind"], "verify_email");
    assert_eq!(failed["to"], ADA);
    assert_eq!(failed["tries"], 1);
    assert_eq!(failed["error"], "the server refused the recipient: 550 5.1.1 No such user");
    let listed = list(&[]).await;
    let id = failed["id"].as_str().unwrap();
    assert!(listed.starts_with(&format!("{id}  failed ")), "{listed}");
    assert!(listed.contains("after 1 try: the server refused the recipient"), "{listed}");
    assert_eq!(list(&["--state", "sent"]).await, "No emails match.\n");
    assert_eq!(list(&["--limit", "0", "--json"]).await, "[]\n");

    let retry = async |what: &str| execute(&folder, &variables, &["mail", "retry", what]).await;
    assert_eq!(retry("0190163d-8694-739b-aea5-966c26f8ad91").await.status.code(), Some(1));
    assert_eq!(retry("everything").await.status.code(), Some(2));
    let retried = retry(id).await;
    assert!(out(&retried).starts_with("1 to be retried"), "{}", out(&retried));
    let sent = state("sent").await;
    assert_eq!((&sent["id"], &sent["error"]), (&failed["id"], &Value::Null));
    assert_eq!(sent["tries"], 1, "the attempts start again");
    assert_eq!(retry(id).await.status.code(), Some(1), "a sent email is not retried");
    state("sent").await;
    assert_eq!(server.received().len(), 1);
    assert_eq!(out(&retry("--all").await), "There are no failed emails.\n");
    let unknown = execute(&folder, &variables, &["mail", "list", "--state", "lost"]).await;
    assert_eq!(unknown.status.code(), Some(2));
}

#[tokio::test]
async fn a_configured_authority_replaces_those_of_the_system() {
    let server = SmtpServer::start(Manner { tls: true, ..Manner::default() }).await;
    let other = SmtpServer::start(Manner::default()).await;
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("system.pem"), &server.authority).unwrap();
    std::fs::write(folder.path().join("other.pem"), &other.authority).unwrap();
    let url = format!("smtps://localhost:{}", server.port);
    let mut variables = vec![
        ("SSL_CERT_FILE", "system.pem"),
        ("MAIL_TRANSPORT", "smtp"),
        ("SMTP_URL", url.as_str()),
        FROM,
    ];
    let checked = execute(&folder, &variables, &["check"]).await;
    assert!(checked.status.success(), "{}", out(&checked));
    variables.push(("SMTP_CA_FILE", "other.pem"));
    let checked = execute(&folder, &variables, &["check"]).await;
    assert!(out(&checked).contains("not signed by an authority"), "{}", out(&checked));
}

#[tokio::test]
async fn without_system_certificates_the_program_uses_its_own() {
    let server = SmtpServer::start(Manner { tls: true, ..Manner::default() }).await;
    let stub = ResendStub::start().await;
    stub.domains(&[("login.example.org", "verified")]);
    let folder = TempDir::new().unwrap();
    let no_authority = [("SSL_CERT_FILE", "/nowhere"), ("SSL_CERT_DIR", "/nowhere"), FROM];

    let url = format!("smtps://localhost:{}", server.port);
    let smtp = [&no_authority[..], &[("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", &url)]].concat();
    let checked = execute(&folder, &smtp, &["check"]).await;
    assert!(
        out(&checked).contains("not signed by an authority"),
        "{}{}",
        out(&checked),
        err(&checked)
    );

    let keys = [("RESEND_API_KEY", API_KEY), ("RESEND_API_URL", stub.url.as_str())];
    let resend = [&no_authority[..], &[("MAIL_TRANSPORT", "resend")], &keys].concat();
    let checked = execute(&folder, &resend, &["check"]).await;
    assert!(checked.status.success(), "{}{}", out(&checked), err(&checked));
    assert!(out(&checked).contains("login.example.org is verified"), "{}", out(&checked));
}

#[tokio::test]
async fn a_command_reports_that_it_runs_in_the_wrong_folder() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["mail", "list"][..], &["mail", "retry", "--all"]] {
        let missing = execute(&folder, &[], arguments).await;
        assert_eq!(missing.status.code(), Some(1));
        assert!(
            err(&missing).contains("there is no database. To create it, start the server once"),
            "{}",
            err(&missing)
        );
    }
    let forgotten = [("SMTP_URL", "smtp://mail.example.org")];
    let written = execute(&folder, &forgotten, &["mail", "test", "--to", ADA]).await;
    assert!(out(&written).contains("NOT SENT"), "{}", out(&written));
    assert!(err(&written).contains("did you mean MAIL_TRANSPORT=smtp?"), "{}", err(&written));
}

#[tokio::test]
async fn variables_that_an_env_file_cannot_set_are_reported() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(".env"), "PGSSLMODE=hunter2\nSSL_CERT_DIR=x\n").unwrap();
    let text = out(&execute(&folder, &[], &["check"]).await);
    let mode = "PGSSLMODE in .env has no effect: set it in the environment, or write sslmode= in DATABASE_URL.";
    assert!(text.contains(mode) && !text.contains("hunter2"), "{text}");
    assert!(text.contains("SSL_CERT_DIR in .env has no effect: set it in the environment."));
    let text = out(&execute(&folder, &[("PGSSLMODE", "require")], &["check"]).await);
    assert!(!text.contains("PGSSLMODE in .env"), "the environment takes precedence: {text}");
}

#[tokio::test]
async fn a_dollar_sign_in_the_env_file_is_reported() {
    let folder = TempDir::new().unwrap();
    let file = "SITE_NAME='A$AP'\nSMTP_URL=smtp://ada:se$cret@mail.example.org\nHOME_PAGE=$x\nMAIL_FROM=\"a\\$b@example.org\"\n";
    std::fs::write(folder.path().join(".env"), file).unwrap();
    let checked = execute(&folder, &[], &["check"]).await;
    let notes: Vec<String> = out(&checked)
        .lines()
        .filter(|line| line.contains("contains a $"))
        .map(Into::into)
        .collect();
    assert!(notes.len() == 1 && notes[0].contains("SMTP_URL in .env"), "{notes:?}");
    // The environment takes precedence, and its values are not expanded.
    let checked =
        execute(&folder, &[("SMTP_URL", "smtp://ada:se$cret@mail.example.org")], &["check"]).await;
    assert!(!out(&checked).contains("contains a $"), "{}", out(&checked));
}

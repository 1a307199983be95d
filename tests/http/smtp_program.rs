//! The program itself and its mail server: dead addresses, misleading names, silent servers and a kill during delivery.

use std::net::{Ipv6Addr, SocketAddr, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use super::support::*;
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};

/// Whether a process can have its own `/etc/hosts` here.
fn can_rename() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut unshare = std::process::Command::new("unshare");
    let script = "mount --bind /etc/hostname /etc/hosts";
    let tried = unshare.args(["--map-root-user", "--mount", "sh", "-c", script]);
    let works = tried.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !works {
        skip("unshare cannot give a process its own /etc/hosts here");
    }
    works
}

fn skip(why: &str) {
    left_out("mail servers with dead addresses", why);
}

/// Starts the program with `hosts` as its `/etc/hosts`.
fn start_with_names(folder: &TempDir, hosts: &str, url: &str) -> Program {
    std::fs::write(folder.path().join("hosts"), hosts).unwrap();
    let named = "mount --bind hosts /etc/hosts && exec \"$@\"";
    let inside = ["unshare", "--map-root-user", "--mount", "sh", "-c", named, "sh"];
    let variables = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url), FROM];
    Program::start_under(&inside, folder.path(), &variables)
}

/// Sends two emails to a name for both `::1` and 127.0.0.1, where only the latter has a server.
async fn deliver_past_a_dead_address(server: &SmtpServer, trouble: &str) {
    let folder = TempDir::new().unwrap();
    let url = format!("smtp://mail.test:{}?tls=off", server.port);
    let hosts = "::1 mail.test\n127.0.0.1 mail.test\n";
    let program = start_with_names(&folder, hosts, &url);
    let log = || std::fs::read_to_string(folder.path().join("log")).unwrap();
    let detours = || log().matches("does not respond at some of its addresses").count();
    program.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    server.wait_for(1).await;
    wait_for_log(folder.path(), &["email sent", "reply=\"127.0.0.1:"]).await;
    wait_for_log(folder.path(), &["emails can be sent", "127.0.0.1:"]).await; // the check at startup
    let dead = format!("errors=\"[::1]:{}: {trouble}\"", server.port);
    wait_for_log(folder.path(), &["does not respond at some of its addresses", &dead]).await;
    // Sent at the first attempt, without a pause.
    assert!(!log().contains("could not send the email"), "{}", log());

    // The next connection starts with the address that worked.
    let before = detours();
    program.browser().sign_up("grace@example.org").await.goes_to("/auth/check-mail");
    server.wait_for(2).await;
    assert_eq!((server.connections(), detours()), (3, before), "{}", log());
}

#[tokio::test]
async fn an_address_that_refuses_is_skipped() {
    if !can_rename() {
        return;
    }
    if TcpSocket::new_v6().unwrap().bind((Ipv6Addr::LOCALHOST, 0).into()).is_err() {
        return skip("there is no ::1");
    }
    let server = SmtpServer::start(Manner::with(Quirk::CloseAfterMail)).await;
    deliver_past_a_dead_address(&server, "the connection was refused").await;
}

#[tokio::test]
async fn an_address_that_drops_packets_is_skipped() {
    if !can_rename() {
        return;
    }
    let server = SmtpServer::start(Manner::with(Quirk::CloseAfterMail)).await;
    // No connection is accepted from this queue. Once it is full, the kernel drops further packets.
    let dead = SocketAddr::from((Ipv6Addr::LOCALHOST, server.port));
    let socket = TcpSocket::new_v6().unwrap();
    if socket.bind(dead).is_err() {
        return skip("there is no ::1");
    }
    let _queue = socket.listen(1).unwrap();
    let mut waiting = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(500), TcpStream::connect(dead)).await {
            Ok(Ok(stream)) => waiting.push(stream),
            Ok(Err(_)) => {
                return skip("a full queue refuses packets here instead of dropping them");
            }
            Err(_) => break,
        }
    }
    deliver_past_a_dead_address(&server, "it does not respond").await;
}

#[tokio::test]
async fn a_name_below_localhost_at_another_address_gets_no_plain_text() {
    if !can_rename() {
        return;
    }
    // This sends no packet. It only looks up the route.
    let probe = UdpSocket::bind("0.0.0.0:0").unwrap();
    let own = probe.connect("192.0.2.1:9").and_then(|()| probe.local_addr()).map(|own| own.ip());
    let Some(own) = own.ok().filter(|own| !own.is_loopback() && !own.is_unspecified()) else {
        return skip("this machine has only a loopback address");
    };
    let server = SmtpServer::at(&format!("{own}:0"), Manner::default(), &["mail.localhost"]).await;
    let folder = TempDir::new().unwrap();
    let url = format!("smtp://mail.localhost:{}", server.port);
    let program = start_with_names(&folder, &format!("{own} mail.localhost\n"), &url);
    program.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    wait_for_log(folder.path(), &["could not send the email", "it offers no STARTTLS"]).await;
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn kill_9_during_delivery_loses_no_email() {
    let server = SmtpServer::start(Manner::with(Quirk::StallInData)).await;
    let folder = TempDir::new().unwrap();
    let url = format!("smtp://localhost:{}", server.port);
    let variables = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url.as_str()), FROM];
    let mut program = Program::start(folder.path(), &variables);
    assert_eq!(
        program.hello[3],
        format!("  emails      SMTP to localhost:{}, on this machine", server.port)
    );
    program.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    server.wait_for(1).await; // received the whole email and does not reply
    program.child.kill().unwrap();
    program.end();
    server.behave(|manner| manner.quirk = None);
    let again = Program::start(folder.path(), &variables);
    let received = server.wait_for(2).await;
    assert_eq!(received[0].message_id(), received[1].message_id());
    assert_eq!(received[0].data, received[1].data);
    wait_for_log(folder.path(), &["email sent"]).await;
    drop(again);
}

#[tokio::test]
async fn startup_and_sign_in_do_not_wait_for_a_silent_mail_server() {
    let server = SmtpServer::start(Manner::with(Quirk::Mute)).await;
    let folder = TempDir::new().unwrap();
    let url = format!("smtp://localhost:{}", server.port);
    let variables = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url.as_str()), FROM];
    let mut program = Program::start(folder.path(), &variables);
    let browser = program.browser();
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
    browser
        .press("/auth/login", "Sign in", &[("email", ADA), ("password", PASSWORD)])
        .await
        .is(401);
    // All of this happens before the attempt at the mail server times out.
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!log.contains("cannot be sent") && !log.contains("could not send the email"), "{log}");
    // Shutdown does not wait either.
    program.signal("-TERM");
    assert!(program.end().success());
}

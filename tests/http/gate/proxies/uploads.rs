//! The gate limits no upload or download: of any size, in any form, at once.

use super::*;

in_each! {
    large_uploads_reach_the_app
    chunks_and_events_pass_at_once
}

const LARGE: usize = 20_000_000;

async fn large_uploads_reach_the_app(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&["--public", "/hooks"]]).await else { return };
    let app = stage.app(0);
    let body = || Some(vec![b'z'; LARGE]);
    // Without a session the answer is the same as to a small request.
    let refused = ada.send(Method::POST, &format!("{app}/x"), &SCRIPT, body()).await;
    refused.is(401);
    let got = Got::from(&ada.send(Method::POST, &format!("{app}/hooks/x"), &SCRIPT, body()).await);
    assert_eq!(got.0["length"], LARGE);
    let login = ada.open(&app).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    for method in [Method::PUT, Method::POST] {
        let got = Got::from(&ada.send(method, &format!("{app}/x"), &SCRIPT, body()).await);
        assert_eq!(got.0["length"], LARGE);
    }
}

/// Reads until this text has arrived.
async fn read_until(stream: &mut (impl AsyncReadExt + Unpin), text: &str) -> String {
    let mut read = Vec::new();
    let found = |read: &[u8]| String::from_utf8_lossy(read).contains(text);
    let all = async {
        while !found(&read) {
            let read_some = stream.read_buf(&mut read).await.unwrap();
            assert_ne!(read_some, 0, "{}", String::from_utf8_lossy(&read));
        }
    };
    let limit = std::time::Duration::from_mins(1);
    assert!(tokio::time::timeout(limit, all).await.is_ok(), "{text} did not arrive");
    String::from_utf8_lossy(&read).into_owned()
}

async fn chunks_and_events_pass_at_once(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[]]).await else { return };
    let app = stage.app(0);
    let login = ada.open(&app).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    let (host, cookies) = (app.split("://").nth(1).unwrap(), ada.cookie_header(&app));
    let connect = async || stage.tls(TcpStream::connect(stage.proxy).await.unwrap()).await;

    // The app sees the head while the body is still on its way.
    let mut stream = connect().await;
    let head = format!(
        "POST /chunks HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = [b"10000\r\n".to_vec(), vec![b'z'; 0x1_0000], b"\r\n".to_vec()].concat();
    stream.write_all(&chunk).await.unwrap();
    stage.app_has_seen("POST /chunks").await;
    for _ in 0..40 {
        stream.write_all(&chunk).await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    read_until(&mut stream, &format!("\"length\":{}", 41 * 0x1_0000)).await;

    // The client waits for permission to send its body.
    let mut stream = connect().await;
    let head = format!(
        "PUT /expected HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let allowed = read_until(&mut stream, "\r\n\r\n").await;
    assert!(allowed.starts_with("HTTP/1.1 100 "), "{allowed}");
    stream.write_all(&vec![b'z'; 3_000_000]).await.unwrap();
    read_until(&mut stream, "\"length\":3000000").await;

    // An event arrives although the response has not ended.
    let mut stream = connect().await;
    let head = format!("GET /events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut stream, "data: first").await;
}

//! Request bodies, limited in size and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;

/// The maximum size of a body, in bytes.
const LARGEST: usize = 64 * 1024;
/// A larger body is still read up to this size. Otherwise a client that is still sending would not read the response.
const DRAINED: usize = 8 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(15);

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It has more than 64 KiB.
    TooLarge,
    /// It did not arrive within 15 seconds.
    TooSlow,
    /// The connection was closed.
    BrokeOff,
}

/// Reads the whole body.
pub async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Unread> {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > DRAINED as u64) {
        return Err(Unread::TooLarge);
    }
    let reading = async {
        let (mut bytes, mut length) = (Vec::new(), 0);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Unread::BrokeOff)?.into_data() else { continue };
            length += data.len();
            if length > DRAINED {
                return Err(Unread::TooLarge);
            }
            if length <= LARGEST {
                bytes.extend_from_slice(&data);
            }
        }
        if length > LARGEST { Err(Unread::TooLarge) } else { Ok(Bytes::from(bytes)) }
    };
    tokio::time::timeout(TIMEOUT, reading).await.unwrap_or(Err(Unread::TooSlow))
}

/// Whether `Content-Type` is this type; parameters such as `charset` are ignored.
#[must_use]
pub fn is(headers: &HeaderMap, kind: &str) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let bare = said.map(|said| said.split(';').next().unwrap_or_default().trim());
    bare.is_some_and(|bare| bare.eq_ignore_ascii_case(kind))
}

//! The list of transports.

use super::transport::TransportKind;
use super::{file, resend, smtp};

/// Every transport; the first is the default. A new one is a file, and a line here.
pub const TRANSPORTS: [TransportKind; 3] = [file::KIND, smtp::KIND, resend::KIND];

//! The list of transports.

use super::transport::TransportKind;
use super::{file, resend, smtp};

/// All transports; the first is the default. To add one, add a file and a line here.
pub const TRANSPORTS: [TransportKind; 3] = [file::KIND, smtp::KIND, resend::KIND];

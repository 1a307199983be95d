//! Exit codes of the commands, besides 0 for success.

/// The command failed.
pub const FAILED: u8 = 1;
/// The command line or the configuration is wrong.
pub const UNUSABLE: u8 = 2;

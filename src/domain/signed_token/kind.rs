//! The kinds of signed tokens.

/// The kind of a signed token. Its number is the first byte of the token and selects the key, so that no kind is accepted in place of
/// another.
///
/// A new body layout gets a new number. Numbers 1 and 2 are not used, because earlier tokens had them as versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TokenKind {
    /// The credential of a session, from before sessions had kinds. No longer issued.
    FormerRefreshToken = 3,
    /// The credential of a session at a guarded host.
    GateToken = 4,
    /// Carries a sign-in to a guarded host.
    GateTicket = 5,
    /// The cookie that lists the accounts that signed in from a browser.
    Device = 6,
    /// The cookie that identifies the browser state.
    BrowserState = 7,
    /// The request of `authflow doctor` to the running server.
    DoctorQuestion = 8,
    /// The credential of a browser's session, in its cookie.
    BrowserRefreshToken = 9,
    /// The credential of a program's session, in the body of API requests.
    ProgramRefreshToken = 10,
}

impl TokenKind {
    /// The first byte of the token.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
}

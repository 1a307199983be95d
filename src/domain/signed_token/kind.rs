//! The kinds of signed tokens.

/// What a signed token is. The number stands in the text and selects the key, so that no kind is accepted in another's place.
///
/// A new layout of a body gets a new number. Earlier tokens used 1 and 2 as versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TokenKind {
    /// The credential of a session at the login host.
    RefreshToken = 3,
    /// The credential of a session at a guarded host.
    GateToken = 4,
    /// Brings a sign-in to a guarded host.
    GateTicket = 5,
    /// The cookie that knows which accounts signed in from a browser.
    Device = 6,
    /// The cookie that names the browser state.
    BrowserState = 7,
    /// The question of `authflow doctor` to the running server.
    DoctorQuestion = 8,
}

impl TokenKind {
    /// The first byte of the token.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
}

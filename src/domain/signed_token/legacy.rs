//! Reads tokens from before they carried a key id, so that an upgrade ends no session.
//!
//! Version 0.2.0 can drop this file: by then the sessions from before 0.1.0 have expired. A device cookie may be older; its browser
//! then counts as unknown once.

use crate::domain::signed_token::kind::TokenKind;
use crate::secret::{MacKey, MasterKey, Secret};

const VERSION: u8 = 1;
const TICKET_VERSION: u8 = 2;

/// How many bytes stand before the body. `None` for a kind that is too short-lived to outlast an upgrade.
///
/// An earlier ticket is read but never genuine: it only stops a loop between instances of two versions behind one balancer.
pub fn body_at(kind: TokenKind, bytes: &[u8]) -> Option<usize> {
    match kind {
        TokenKind::RefreshToken | TokenKind::GateToken => {
            (bytes.first() == Some(&VERSION)).then_some(1)
        }
        TokenKind::Device | TokenKind::BrowserState => Some(0),
        TokenKind::GateTicket => (bytes.first() == Some(&TICKET_VERSION)).then_some(1),
        TokenKind::DoctorQuestion => None,
    }
}

/// What the earlier tokens of one kind were signed with.
#[derive(Clone, Debug)]
pub enum LegacyKey {
    /// A key for all of them.
    Shared(MacKey),
    /// A key for each session, derived with its seed.
    PerSession(MasterKey),
    /// None is accepted.
    None,
}

impl LegacyKey {
    pub fn derive(master: &MasterKey, kind: TokenKind) -> Self {
        match kind {
            TokenKind::RefreshToken => Self::PerSession(master.clone()),
            TokenKind::GateToken => Self::Shared(master.mac_key(&[], "gate token")),
            TokenKind::Device => Self::Shared(master.mac_key(&[], "device")),
            TokenKind::BrowserState => Self::Shared(master.mac_key(&[], "browser state")),
            TokenKind::GateTicket | TokenKind::DoctorQuestion => Self::None,
        }
    }

    /// Whether `tag` belongs to `message` in this context, compared in constant time.
    pub fn verify(&self, message: &[u8], context: &[&[u8]], tag: &[u8]) -> bool {
        match (self, context) {
            (Self::PerSession(master), [seed]) => {
                master.mac_key(seed, "refresh").verify(message, tag)
            }
            (Self::Shared(key), [seed, site]) => {
                key.verify(Secret::new([*seed, message, *site].concat()).reveal(), tag)
            }
            (Self::Shared(key), []) => key.verify(message, tag),
            _ => false,
        }
    }
}

/// The texts were made by the code from before tokens carried a key id.
#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::gate::origin::GateOrigin;
    use crate::domain::gate::ticket::{Journey, Ticket};
    use crate::domain::gate::token::GateToken;
    use crate::domain::id::{SessionId, UserId};
    use crate::domain::sign_in::device::Device;
    use crate::domain::sign_in::refresh_token::{RefreshToken, Seed};
    use crate::domain::signed_token::signer::Signer;
    use crate::secret;

    const SESSION: u128 = 0x019a_cb00_0000_7000_8000_0000_0000_0001;
    const USER: u128 = 0x019a_cb00_0000_7000_8000_0000_0000_0010;

    const REFRESH_TOKEN: &str =
        "AQGaywAAAHAAgAAAAAAAAAEAAAAAAAAAB2Zl56mZTevO9h-IdpH1Un4j_jYV10Zy6jzktNQIYyFg";
    const GATE_TOKEN: &str =
        "AQGaywAAAHAAgAAAAAAAAAEAAAAAAA9CfM3pCIX7Hfh3AU0n7rnTo7t2wXxmdokjD8qiEqRWin3s";
    const DEVICES: [&str; 3] = [
        "AZq2l-gAfe-FeKns5K0XWA-l_pSi716Aaf0ZN90QIT7-2-GZ4MgSLWkAgDkYxS9k",
        "AZq2l-gAfe-FeKns5K0XWAGaywAAAHAAgAAAAAAAABAAAAAAAAAAA0itVGVvoPTktc5nm4EgHai0Q_Y5M4Spz5JE-OAGV-_X",
        "AZq2l-gAfe-FeKns5K0XWAGaywAAAHAAgAAAAAAAABMAAAAAAAAAAwGaywAAAHAAgAAAAAAAABIAAAAAAAAAAwGaywAAAHAAgAAAAAAAABEAAAAAA\
         AAAAwGaywAAAHAAgAAAAAAAABAAAAAAAAAAA_RdBa6cRHskC_8cBbsM6X_KbCxhF_rf7irTmVtI7hNK",
    ];
    /// The id begins with the number of the kind, like one in 256.
    const BROWSER_STATE: &str = "BwgJCgsMDQ4PEBESExQVFi8P1N9zvJ636PtF-adGSTjoP-X5_yCPR9iskAQdT7w0";

    fn signer(kind: TokenKind) -> Signer {
        Signer::derive(&MasterKey::new(vec![7; 32]), kind)
    }

    /// The text with each of its bits flipped.
    fn forgeries(text: &str) -> impl Iterator<Item = String> {
        let bytes = secret::decode(text).unwrap();
        (0..bytes.len() * 8).map(move |bit| {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            secret::encode(&forged)
        })
    }

    #[test]
    fn an_earlier_refresh_token_is_accepted() {
        let (signer, seed) = (signer(TokenKind::RefreshToken), Seed::of([9; 32]));
        let token = RefreshToken::parse(&signer, REFRESH_TOKEN).unwrap();
        assert_eq!((token.session(), token.generation()), (SessionId(Uuid::from_u128(SESSION)), 7));
        let accepts = |text: &str, seed: &Seed| {
            RefreshToken::parse(&signer, text).is_some_and(|it| it.is_genuine(&signer, seed))
        };
        assert!(accepts(REFRESH_TOKEN, &seed) && !accepts(REFRESH_TOKEN, &Seed::random()));
        assert!(!accepts(GATE_TOKEN, &seed), "it has the same layout");
        for forged in forgeries(REFRESH_TOKEN) {
            assert!(!accepts(&forged, &seed), "{forged}");
        }
    }

    #[test]
    fn an_earlier_gate_token_is_accepted() {
        let (signer, seed) = (signer(TokenKind::GateToken), Seed::of([9; 32]));
        let app = GateOrigin::parse("https://app.example.org").unwrap();
        let other = GateOrigin::parse("https://wiki.example.org").unwrap();
        let token = GateToken::parse(&signer, GATE_TOKEN).unwrap();
        assert_eq!(token.session(), SessionId(Uuid::from_u128(SESSION)));
        let end = Timestamp(1_000_060);
        assert!(token.is_expired(end) && !token.is_expired(Timestamp(end.0 - 1)));
        let accepts = |text: &str, seed: &Seed, origin: &GateOrigin| {
            GateToken::parse(&signer, text).is_some_and(|it| it.is_genuine(&signer, seed, origin))
        };
        assert!(accepts(GATE_TOKEN, &seed, &app) && !accepts(GATE_TOKEN, &seed, &other));
        assert!(!accepts(GATE_TOKEN, &Seed::random(), &app));
        assert!(!accepts(REFRESH_TOKEN, &seed, &app), "it has the same layout");
        for forged in forgeries(GATE_TOKEN) {
            assert!(!accepts(&forged, &seed, &app), "{forged}");
        }
    }

    #[test]
    fn an_earlier_ticket_stops_a_loop_and_opens_nothing() {
        let (signer, seed) = (signer(TokenKind::GateTicket), Seed::of([9; 32]));
        let (session, app) =
            (Uuid::from_u128(SESSION), GateOrigin::parse("https://app.example.org").unwrap());
        let journey = Journey { session: SessionId(session), seed: &seed, origin: &app };
        let key = MasterKey::new(vec![7; 32]).mac_key(&[], "gate ticket");
        for again in [false, true] {
            let body =
                [&[2, u8::from(again)], session.as_bytes().as_slice(), &[7; 8 + 16 + 32]].concat();
            let message = seed.reveal().iter().chain(&body).chain(app.as_str().as_bytes());
            let tag = key.tag(&message.copied().collect::<Vec<u8>>());
            let ticket = Ticket::parse(&secret::encode(&[&*body, &tag].concat())).unwrap();
            assert_eq!(ticket.is_second_try(), again);
            assert!(!ticket.is_genuine(&signer, journey));
        }
    }

    #[test]
    fn an_earlier_device_cookie_is_accepted() {
        let signer = signer(TokenKind::Device);
        for (text, users) in DEVICES.into_iter().zip([0, 1, 4]) {
            let device = Device::from_cookie(text, &signer).unwrap();
            assert_eq!(device.id().to_string(), "019ab697-e800-7def-8578-a9ece4ad1758");
            let latest = (users > 0).then(|| UserId(Uuid::from_u128(USER + users - 1)));
            assert_eq!(device.latest(), latest);
            for user in 0..users {
                assert!(device.knows(UserId(Uuid::from_u128(USER + user)), 3));
            }
            for forged in forgeries(text) {
                assert!(Device::from_cookie(&forged, &signer).is_none(), "{forged}");
            }
        }
    }

    #[test]
    fn an_earlier_browser_state_cookie_is_accepted() {
        let signer = signer(TokenKind::BrowserState);
        let token = signer.open(&[16], BROWSER_STATE).unwrap();
        assert_eq!(token.body(), (7..=22).collect::<Vec<u8>>().as_slice());
        for forged in forgeries(BROWSER_STATE) {
            assert!(signer.open(&[16], &forged).is_none(), "{forged}");
        }
    }
}

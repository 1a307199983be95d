//! Risky settings that hardly anyone needs. They are refused unless the operator accepts the risk (`ACCEPT_RISKS`).

/// A risk that can be accepted by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Passwords and cookies cross a network unencrypted.
    PlainHttp,
    /// Nearly every address counts as a reverse proxy.
    AnyProxy,
    /// `SECRET_KEY` is easy to guess.
    WeakSecret,
}

impl Risk {
    pub const ALL: [Self; 3] = [Self::PlainHttp, Self::AnyProxy, Self::WeakSecret];

    /// Its name in `ACCEPT_RISKS`.
    pub fn word(self) -> &'static str {
        match self {
            Self::PlainHttp => "plain-http",
            Self::AnyProxy => "any-proxy",
            Self::WeakSecret => "weak-secret",
        }
    }

    /// What accepting it allows, in Markdown.
    #[cfg(test)]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::PlainHttp => {
                "a `PUBLIC_URL` or an origin in `GATE_ORIGINS` with `http://` that is not a `localhost` name"
            }
            Self::AnyProxy => {
                "a `TRUSTED_PROXIES` or `GATE_PROXIES` that covers nearly all addresses: a public network larger than an IPv4 `/8` or an IPv6 `/16`"
            }
            Self::WeakSecret => {
                "a `SECRET_KEY` (or `secret.key`) that can be guessed: few different characters, repetitions, sequences, placeholders, common words"
            }
        }
    }

    /// Reads a list of names.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let risks = words.map(|word| Self::ALL.into_iter().find(|risk| risk.word() == word));
        risks.collect::<Option<_>>().ok_or_else(|| {
            let all = Self::ALL.map(Self::word).join(", ");
            format!("must be names of risks, separated by commas: {all}")
        })
    }
}

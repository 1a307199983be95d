//! What is refused unless the operator insists: settings that work, and that hardly anyone means to have (`ACCEPT_RISKS`).

/// A risk that can be accepted by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Risk {
    /// Passwords and cookies cross a network unencrypted.
    PlainHttp,
    /// Nearly everyone counts as a reverse proxy.
    AnyProxy,
    /// `SECRET_KEY` can be guessed.
    WeakSecret,
}

impl Risk {
    pub(super) const ALL: [Self; 3] = [Self::PlainHttp, Self::AnyProxy, Self::WeakSecret];

    /// Its name in `ACCEPT_RISKS`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::PlainHttp => "plain-http",
            Self::AnyProxy => "any-proxy",
            Self::WeakSecret => "weak-secret",
        }
    }

    /// Reads a list of names.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let risks = words.map(|word| Self::ALL.into_iter().find(|risk| risk.word() == word));
        risks.collect::<Option<_>>().ok_or_else(|| {
            let all = Self::ALL.map(Self::word).join(", ");
            format!("must be names of risks with commas between them: {all}")
        })
    }
}

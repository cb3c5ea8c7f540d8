//! What a person or the environment says about registries: credentials, authorities, proxies, patience; never read from there here.

use std::{fmt, path::PathBuf, time::Duration};

use super::proxies::Proxies;

/// How registries are reached, and as whom.
#[derive(Debug, Clone, Default)]
pub struct RegistryAccess {
    /// Credentials that go before those of any file.
    pub login: Option<Login>,
    /// The one registry that `login` is for; without it, each that a target names.
    pub login_for: Option<String>,
    /// Files in which `docker login` and its like leave credentials; the first that has some for a registry is believed.
    pub login_files: Vec<PathBuf>,
    /// Certificates of authorities that are trusted beside this machine's, in PEM.
    pub authorities: Option<PathBuf>,
    /// Registries that may be spoken to without TLS, as they stand in names of images.
    pub insecure: Vec<String>,
    /// Proxies on the way.
    pub proxies: Proxies,
    /// How long and how often things are tried.
    pub patience: Patience,
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Login {
    /// A user with a password, or with a token in its place.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token that the registry itself takes.
    Token(Secret),
    /// A token that is exchanged for those that the registry takes (`identitytoken`).
    Identity(Secret),
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<secret>")
    }
}

/// How long and how often things are tried.
#[derive(Debug, Clone)]
pub struct Patience {
    /// For a name to be resolved, and for a connection with its TLS.
    pub connect: Duration,
    /// For the head of an answer.
    pub answer: Duration,
    /// For the next bytes of a body.
    pub read: Duration,
    /// How often one request is tried in all, and a blob without any progress.
    pub attempts: u32,
    /// Before the second try; each later one waits twice as long.
    pub pause: Duration,
    /// The longest pause, also where the registry asks for one (`Retry-After`).
    pub longest_pause: Duration,
    /// How often one blob is taken up again where its connection was cut.
    pub resumptions: u32,
    /// In this much time of waiting for a body at least `least` bytes must come.
    pub slow: Duration,
    /// See `slow`.
    pub least: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            answer: Duration::from_secs(60),
            read: Duration::from_secs(30),
            attempts: 5,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
            resumptions: 20,
            slow: Duration::from_secs(60),
            least: 256 << 10,
        }
    }
}

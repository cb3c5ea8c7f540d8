//! Why something of a registry cannot be had, in words that say what to do; never secrets, nor the queries of signed addresses.

use std::{fmt, io, path::PathBuf, time::Duration};

use docker_credential::CredentialRetrievalError;

use crate::image::Digest;

/// Why something of a registry cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No connection, or one that was cut.
    #[error("cannot reach `{host}` for {what}: {problem}")]
    Unreachable {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// Why.
        problem: Unreached,
    },
    /// TLS without trust.
    #[error("the certificate of `{host}` is not trusted ({error}): give the certificate of its authority with `--ca-file`")]
    Untrusted {
        /// The host.
        host: String,
        /// Why.
        error: rustls::Error,
    },
    /// No TLS at all.
    #[error(
        "`{host}` does not speak TLS ({error}): if it is meant to be without, and the way to it is trusted, say \
         `--insecure-registry {host}`"
    )]
    NotTls {
        /// The host.
        host: String,
        /// What came instead.
        error: rustls::Error,
    },
    /// This machine trusts nobody.
    #[error(
        "this machine has no certificates of authorities to trust: install `ca-certificates`, or give some with `--ca-file`"
    )]
    NoAuthorities,
    /// A file of authorities that cannot be used.
    #[error("cannot use the authorities in `{}`: {problem}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: AuthoritiesProblem,
    },
    /// A proxy that is none.
    #[error("the proxy that the environment names cannot be used: expected an address such as `http://proxy.example.com:3128`")]
    Proxy,
    /// Who asks may not have it, or must say who it is.
    #[error("`{host}` does not give {what} to {who}{said}: {}", who.advice(registry))]
    Denied {
        /// The host.
        host: String,
        /// The registry.
        registry: String,
        /// What was asked for.
        what: String,
        /// Who asked.
        who: Who,
        /// What the registry says.
        said: Said,
    },
    /// It is not there.
    #[error("`{host}` has not got {what}{said}{advice}")]
    NotFound {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// What the registry says.
        said: Said,
        /// What to do, after a colon.
        advice: String,
    },
    /// Any other answer.
    #[error("`{host}` answers {status} when asked for {what}{said}")]
    Status {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// The status.
        status: u16,
        /// What the registry says.
        said: Said,
    },
    /// A pause that is too long.
    #[error("`{host}` asks to wait {} s before it gives {what}: at most {} s are waited; try again later", wait.as_secs(), longest.as_secs())]
    Busy {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// What it asks for.
        wait: Duration,
        /// The limit.
        longest: Duration,
    },
    /// The last of several tries.
    #[error("{error}; tried {times} times")]
    Persistent {
        /// How often.
        times: u32,
        /// The last time's.
        error: Box<RegistryError>,
    },
    /// A redirect that is not followed.
    #[error("`{host}` redirects the request for {what} {problem}")]
    Redirect {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// Why it is not followed.
        problem: RedirectProblem,
    },
    /// A demand for credentials that cannot be met.
    #[error("`{host}` wants to know who asks, {problem}")]
    Challenge {
        /// The host.
        host: String,
        /// Why it cannot be told.
        problem: ChallengeProblem,
    },
    /// An answer of a token server that holds none.
    #[error(
        "the token server `{host}` answers with no token: expected JSON with `token` or `access_token` of at most {limit} bytes"
    )]
    Token {
        /// The host.
        host: String,
        /// The limit.
        limit: u64,
    },
    /// Credentials that cannot be read.
    #[error("cannot read credentials for `{registry}` from `{}`: {}; mend it, or log in again with `docker login {registry}`", path.display(), in_words(error))]
    Credentials {
        /// The registry.
        registry: String,
        /// The file.
        path: PathBuf,
        /// Why.
        error: CredentialRetrievalError,
    },
    /// A document beyond the limit.
    #[error("{what} of `{host}` has more than {limit} bytes: at most that many are read")]
    TooLarge {
        /// The host.
        host: String,
        /// What it is.
        what: String,
        /// The limit.
        limit: u64,
    },
    /// More or fewer bytes than there should be.
    #[error("`{host}` has {found} bytes of {what}: {expected} were expected; push the image again")]
    Size {
        /// The host.
        host: String,
        /// What it is.
        what: String,
        /// Bytes by the descriptor.
        expected: u64,
        /// What came.
        found: Found,
    },
    /// A document that is not what its digest says.
    #[error(
        "{what} of `{host}` does not match its digest: expected {expected}, found {found}; the registry, or something on the way to \
         it, changes what it sends"
    )]
    WrongDigest {
        /// The host.
        host: String,
        /// What it is.
        what: String,
        /// The digest that names it.
        expected: Digest,
        /// The digest that it has.
        found: Digest,
    },
    /// A body that does not come.
    #[error("{what} of `{host}` was cut off {times} times, after {received} of {expected} bytes the last time: {problem}")]
    Cut {
        /// The host.
        host: String,
        /// What it is.
        what: String,
        /// How often.
        times: u32,
        /// Bytes that came.
        received: u64,
        /// Bytes that there are.
        expected: u64,
        /// Why the last time.
        problem: CutProblem,
    },
    /// A part of a blob that was not asked for.
    #[error("`{host}` answers with another part of {what} than was asked for: expected bytes from {from} on")]
    Range {
        /// The host.
        host: String,
        /// What it is.
        what: String,
        /// What was asked for.
        from: u64,
    },
    /// A list that is none, or has no end.
    #[error("{what} of `{host}` cannot be read: {problem}")]
    Listing {
        /// The host.
        host: String,
        /// Which list.
        what: String,
        /// What is wrong.
        problem: ListingProblem,
    },
}

impl RegistryError {
    /// Whether nobody was reached, which may be otherwise in a moment where somebody was reached before.
    pub(super) fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// What is wrong with credentials; nothing of what they are.
fn in_words(error: &CredentialRetrievalError) -> String {
    match error {
        CredentialRetrievalError::HelperFailure { helper, stdout, stderr } => {
            let said = stdout.lines().chain(stderr.lines()).map(str::trim).find(|line| !line.is_empty());
            let said: String = said.unwrap_or("nothing").chars().take(200).collect();
            format!("the credential helper `{}` fails, and says: {}", helper.escape_debug(), said.escape_debug())
        }
        CredentialRetrievalError::HelperCommunicationError => {
            "the credential helper that it names cannot be started".to_owned()
        }
        CredentialRetrievalError::MalformedHelperResponse => {
            "the credential helper that it names answers with no `Username` and `Secret` in JSON".to_owned()
        }
        CredentialRetrievalError::CredentialDecodingError => "its `auth` is no name and password in Base64".to_owned(),
        CredentialRetrievalError::CredentialMismatchError => {
            "its `auth` and its `username` and `password` contradict each other".to_owned()
        }
        CredentialRetrievalError::ConfigReadError => "it cannot be read, or is no JSON of that form".to_owned(),
        CredentialRetrievalError::ConfigNotFound | CredentialRetrievalError::NoCredentialConfigured => {
            "there are none".to_owned()
        }
    }
}

/// Why a host was not reached.
#[derive(Debug, thiserror::Error)]
pub enum Unreached {
    /// Its name leads nowhere.
    #[error("no host has this name")]
    NoSuchHost,
    /// Nobody listens.
    #[error("nobody listens there")]
    Refused,
    /// It took too long.
    #[error("no answer in {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The connection failed.
    #[error("{0}")]
    Io(io::Error),
    /// What came is no HTTP, or the proxy refused.
    #[error("{0}")]
    Http(Box<ureq::Error>),
}

/// What is wrong with a file of authorities.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesProblem {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It holds none.
    #[error("it holds no certificate in PEM (`-----BEGIN CERTIFICATE-----`)")]
    None,
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Nobody said.
    Anonymous,
    /// A user.
    User(String),
    /// Whoever has a token.
    Token,
}

impl Who {
    fn advice(&self, registry: &str) -> String {
        match self {
            Self::Anonymous => format!(
                "log in with `docker login {registry}`, or set DOUANE_REGISTRY_USERNAME and DOUANE_REGISTRY_PASSWORD; or there is no such thing"
            ),
            Self::User(_) | Self::Token => {
                "look whether the credentials are right and may read it; or there is no such thing".to_owned()
            }
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => formatter.write_str("someone without credentials"),
            Self::User(user) => write!(formatter, "the user `{}`", user.escape_debug()),
            Self::Token => formatter.write_str("the holder of the token that was given"),
        }
    }
}

/// The words of a registry about an error, in brackets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said(pub(super) Option<String>);

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |words| write!(formatter, " (it says: {})", words.escape_debug()))
    }
}

/// Why a redirect is not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectProblem {
    /// Nowhere.
    #[error("to no address that can be read")]
    NoAddress,
    /// Away from TLS.
    #[error("from https to http at `{0}`, which is not followed")]
    Downgrade(String),
    /// Again and again.
    #[error("more than {0} times")]
    TooMany(usize),
}

/// Why a demand for credentials cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeProblem {
    /// It does not say how.
    #[error("and does not say how (`WWW-Authenticate` is missing or cannot be read)")]
    Unreadable,
    /// In a way that is not known.
    #[error("by `{0}`: only `Basic` and `Bearer` are known")]
    Scheme(String),
    /// By a token server that cannot be asked.
    #[error("and sends to a token server whose address cannot be used: `{0}`")]
    Realm(String),
    /// By a token server without TLS.
    #[error("and sends to `{0}`, a token server without TLS: credentials do not go there")]
    PlainRealm(String),
}

/// How many bytes there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// So many.
    Exactly(u64),
    /// More than should be.
    MoreThan(u64),
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(bytes) => write!(formatter, "{bytes}"),
            Self::MoreThan(bytes) => write!(formatter, "more than {bytes}"),
        }
    }
}

/// Why a body did not come.
#[derive(Debug, thiserror::Error)]
pub enum CutProblem {
    /// It ended.
    #[error("the connection ended")]
    Ended,
    /// It stood still.
    #[error("nothing came for {} s", .0.as_secs())]
    Still(Duration),
    /// It crawled.
    #[error("fewer than {least} bytes came in {} s", within.as_secs())]
    Slow {
        /// The least that should come.
        least: u64,
        /// In this time.
        within: Duration,
    },
    /// The connection failed.
    #[error("{0}")]
    Io(io::Error),
}

/// What is wrong with a list.
#[derive(Debug, thiserror::Error)]
pub enum ListingProblem {
    /// Another form.
    #[error("it is not of the form that the OCI distribution specification gives ({0})")]
    Form(serde_json::Error),
    /// The next page is elsewhere.
    #[error("its next page is at another registry, `{0}`")]
    Elsewhere(String),
    /// The pages go in a circle.
    #[error("its pages lead to each other without an end")]
    Circle,
    /// Too many.
    #[error("it has more than {0} names, which is the limit")]
    TooMany(usize),
}

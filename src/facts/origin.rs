//! Where a distribution was installed from, if not from an index (PEP 610), and addresses in a form that can be compared; never fetched.

use schemars::JsonSchema;
use serde::Serialize;

/// Where a distribution was installed from: `direct_url.json`, without credentials.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Origin {
    /// What it was.
    #[serde(rename = "type")]
    pub kind: OriginKind,
    /// The address, without credentials, query and fragment.
    pub url: String,
    /// The address of the repository, without `.git` at its end.
    pub repository: Option<String>,
    /// The commit.
    pub commit: Option<String>,
}

/// What a distribution was installed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    /// A repository of a version control system.
    Vcs,
    /// A directory of the machine that installed it.
    #[default]
    Local,
    /// An archive.
    Archive,
}

/// Whether an address names a repository, whose `.git` says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// Any address.
    Plain,
    /// A repository's.
    Repository,
}

/// Schemes of addresses that distributions come from.
const SCHEMES: [&str; 6] = ["https", "http", "ssh", "git", "file", "ftp"];

/// An address as it is compared: scheme and host in lower case, without credentials, default port, query, fragment and final slash.
/// `None` for what is no whole address.
pub fn normalised_address(text: &str, kind: AddressKind) -> Option<String> {
    if text.chars().any(|letter| letter <= ' ') {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !SCHEMES.contains(&scheme.as_str()) {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at_checked(slash)?,
        None => (rest, ""),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
    if host.is_empty() && scheme != "file" {
        return None;
    }
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let host = if scheme.starts_with("http") { host.strip_suffix(default_port).unwrap_or(&host) } else { &host };
    let path = path.trim_end_matches('/');
    let path = if kind == AddressKind::Repository { path.strip_suffix(".git").unwrap_or(path) } else { path };
    Some(format!("{scheme}://{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::{AddressKind, normalised_address};

    #[test]
    fn addresses_lose_what_does_not_tell_them_apart() {
        for (written, kept) in [
            ("https://me:secret@GitHub.com:443/acme/tool.git/?x#y", Some("https://github.com/acme/tool")),
            ("ssh://git@host:2222/a.git", Some("ssh://host:2222/a")),
            ("file:///src/tool/", Some("file:///src/tool")),
            ("https://", None),
            ("github.com/acme/tool", None),
            ("https://a b", None),
            ("svn://host/a", None),
        ] {
            assert_eq!(normalised_address(written, AddressKind::Repository).as_deref(), kept, "{written}");
        }
        assert_eq!(normalised_address("https://h/a.git", AddressKind::Plain).as_deref(), Some("https://h/a.git"));
    }
}

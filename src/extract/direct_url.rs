//! `direct_url.json`: where a distribution came from, if not from an index (PEP 610); never fetched.

use serde::Deserialize;

use crate::facts::{AddressKind, Origin, OriginKind, normalised_address};

/// The origin of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectUrl {
    /// The URL as written.
    pub url: String,
    /// What it leads to; none where the document says none or several.
    pub kind: Option<OriginKind>,
    /// Whether it is an editable installation of a local directory.
    pub editable: bool,
    /// The directory inside the source that holds the project.
    pub subdirectory: Option<String>,
    /// The commit, for a version control system.
    pub commit: Option<String>,
    /// The hash of an archive, `sha256=...`.
    pub hash: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    url: String,
    subdirectory: Option<String>,
    dir_info: Option<Directory>,
    vcs_info: Option<Repository>,
    archive_info: Option<Archive>,
}

#[derive(Deserialize)]
struct Directory {
    editable: Option<bool>,
}

#[derive(Deserialize)]
struct Repository {
    commit_id: Option<String>,
}

#[derive(Deserialize)]
struct Archive {
    hash: Option<String>,
}

/// Reads the document; keys that the specification does not have are ignored.
pub fn direct_url(bytes: &[u8]) -> Result<DirectUrl, serde_json::Error> {
    let document: Document = serde_json::from_slice(bytes)?;
    let kinds = [
        document.vcs_info.is_some().then_some(OriginKind::Vcs),
        document.dir_info.is_some().then_some(OriginKind::Local),
        document.archive_info.is_some().then_some(OriginKind::Archive),
    ];
    let mut kinds = kinds.into_iter().flatten();
    Ok(DirectUrl {
        kind: kinds.next().filter(|_| kinds.next().is_none()),
        url: document.url,
        editable: document.dir_info.and_then(|directory| directory.editable).unwrap_or(false),
        subdirectory: document.subdirectory,
        commit: document.vcs_info.and_then(|repository| repository.commit_id),
        hash: document.archive_info.and_then(|archive| archive.hash),
    })
}

impl DirectUrl {
    /// The origin as a fact; why it is none, for a document that says nothing that can be compared.
    pub fn origin(&self) -> Result<Origin, &'static str> {
        let kind = self.kind.ok_or("it does not say whether that was a directory, an archive or a repository")?;
        let url = normalised_address(&self.url, AddressKind::Plain).ok_or("its `url` is no whole address")?;
        let repository = normalised_address(&self.url, AddressKind::Repository).filter(|_| kind == OriginKind::Vcs);
        Ok(Origin { kind, url, repository, commit: self.commit.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::direct_url;

    #[test]
    fn reads_editable_directories_and_commits() {
        let found = direct_url(br#"{"url": "file:///src", "dir_info": {"editable": true}, "x": 1}"#).unwrap();
        assert!(found.editable);
        assert_eq!(found.url, "file:///src");
        let found = direct_url(br#"{"url": "https://h/r", "vcs_info": {"vcs": "git", "commit_id": "abc"}}"#).unwrap();
        assert_eq!((found.editable, found.commit.as_deref()), (false, Some("abc")));
        assert!(!direct_url(br#"{"url": "file:///src", "dir_info": {}}"#).unwrap().editable);
    }

    #[test]
    fn other_documents_are_errors() {
        assert!(direct_url(b"{}").is_err());
        assert!(direct_url(b"").is_err());
    }
}

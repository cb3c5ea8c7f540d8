//! `direct_url.json`: where a distribution came from, if not from an index (PEP 610); never fetched.

use serde::Deserialize;

/// The origin of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectUrl {
    /// The URL as written.
    pub url: String,
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
    Ok(DirectUrl {
        url: document.url,
        editable: document.dir_info.and_then(|directory| directory.editable).unwrap_or(false),
        subdirectory: document.subdirectory,
        commit: document.vcs_info.and_then(|repository| repository.commit_id),
        hash: document.archive_info.and_then(|archive| archive.hash),
    })
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

//! dpkg's database: `status`, `status.d` of distroless images, and the lists of files; never packages that are not installed.

use deb822_fast::Deb822;

use super::text::text;

/// An installed package of Debian and its kin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DebianPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture, or `all`.
    pub architecture: Option<String>,
    /// The source package, where its name differs, without a version.
    pub source: Option<String>,
}

/// Why a status file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed package database: {0}")]
pub struct DpkgError(String);

/// Installed packages, in order. A paragraph without `Status`, as in `status.d`, is installed; those of which only the
/// configuration is left are not.
pub fn dpkg_status(bytes: &[u8]) -> Result<Vec<DebianPackage>, DpkgError> {
    let database: Deb822 = text(bytes).parse().map_err(|error: deb822_fast::Error| DpkgError(error.to_string()))?;
    let packages = database.iter().filter_map(|paragraph| {
        let get = |name: &str| paragraph.get(name).map(|value| value.trim().to_owned());
        if get("Status").is_some_and(|status| !is_installed(&status)) {
            return None;
        }
        let source = get("Source").and_then(|source| source.split_whitespace().next().map(str::to_owned));
        Some(DebianPackage { name: get("Package")?, version: get("Version")?, architecture: get("Architecture"), source })
    });
    Ok(packages.collect())
}

/// The last of the three words: want, error, state. Triggers run after the files are there.
fn is_installed(status: &str) -> bool {
    matches!(status.split_whitespace().next_back(), Some("installed" | "triggers-pending" | "triggers-awaited"))
}

/// Absolute paths of a `.list` file; the root itself (`/.`) is left out.
pub fn dpkg_list(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|path| path.starts_with(b"/") && *path != b"/.")
}

/// Paths of an `.md5sums` file, relative to the root: all that distroless images tell of a package's files.
pub fn dpkg_md5sums(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| {
        let (sum, path) = line.split_at_checked(32)?;
        let path = path.strip_prefix(b"  ")?;
        (sum.iter().all(u8::is_ascii_hexdigit) && !path.is_empty()).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::{dpkg_list, dpkg_md5sums, dpkg_status};

    fn names(status: &[u8]) -> Vec<String> {
        dpkg_status(status).unwrap().into_iter().map(|package| format!("{} {}", package.name, package.version)).collect()
    }

    #[test]
    fn only_installed_packages_are_read() {
        let status = b"Package: a\nStatus: install ok installed\nArchitecture: amd64\nSource: src (1.0)\nVersion: 1:2-3\n\
            Description: \xe9\n more\n .\n Version: no\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 1\n\n\
            Package: c\nStatus: hold ok installed\nVersion: 3\n\nPackage: d\nVersion: 4\n";
        assert_eq!(names(status), ["a 1:2-3", "c 3", "d 4"]);
        let first = &dpkg_status(status).unwrap()[0];
        assert_eq!((first.architecture.as_deref(), first.source.as_deref()), (Some("amd64"), Some("src")));
    }

    #[test]
    fn empty_database_has_no_packages() {
        assert!(names(b"").is_empty());
        assert!(names(b"\n\n").is_empty());
    }

    #[test]
    fn malformed_database_is_an_error() {
        assert!(dpkg_status(b"Package: a\nVersion: 1\nnonsense\n").is_err());
    }

    #[test]
    fn files_come_from_lists_and_sums() {
        assert_eq!(dpkg_list(b"/.\n/usr\n/usr/a b\n\n").collect::<Vec<_>>(), [&b"/usr"[..], b"/usr/a b"]);
        let sums = b"0123456789abcdef0123456789abcdef  usr/bin/x\nnonsense\n";
        assert_eq!(dpkg_md5sums(sums).collect::<Vec<_>>(), [b"usr/bin/x"]);
    }
}

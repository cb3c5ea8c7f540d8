//! rpm's database of installed packages in its three formats: packages and their files; never scripts, triggers or signatures.
//!
//! The formats are read here and not by a library: those that there are bring SQLite in C, or want a file of the host to open.

mod berkeley;
mod header;
mod ndb;
mod numbers;
mod sqlite;

use crate::{facts::Completeness, limits::RpmLimits};

/// An installed package of Fedora, RHEL, SUSE and their kin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RpmPackage {
    /// Its name.
    pub name: String,
    /// `epoch:version-release`, without an epoch where it has none.
    pub version: String,
    /// Its architecture, or `noarch`.
    pub architecture: Option<String>,
    /// The name of the package that it was built from.
    pub source: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// Absolute paths of its files that were installed, each ended by a zero byte: there may be very many.
    paths: Vec<u8>,
}

impl RpmPackage {
    /// Absolute paths of its files; directories are not among them.
    pub fn files(&self) -> impl Iterator<Item = &[u8]> {
        self.paths.split(|byte| *byte == 0).filter(|path| !path.is_empty())
    }
}

#[cfg(test)]
impl RpmPackage {
    /// A package with these files, for tests of other rooms.
    pub(crate) fn sample(name: &str, files: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            version: "0:1-2".to_owned(),
            architecture: Some("x86_64".to_owned()),
            source: Some("source".to_owned()),
            license: Some("MIT".to_owned()),
            paths: files.iter().flat_map(|file| [file.as_bytes(), b"\0"].concat()).collect(),
        }
    }
}

/// What a database holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RpmDatabase {
    /// Its packages in no order.
    pub packages: Vec<RpmPackage>,
    /// Whether `packages` holds all.
    pub complete: Completeness,
}

/// Why a database cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RpmError {
    /// It begins like none of the three.
    #[error("no database of rpm: it begins like none of SQLite, ndb and Berkeley DB")]
    Format,
    /// It ends before it should, or a number leads out of it.
    #[error("malformed database of rpm: {0} leads out of the file")]
    Outside(&'static str),
    /// A number is none that the format allows.
    #[error("malformed database of rpm: {0}")]
    Malformed(&'static str),
}

/// Reads a database. Of a damaged one, what could be read.
pub fn rpm_database(bytes: &[u8], limits: &RpmLimits) -> Result<RpmDatabase, RpmError> {
    let mut headers = Headers { database: RpmDatabase::default(), limits, paths: 0 };
    let read = if sqlite::is_sqlite(bytes) {
        sqlite::blobs(bytes, &mut |blob| headers.add(blob))
    } else if ndb::is_ndb(bytes) {
        ndb::blobs(bytes, &mut |blob| headers.add(blob))
    } else if berkeley::is_berkeley(bytes) {
        berkeley::blobs(bytes, &mut |blob| headers.add(blob))
    } else {
        Err(RpmError::Format)
    };
    match read {
        Ok(()) => {}
        Err(error) if headers.database.packages.is_empty() => return Err(error),
        Err(error) => headers.database.complete.lacks(format!("the rest was not read: {error}")),
    }
    Ok(headers.database)
}

/// Headers as they come out of a database.
struct Headers<'limits> {
    database: RpmDatabase,
    limits: &'limits RpmLimits,
    /// Bytes of paths so far.
    paths: usize,
}

impl Headers<'_> {
    fn add(&mut self, blob: &[u8]) {
        let RpmDatabase { packages, complete } = &mut self.database;
        if packages.len() >= self.limits.packages {
            complete.lacks(format!("only {} packages were read", self.limits.packages));
            return;
        }
        let room = self.limits.paths.saturating_sub(self.paths);
        match header::package(blob, room) {
            // The keys that packages are signed with are kept as packages.
            Ok((package, _)) if package.name == "gpg-pubkey" => {}
            Ok((package, whole)) => {
                if !whole {
                    complete.lacks(format!("of the files of `{}` not all were read", package.name));
                }
                self.paths = self.paths.saturating_add(package.paths.len());
                packages.push(package);
            }
            Err(error) => complete.lacks(format!("a package was not read: {error}")),
        }
    }
}

#[cfg(test)]
mod tests;

//! A root file system in a directory, or this machine's own; never its files.

use std::path::{Path, PathBuf};

use super::{Contents, OpenOptions, OpenedImage, error::SourceError};
use crate::{facts::Target, image::ImagePath};

/// A directory that is the root of a file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootFileSystem {
    /// Where it is on this machine.
    pub path: PathBuf,
    /// Whether it is this machine's own root.
    pub machine: bool,
    /// The directories that are looked into, with all below them; all of the root where there are none.
    pub within: Vec<ImagePath>,
    /// Whether it holds sources alone: hidden directories and virtual environments, which no import reaches, are passed over.
    pub sources: bool,
}

/// This machine, as far as these directories go: what does not lie in them is as if it were not there.
pub fn part_of_machine(within: Vec<ImagePath>) -> OpenedImage {
    OpenedImage {
        target: Target { reference: "/".to_owned(), source: "machine".to_owned(), ..Target::default() },
        config: None,
        contents: Contents::Root(RootFileSystem { path: PathBuf::from("/"), machine: true, within, sources: false }),
        gaps: Vec::new(),
    }
}

/// Opens a directory as a root file system.
pub(super) fn open(path: &Path, options: &OpenOptions<'_>) -> Result<OpenedImage, SourceError> {
    const EXPECTED: &str = "a directory that is the root of a file system";
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(SourceError::NotFound { path: path.to_owned(), expected: EXPECTED });
        }
        Err(error) => return Err(SourceError::Io { path: path.to_owned(), error }),
    };
    if !path.is_dir() {
        return Err(SourceError::NotAnImage { path, found: "no directory".to_owned(), expected: EXPECTED });
    }
    if let Some(wanted) = options.platform.clone() {
        return Err(SourceError::PlatformOfRoot { path, wanted });
    }
    let machine = path == Path::new("/");
    let source = if machine { "machine" } else { "dir" };
    Ok(OpenedImage {
        target: Target { reference: path.display().to_string(), source: source.to_owned(), ..Target::default() },
        config: None,
        contents: Contents::Root(RootFileSystem { path, machine, within: Vec::new(), sources: false }),
        gaps: Vec::new(),
    })
}

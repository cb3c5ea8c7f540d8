//! What introspection is told beside the tree: the image's configuration, the platform, what was not read; never the host's environment.

use crate::facts::{Gap, Image};

/// What a container runtime would give to a process, where a container runtime names no `PATH`.
pub(crate) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Whether a list of all files is made: nothing but a question for it needs one, and an image may hold millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileList {
    /// The list is made.
    Make,
    /// There is none.
    #[default]
    Leave,
}

/// Whether installed files are held against what lists them, which needs their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Integrity {
    /// They are.
    Check,
    /// They are not, and nothing is known of it.
    #[default]
    Leave,
}

/// The image's own words about how it is run, and what is known of the tree's making.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The image's configuration; absent for a root file system.
    pub image: Option<&'a Image>,
    /// `os/architecture[/variant]`, where it is known.
    pub platform: Option<&'a str>,
    /// What could not be read or laid into the tree.
    pub gaps: &'a [Gap],
    /// Whether all files are to be listed.
    pub files: FileList,
    /// Whether installed files are held against what lists them.
    pub integrity: Integrity,
}

impl<'a> Context<'a> {
    /// An environment variable of the image that is set and not empty; the last one of a name counts.
    pub fn variable(&self, name: &str) -> Option<&'a str> {
        let value = self.image?.env.iter().rev().find(|variable| variable.name == name)?.value.expose();
        (!value.is_empty()).then_some(value)
    }

    /// The directories of `PATH` in order.
    pub fn search_path(&self) -> impl Iterator<Item = &'a str> {
        self.variable("PATH").unwrap_or(DEFAULT_PATH).split(':').filter(|directory| !directory.is_empty())
    }

    /// The directory that a process starts in.
    pub fn working_directory(&self) -> &'a str {
        self.image.and_then(|image| image.workdir.as_deref()).filter(|directory| !directory.is_empty()).unwrap_or("/")
    }

    /// The architecture in OCI words.
    pub fn architecture(&self) -> Option<&'a str> {
        self.platform?.split('/').nth(1)
    }
}

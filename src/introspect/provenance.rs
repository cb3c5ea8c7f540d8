//! What brought an interpreter, by what its installer left beside it; never by the name of a path alone, but where nothing else is.

use crate::{
    facts::{BuildVariables, Fact, InterpreterSource},
    filesystem::Tree,
    image::ImagePath,
};

use super::{installation::Installation, package_files::PackageFiles};

/// Prefixes where the system's packages install: what stands there is theirs, though their lists may be gone.
const SYSTEM: [&[u8]; 2] = [b"/usr", b"/"];

/// What is asked about one interpreter.
pub(crate) struct Provenance<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) packages: &'a PackageFiles<'a>,
    pub(crate) path: &'a ImagePath,
    /// The library that it loads.
    pub(crate) library: Option<&'a ImagePath>,
    /// Absent where its layout is not known.
    pub(crate) installation: Option<&'a Installation>,
    pub(crate) variables: Option<&'a BuildVariables>,
}

impl Provenance<'_> {
    /// What brought it.
    pub(crate) fn source(&self) -> Fact<InterpreterSource> {
        let is_packaged = |path: &ImagePath| self.packages.owner(path).is_some();
        if is_packaged(self.path) || self.library.is_some_and(is_packaged) {
            return Fact::Known(InterpreterSource::OsPackage);
        }
        let found = self.installation.filter(|installation| installation.found);
        let Some(prefix) = found.map_or_else(|| self.path.parent()?.parent(), |found| Some(found.prefix.clone())) else {
            return Fact::Unknown("nothing says what brought it".into());
        };
        let source = if self.is_condas(&prefix) {
            InterpreterSource::Conda
        } else if self.is_uvs(&prefix, found) {
            InterpreterSource::Uv
        } else if self.is_pyenvs(&prefix) {
            InterpreterSource::Pyenv
        } else if found.is_some_and(|found| self.is_built_here(found)) {
            InterpreterSource::Build
        } else {
            return Fact::Unknown(self.reason(&prefix).into());
        };
        Fact::Known(source)
    }

    /// conda records its package in `conda-meta`.
    fn is_condas(&self, prefix: &ImagePath) -> bool {
        let Ok(records) = self.tree.resolve(&prefix.join("conda-meta")) else { return false };
        let is_of_interpreter =
            |name: &[u8]| [&b"python-"[..], b"pypy", b"graalpy", b"micropython"].iter().any(|start| name.starts_with(start));
        self.tree.children(records.node).any(|(name, _)| name.ends_with(b".json") && is_of_interpreter(name))
    }

    /// uv says so to other installers; where that was removed, its own directories are left.
    fn is_uvs(&self, prefix: &ImagePath, found: Option<&Installation>) -> bool {
        let note = found.and_then(|found| self.tree.text(&found.library.join("EXTERNALLY-MANAGED")));
        if note.is_some_and(|note| memchr::memmem::find(note, b"managed by uv").is_some()) {
            return true;
        }
        let mut above = std::iter::successors(prefix.parent(), ImagePath::parent);
        let is_named = [&b"cpython-"[..], b"pypy-", b"graalpy-"].iter().any(|start| prefix.file_name().starts_with(start));
        is_named
            && above.next().is_some_and(|directory| directory.file_name() == b"python")
            && above.next().is_some_and(|directory| directory.file_name() == b"uv")
    }

    /// `versions/3.12.1` below a directory that holds pyenv's shims, or pyenv itself.
    fn is_pyenvs(&self, prefix: &ImagePath) -> bool {
        let Some(versions) = prefix.parent().filter(|parent| parent.file_name() == b"versions") else { return false };
        let Some(root) = versions.parent() else { return false };
        root.file_name() == b".pyenv"
            || ["shims", "libexec/pyenv", "bin/pyenv"].iter().any(|mark| self.tree.resolve(&root.join(mark)).is_ok())
    }

    /// The makefile of its build came with it, and says that it was made to stand where it stands.
    fn is_built_here(&self, found: &Installation) -> bool {
        let prefix = self.variables.and_then(|variables| variables.prefix.as_deref()).and_then(ImagePath::new);
        !SYSTEM.contains(&found.prefix.as_bytes()) && prefix.as_ref() == Some(&found.prefix) && self.has_makefile(found)
    }

    fn has_makefile(&self, found: &Installation) -> bool {
        let Ok(library) = self.tree.resolve(&found.library) else { return false };
        self.tree
            .children(library.node)
            .any(|(name, id)| (name == b"config" || name.starts_with(b"config-")) && self.tree.child(id, b"Makefile").is_some())
    }

    fn reason(&self, prefix: &ImagePath) -> String {
        let built_for = self.variables.and_then(|variables| variables.prefix.as_ref());
        match built_for.filter(|built_for| ImagePath::new(built_for.as_str()).as_ref() != Some(prefix)) {
            _ if SYSTEM.contains(&prefix.as_bytes()) => {
                format!("it stands in `{prefix}`, where packages of the system are, but no list that was read names it")
            }
            Some(built_for) => format!("it was built for `{built_for}`, and nothing in `{prefix}` says what brought it there"),
            None => format!("nothing in `{prefix}` says what brought it"),
        }
    }
}

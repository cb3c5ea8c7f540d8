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
        let is_condas = |path: &ImagePath| self.packages.conda_owner(path).is_some();
        if is_condas(self.path) || self.library.is_some_and(is_condas) {
            return Fact::Known(InterpreterSource::Conda);
        }
        let found = self.installation.filter(|installation| installation.found);
        let Some(prefix) = found.map_or_else(|| self.path.parent()?.parent(), |found| Some(found.prefix.clone())) else {
            return Fact::Unknown("nothing says what brought it".into());
        };
        let source = if self.is_uvs(&prefix, found) {
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

#[cfg(test)]
mod tests {
    use crate::{
        extract::python::source,
        facts::{Fact, InterpreterSource},
        introspect::{
            Context,
            conda::CondaPrefixes,
            interpreters::{Machine, interpreters},
            package_files::PackageFiles,
            survey::Survey,
            test_tree::TestTree,
        },
    };

    /// What brought the one interpreter of a tree.
    fn brought(tree: &TestTree) -> Fact<InterpreterSource> {
        let survey = Survey::of(tree.tree());
        let files = PackageFiles::of(tree.tree(), &[]).with_conda(CondaPrefixes::of(tree.tree(), &survey));
        let machine =
            Machine { tree: tree.tree(), survey: &survey, files: &files, packages: &[], context: &Context::default() };
        let (found, _) = interpreters(&machine);
        assert_eq!(found.len(), 1);
        found[0].facts.source.clone()
    }

    /// A CPython 3.12 in a prefix, built for another.
    fn installed(prefix: &str, built_for: &str) -> TestTree {
        let mut tree = TestTree::new();
        let library = format!("{prefix}/lib/python3.12");
        tree.cpython(&format!("{prefix}/bin/python3.12"), "3.12.1", &library);
        let variables = format!("build_time_vars = {{'prefix': '{built_for}', 'WITH_PYMALLOC': 1}}\n");
        tree.python(&format!("{library}/_sysconfigdata__linux_x86_64-linux-gnu.py"), source(variables.as_bytes()));
        tree.empty(&format!("{library}/config-3.12-x86_64-linux-gnu/Makefile"));
        tree
    }

    #[test]
    fn what_was_built_for_where_it_stands_came_from_its_sources() {
        assert_eq!(brought(&installed("/usr/local", "/usr/local")), Fact::Known(InterpreterSource::Build));
        let moved = brought(&installed("/opt/python", "/install"));
        let reason = "it was built for `/install`, and nothing in `/opt/python` says what brought it there";
        assert_eq!(moved, Fact::Unknown(reason.into()));
        assert!(matches!(brought(&installed("/usr", "/usr")), Fact::Unknown(_)), "a list of packages may be gone");
    }

    #[test]
    fn a_package_of_the_system_is_one_wherever_it_was_built_for() {
        let mut tree = installed("/usr", "/usr");
        tree.text("/var/lib/dpkg/info/python3.12.list", "/usr/bin/python3.12\n");
        assert_eq!(brought(&tree), Fact::Known(InterpreterSource::OsPackage));
    }

    /// By the layouts that conda, uv and pyenv document.
    #[test]
    fn installers_leave_their_marks() {
        let mut conda = installed("/opt/conda", "/opt/conda");
        conda.conda(
            "/opt/conda/conda-meta/python-3.12.1-h1_0_cpython.json",
            r#"{"name": "python", "version": "3.12.1", "files": ["bin/python3.12"]}"#,
        );
        assert_eq!(brought(&conda), Fact::Known(InterpreterSource::Conda));
        let mut uv = installed("/python", "/python");
        uv.text(
            "/python/lib/python3.12/EXTERNALLY-MANAGED",
            "[externally-managed]\nError=This Python installation is managed by uv.\n",
        );
        assert_eq!(brought(&uv), Fact::Known(InterpreterSource::Uv));
        let home = "/root/.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu";
        assert_eq!(brought(&installed(home, home)), Fact::Known(InterpreterSource::Uv));
        let mut pyenv = installed("/srv/pyenv/versions/3.12.1", "/srv/pyenv/versions/3.12.1");
        assert_eq!(brought(&pyenv), Fact::Known(InterpreterSource::Build), "nothing says that it is pyenv's");
        pyenv.directory("/srv/pyenv/shims");
        assert_eq!(brought(&pyenv), Fact::Known(InterpreterSource::Pyenv));
    }

    #[test]
    fn a_note_of_debians_is_none_of_uvs() {
        let mut tree = installed("/opt/python", "/opt/python");
        tree.text("/opt/python/lib/python3.12/EXTERNALLY-MANAGED", "[externally-managed]\nError=use apt\n");
        assert_eq!(brought(&tree), Fact::Known(InterpreterSource::Build));
    }
}

//! Names that the path does not decide, or only a part of it: what is compiled in or frozen, and what is loaded before a script's
//! directory is on the path; never what any directory holds.

use std::collections::HashSet;

use crate::image::ImagePath;

use super::runtime::{Implementation, Runtime};

/// Frozen into CPython since 3.11, though the library holds their files too.
const FROZEN: &[&str] = &[
    "_collections_abc",
    "_sitebuiltins",
    "abc",
    "codecs",
    "genericpath",
    "io",
    "ntpath",
    "os",
    "posixpath",
    "runpy",
    "site",
    "stat",
];

/// What every Python 3 has loaded when it comes to the script.
const STARTED: &[&str] = &[
    "_collections_abc",
    "_sitebuiltins",
    "abc",
    "codecs",
    "encodings",
    "genericpath",
    "io",
    "os",
    "posixpath",
    "site",
    "stat",
];

/// What Python 2.7 has.
const STARTED_2: &[&str] = &[
    "UserDict",
    "_abcoll",
    "_weakrefset",
    "abc",
    "codecs",
    "copy_reg",
    "encodings",
    "genericpath",
    "linecache",
    "os",
    "posixpath",
    "site",
    "stat",
    "types",
    "warnings",
];

/// Names that some entries of a path cannot give.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    builtin: HashSet<&'static str>,
    frozen: &'static [&'static str],
    started: &'static [&'static str],
    /// Where frozen modules have their files.
    library: Vec<ImagePath>,
    script_directory: Option<ImagePath>,
}

impl Settled {
    /// What is settled by one runtime with these builtin modules, whose library stands in these directories or archives.
    pub(crate) fn new(
        runtime: &Runtime,
        builtin: &[&'static str],
        library: Vec<ImagePath>,
        script_directory: Option<ImagePath>,
    ) -> Self {
        let is_cpython = runtime.implementation == Implementation::CPython;
        let is_frozen = is_cpython && runtime.major == 3 && runtime.minor >= 11;
        Self {
            builtin: builtin.iter().copied().collect(),
            frozen: if is_frozen { FROZEN } else { &[] },
            started: match (is_cpython, runtime.major) {
                (false, _) => &[],
                (true, 2) => STARTED_2,
                (true, _) => STARTED,
            },
            library,
            script_directory,
        }
    }

    /// What builtin modules alone settle.
    pub(crate) fn builtin(builtin: &[&'static str]) -> Self {
        Self { builtin: builtin.iter().copied().collect(), ..Self::default() }
    }

    /// Whether the entry at this position of the path cannot give this top-level module.
    pub(crate) fn bars(&self, position: usize, entry: &ImagePath, name: &str) -> bool {
        self.builtin.contains(name)
            || (self.frozen.contains(&name) && !self.library.contains(entry))
            || (position == 0 && self.script_directory.as_ref() == Some(entry) && self.started.contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::Settled;
    use crate::{
        image::ImagePath,
        introspect::{finder::modules_on_path, runtime::Runtime, test_tree::TestTree},
    };

    /// Each module that hides anything: its name, its file, what it hides.
    fn hiding(tree: &TestTree, path: &[&str], runtime: &Runtime) -> Vec<String> {
        let at = |path: &str| ImagePath::new(path).expect("valid");
        let path: Vec<_> = path.iter().map(|entry| at(entry)).collect();
        let settled = Settled::new(runtime, &["sys"], vec![at("/lib")], Some(at("/app")));
        let (modules, _) = modules_on_path(tree.tree(), &path, &[], runtime, &settled);
        let shown = modules.iter().filter(|module| !module.hides.is_empty()).map(|module| {
            let file = module.file.as_ref().map_or("-".to_owned(), |(path, _)| path.to_string());
            let hides: Vec<_> = module.hides.iter().map(|(path, _)| path.to_string()).collect();
            format!("{} {file} hides {}", module.name, hides.join(" "))
        });
        shown.collect()
    }

    #[test]
    fn the_first_on_the_path_hides_the_later_ones() {
        let mut tree = TestTree::new();
        for file in ["/app/random.py", "/lib/random.py", "/site/random/__init__.py", "/site/random.py", "/lib/json/__init__.py"]
        {
            tree.empty(file);
        }
        assert_eq!(
            hiding(&tree, &["/app", "/lib", "/site"], &Runtime::cpython(3, 12)),
            ["random /app/random.py hides /lib/random.py /site/random/__init__.py /site/random.py"]
        );
    }

    #[test]
    fn in_one_directory_a_package_hides_a_module_and_an_extension_its_source() {
        let mut tree = TestTree::new();
        for file in ["/a/m/__init__.so", "/a/m/__init__.py", "/a/m.py", "/a/n.so", "/a/n.py", "/a/n.pyc", "/a/o.py", "/a/o.pyc"]
        {
            tree.empty(file);
        }
        assert_eq!(
            hiding(&tree, &["/a"], &Runtime::cpython(3, 12)),
            ["m /a/m/__init__.so hides /a/m/__init__.py /a/m.py", "n /a/n.so hides /a/n.py"]
        );
    }

    #[test]
    fn a_file_does_not_hide_itself() {
        let mut tree = TestTree::new();
        tree.empty("/lib/pkg/__init__.py");
        tree.empty("/lib/one.so");
        tree.symlink("/lib/one.abi3.so", "one.so");
        tree.symlink("/lib64", "lib");
        assert!(hiding(&tree, &["/lib", "/lib64", "/lib"], &Runtime::cpython(3, 12)).is_empty());
    }

    #[test]
    fn a_namespace_hides_nothing() {
        let mut tree = TestTree::new();
        for file in ["/a/x/deep.py", "/b/x.py", "/c/x/__init__.py"] {
            tree.empty(file);
        }
        assert_eq!(hiding(&tree, &["/a", "/b", "/c"], &Runtime::cpython(3, 12)), ["x /b/x.py hides /c/x/__init__.py"]);
    }

    #[test]
    fn what_is_compiled_in_hides_every_file_of_its_name() {
        let mut tree = TestTree::new();
        tree.empty("/app/sys.py");
        tree.empty("/site/sys/__init__.py");
        assert_eq!(
            hiding(&tree, &["/app", "/site"], &Runtime::cpython(3, 12)),
            ["sys - hides /app/sys.py /site/sys/__init__.py"]
        );
    }

    #[test]
    fn what_is_loaded_before_the_script_is_the_librarys() {
        let mut tree = TestTree::new();
        for file in ["/app/os.py", "/app/types.py", "/other/os.py", "/lib/os.py", "/lib/types.py"] {
            tree.empty(file);
        }
        let path = ["/app", "/other", "/lib"];
        // Frozen, it is the interpreter's whatever `PYTHONPATH` says.
        assert_eq!(
            hiding(&tree, &path, &Runtime::cpython(3, 11)),
            ["os /lib/os.py hides /app/os.py /other/os.py", "types /app/types.py hides /lib/types.py"]
        );
        assert_eq!(
            hiding(&tree, &path, &Runtime::cpython(3, 10)),
            ["os /other/os.py hides /app/os.py /lib/os.py", "types /app/types.py hides /lib/types.py"]
        );
        assert_eq!(
            hiding(&tree, &["/app", "/lib"], &Runtime::cpython(2, 7)),
            ["os /lib/os.py hides /app/os.py", "types /lib/types.py hides /app/types.py"]
        );
    }
}

//! What the `site` module does to `sys.path` when an interpreter starts; never how the interpreter was found.

use std::collections::HashSet;

use crate::{
    extract::pth::{ByteOrderMark, PthLine, pth},
    facts::Completeness,
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::runtime::Runtime;

/// How a release of Python reads `.pth` files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PthRules {
    pub(crate) mark: ByteOrderMark,
    /// Whether files whose names begin with a dot count.
    pub(crate) hidden: bool,
}

impl PthRules {
    /// The rules of a release: the mark is skipped from 3.13 on; hidden files are passed over from 3.13 on, and from the
    /// releases of early 2024 in the older series. A release that is not known is taken for the newest of its series.
    pub(crate) fn of(runtime: &Runtime, version: Option<&str>) -> Self {
        let (major, minor) = (runtime.major, runtime.minor);
        let newest = (major, minor) >= (3, 13);
        let first = match (major, minor) {
            _ if newest => Some(0),
            (3, 12) => Some(2),
            (3, 11) => Some(8),
            (3, 10) => Some(14),
            (3, 8 | 9) => Some(19),
            _ => None,
        };
        let patch = version.and_then(patch_number);
        let passes_over = first.is_some_and(|first| patch.is_none_or(|patch| patch >= first));
        Self { mark: if newest { ByteOrderMark::Skip } else { ByteOrderMark::Keep }, hidden: !passes_over }
    }
}

/// The third number of a version: 2 of `3.15.2rc1`.
fn patch_number(version: &str) -> Option<u32> {
    version.split('.').nth(2)?.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// The path while it is put together: entries in order, each text once.
#[derive(Debug)]
pub(crate) struct SearchPath<'tree> {
    tree: &'tree Tree,
    rules: PthRules,
    pub(crate) entries: Vec<ImagePath>,
    known: HashSet<ImagePath>,
    /// Whether `entries` is sure.
    pub(crate) complete: Completeness,
    /// Why the modules that can be imported may be more than those on the path.
    pub(crate) hooks: Completeness,
}

impl<'tree> SearchPath<'tree> {
    /// An empty path.
    pub(crate) fn new(tree: &'tree Tree, rules: PthRules) -> Self {
        Self {
            tree,
            rules,
            entries: Vec::new(),
            known: HashSet::new(),
            complete: Completeness::Complete,
            hooks: Completeness::Complete,
        }
    }

    /// Appends an entry that was not there, whether it exists or not.
    pub(crate) fn push(&mut self, entry: ImagePath) {
        if self.known.insert(entry.clone()) {
            self.entries.push(entry);
        }
    }

    /// `site.addsitedir`, where the directory exists: the directory itself, then what its `.pth` files add.
    pub(crate) fn add_site_directory(&mut self, directory: &ImagePath) {
        let Ok(resolved) = self.tree.resolve(directory) else { return };
        if !self.tree.node(resolved.node).is_directory() {
            return;
        }
        self.push(directory.clone());
        // The tree's names are sorted bytes, as `sorted(names)` sorts them.
        let names: Vec<(Vec<u8>, NodeId)> = self
            .tree
            .children(resolved.node)
            .filter(|(name, _)| name.ends_with(b".pth") && (self.rules.hidden || !name.starts_with(b".")))
            .map(|(name, id)| (name.to_vec(), id))
            .collect();
        for (name, _) in names {
            self.add_pth_file(directory, &directory.join(&name));
        }
    }

    fn add_pth_file(&mut self, directory: &ImagePath, file: &ImagePath) {
        // A link that leads nowhere, and a directory of that name, are passed over by `site` too.
        if !self.tree.resolve(file).is_ok_and(|resolved| self.tree.node(resolved.node).is_file()) {
            return;
        }
        let Some(text) = self.tree.text(file) else {
            self.complete.lacks(format!("`{file}` could not be read"));
            return;
        };
        for line in pth(text, self.rules.mark) {
            match line {
                PthLine::Path(relative) => {
                    let entry = directory.join(relative.as_bytes());
                    if self.tree.resolve(&entry).is_ok() {
                        self.push(entry);
                    }
                }
                PthLine::Import(code) => self.run(file, &code),
            }
        }
    }

    /// An `import` line is code. Some generated kinds are known to leave the path alone.
    fn run(&mut self, file: &ImagePath, code: &str) {
        let name = String::from_utf8_lossy(file.file_name());
        if name == "distutils-precedence.pth" && code.contains("__import__('_distutils_hack')") {
            // setuptools: `distutils` is then its own copy, whose modules are on the path anyway.
        } else if (name.starts_with("__editable__") && code.contains("_finder")) || is_editable_hook(&name) {
            self.hooks.lacks(format!("`{file}` adds an import hook for an editable installation"));
        } else if name.ends_with("-nspkg.pth") && code.starts_with("import sys, types, os;") {
            // setuptools: declares a namespace package for a directory that is one by PEP 420 already.
        } else if name == "_virtualenv.pth" && code.trim_end() == "import _virtualenv" {
            // virtualenv: keeps `distutils` from reading the machine's configuration.
        } else {
            self.complete.lacks(format!("`{file}` runs code when Python starts"));
        }
    }
}

/// Files of `editables` (hatchling, pdm) and scikit-build-core, whose code is an import hook.
fn is_editable_hook(name: &str) -> bool {
    name.starts_with("_editable_impl_") || (name.starts_with('_') && name.ends_with("_editable.pth"))
}

#[cfg(test)]
mod tests {
    use super::{PthRules, SearchPath};
    use crate::{
        extract::pth::ByteOrderMark,
        facts::Completeness,
        image::ImagePath,
        introspect::{runtime::Runtime, test_tree::TestTree},
    };

    const NEWEST: PthRules = PthRules { mark: ByteOrderMark::Skip, hidden: false };

    fn site(tree: &TestTree, directories: &[&str]) -> (Vec<String>, Completeness, Completeness) {
        site_by(NEWEST, tree, directories)
    }

    fn site_by(rules: PthRules, tree: &TestTree, directories: &[&str]) -> (Vec<String>, Completeness, Completeness) {
        let mut path = SearchPath::new(tree.tree(), rules);
        for directory in directories {
            path.add_site_directory(&ImagePath::new(directory).expect("valid"));
        }
        (path.entries.iter().map(ToString::to_string).collect(), path.complete, path.hooks)
    }

    #[test]
    fn pth_lines_add_what_exists_once_and_in_order_of_names() {
        let mut tree = TestTree::new();
        tree.text("/s/b.pth", "../lib-b\n# ../commented\nmissing\n");
        tree.text("/s/a.pth", "/abs\n../lib-b\n");
        tree.text("/s/.hidden.pth", "/hidden\n");
        tree.directory("/lib-b");
        tree.directory("/abs");
        tree.directory("/hidden");
        let (entries, complete, _) = site(&tree, &["/missing", "/s", "/s"]);
        assert_eq!(entries, ["/s", "/abs", "/lib-b"]);
        assert!(complete.is_complete());
    }

    #[test]
    fn older_releases_read_hidden_files_and_keep_the_mark() {
        let mut tree = TestTree::new();
        tree.text("/s/.hidden.pth", "/hidden\n");
        tree.text("/s/a.pth", "\u{feff}/abs\n");
        tree.directory("/hidden");
        tree.directory("/abs");
        let by = |major, minor, version| {
            let runtime = Runtime::cpython(major, minor);
            site_by(PthRules::of(&runtime, version), &tree, &["/s"]).0
        };
        assert_eq!(by(3, 13, Some("3.13.0")), ["/s", "/abs"]);
        assert_eq!(by(3, 12, Some("3.12.2")), ["/s"]);
        assert_eq!(by(3, 12, None), ["/s"]);
        assert_eq!(by(3, 12, Some("3.12.1")), ["/s", "/hidden"]);
        assert_eq!(by(3, 7, Some("3.7.17")), ["/s", "/hidden"]);
        assert_eq!(by(2, 7, Some("2.7.18")), ["/s", "/hidden"]);
    }

    #[test]
    fn a_directory_that_a_pth_file_adds_has_its_own_pth_files_ignored() {
        let mut tree = TestTree::new();
        tree.text("/s/a.pth", "/more\n");
        tree.text("/more/b.pth", "/evenmore\n");
        tree.directory("/evenmore");
        assert_eq!(site(&tree, &["/s"]).0, ["/s", "/more"]);
    }

    #[test]
    fn code_in_a_pth_file_makes_the_path_unsure() {
        let mut tree = TestTree::new();
        tree.text("/s/hook.pth", "import hook; hook.install()\n");
        let (_, complete, hooks) = site(&tree, &["/s"]);
        assert!(!complete.is_complete());
        assert!(hooks.is_complete());
    }

    #[test]
    fn known_generated_code_leaves_the_path_sure() {
        let mut tree = TestTree::new();
        tree.text(
            "/s/distutils-precedence.pth",
            "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; \
             enabled and __import__('_distutils_hack').add_shim(); \n",
        );
        tree.text("/s/_virtualenv.pth", "import _virtualenv");
        tree.text(
            "/s/__editable__.shop-1.0.pth",
            "import __editable___shop_1_0_finder; __editable___shop_1_0_finder.install()\n",
        );
        let (_, complete, hooks) = site(&tree, &["/s"]);
        assert!(complete.is_complete());
        assert!(!hooks.is_complete(), "modules that the hook finds are not on the path");
    }
}

//! What the `site` module does to `sys.path` when an interpreter starts; never how the interpreter was found.

use std::collections::HashSet;

use crate::{
    extract::{
        FileFacts,
        pth::{ByteOrderMark, Margin, PthLine, pth},
        start::start,
    },
    facts::{Completeness, EditableHook, Special},
    filesystem::Tree,
    image::ImagePath,
};

use super::runtime::{Implementation, Runtime};

/// How a release of Python reads `.pth` files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PthRules {
    pub(crate) mark: ByteOrderMark,
    pub(crate) margin: Margin,
    /// Whether files whose names begin with a dot count.
    pub(crate) hidden: bool,
    /// Whether there are `.start` files (PEP 829).
    pub(crate) start: bool,
}

impl PthRules {
    /// The rules of a release: the mark is skipped from 3.13 on, white space before a line and `.start` files count from 3.15 on; hidden files are passed over from 3.13 on, and from the
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
        let start = runtime.implementation == Implementation::CPython && (major, minor) >= (3, 15);
        Self {
            mark: if newest { ByteOrderMark::Skip } else { ByteOrderMark::Keep },
            margin: if start { Margin::Skip } else { Margin::Keep },
            hidden: !passes_over,
            start,
        }
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
    /// Import hooks whose tables are known, each with its file.
    pub(crate) mapped: Vec<(ImagePath, EditableHook)>,
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
            mapped: Vec::new(),
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
        let names: Vec<Vec<u8>> = self
            .tree
            .children(resolved.node)
            .map(|(name, _)| name.to_vec())
            .filter(|name| self.rules.hidden || !name.starts_with(b"."))
            .collect();
        let files = |ending: &'static [u8]| names.iter().filter(move |name| name.ends_with(ending));
        for name in files(b".pth") {
            self.add_pth_file(directory, &directory.join(name));
        }
        if self.rules.start {
            for name in files(b".start") {
                self.add_start_file(&directory.join(name));
            }
        }
    }

    fn add_pth_file(&mut self, directory: &ImagePath, file: &ImagePath) {
        if !self.is_file(file) {
            return;
        }
        let Some(text) = self.tree.text(file) else {
            self.complete.lacks(format!("`{file}` could not be read"));
            return;
        };
        let is_replaced = self.has_start_file(file);
        for line in pth(text, self.rules.mark, self.rules.margin) {
            match line {
                PthLine::Path(relative) => {
                    let entry = directory.join(relative.as_bytes());
                    if self.tree.resolve(&entry).is_ok() {
                        self.push(entry);
                    }
                }
                PthLine::Import(code) if !is_replaced => self.run(file, &code),
                PthLine::Import(_) => {}
            }
        }
    }

    /// A link that leads nowhere, and a directory of that name, are passed over by `site` too.
    fn is_file(&self, file: &ImagePath) -> bool {
        self.tree.resolve(file).is_ok_and(|resolved| self.tree.node(resolved.node).is_file())
    }

    /// Whether a `.start` file stands beside a `.pth` file, which disables the code in that.
    fn has_start_file(&self, file: &ImagePath) -> bool {
        let name = file.file_name().strip_suffix(b".pth").unwrap_or_default();
        let beside = file.parent().map(|directory| directory.join([name, b".start"].concat()));
        let text = beside.filter(|_| self.rules.start).and_then(|beside| self.tree.text(&beside));
        text.is_some_and(|text| start(text).is_some())
    }

    /// What the functions of a `.start` file do is not known, but for those that install the hook of an editable.
    fn add_start_file(&mut self, file: &ImagePath) {
        if !self.is_file(file) {
            return;
        }
        let Some(text) = self.tree.text(file) else {
            self.complete.lacks(format!("`{file}` could not be read"));
            return;
        };
        for (module, function) in start(text).unwrap_or_default() {
            match self.hook(&module) {
                Some((place, hook @ EditableHook::Setuptools { .. })) if function == "install" => {
                    self.mapped.push((place, hook))
                }
                _ => self.complete.lacks(format!("`{file}` calls `{module}:{function}` when Python starts")),
            }
        }
    }

    /// The hook that a module is, found on the path as it is so far.
    fn hook(&self, module: &str) -> Option<(ImagePath, EditableHook)> {
        let name = format!("{module}.py");
        let place = self.entries.iter().map(|entry| entry.join(&name)).find(|place| self.is_file(place))?;
        match self.tree.facts(&place)? {
            FileFacts::Python(source) => match source.special.as_deref()? {
                Special::Hook(hook) => Some((place, hook.clone())),
                Special::Build(_) => None,
            },
            _ => None,
        }
    }

    /// The hook that a line adds: `import hook`, and a call of its `install` where it does not do that itself.
    fn added_hook(&self, code: &str) -> Option<(ImagePath, EditableHook)> {
        let (module, call) = match code.strip_prefix("import")?.trim().split_once(';') {
            Some((module, call)) => (module.trim(), Some(call.trim())),
            None => (code.strip_prefix("import")?.trim(), None),
        };
        let (place, hook) = self.hook(module)?;
        let is_whole = match hook {
            EditableHook::Setuptools { .. } => call.is_some_and(|call| call == format!("{module}.install()")),
            EditableHook::Editables(_) | EditableHook::ScikitBuild { .. } => call.is_none(),
        };
        is_whole.then_some((place, hook))
    }

    /// An `import` line is code. Some generated kinds are known to leave the path alone.
    fn run(&mut self, file: &ImagePath, code: &str) {
        let name = String::from_utf8_lossy(file.file_name());
        if let Some(added) = self.added_hook(code) {
            self.mapped.push(added);
        } else if name == "distutils-precedence.pth" && code.contains("__import__('_distutils_hack')") {
            // setuptools: `distutils` is then its own copy, whose modules are on the path anyway.
        } else if (name.starts_with("__editable__") && code.contains("_finder")) || is_editable_hook(&name) {
            self.hooks
                .lacks(format!("`{file}` adds an import hook for an editable installation, whose tables could not be read"));
        } else if builds_on_import(code) {
            self.hooks.lacks(format!("`{file}` adds an import hook that builds its package, and finds what that gives"));
        } else if name.ends_with("-nspkg.pth") && code.starts_with("import sys, types, os;") {
            // setuptools: declares a namespace package for a directory that is one by PEP 420 already.
        } else if name == "_virtualenv.pth" && code.trim_end() == "import _virtualenv" {
            // virtualenv: keeps `distutils` from reading the machine's configuration.
        } else {
            self.complete.lacks(format!("`{file}` runs code when Python starts"));
        }
    }
}

/// meson-python: `import _shop_editable_loader; _shop_editable_loader.init()`, or `install()`, whose hook knows where a build is.
fn builds_on_import(code: &str) -> bool {
    let Some((module, call)) = code.strip_prefix("import ").and_then(|rest| rest.split_once(';')) else { return false };
    let call = call.trim().strip_prefix(module).unwrap_or_default();
    module.ends_with("_editable_loader") && (call == ".init()" || call.starts_with(".install("))
}

/// Files of `editables` (hatchling, pdm) and scikit-build-core, whose code is an import hook.
fn is_editable_hook(name: &str) -> bool {
    name.starts_with("_editable_impl_") || (name.starts_with('_') && name.ends_with("_editable.pth"))
}

#[cfg(test)]
mod tests {
    use super::{PthRules, SearchPath};
    use crate::{
        extract::{
            pth::{ByteOrderMark, Margin},
            python::source,
        },
        facts::Completeness,
        image::ImagePath,
        introspect::{runtime::Runtime, test_tree::TestTree},
    };

    const NEWEST: PthRules = PthRules { mark: ByteOrderMark::Skip, margin: Margin::Keep, hidden: false, start: false };

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

    #[test]
    fn from_3_15_on_start_files_take_the_place_of_code_in_pth_files() {
        let mut tree = TestTree::new();
        tree.text("/s/a.pth", "  /more\nimport a\n");
        tree.text("/s/a.start", "# nothing\n");
        tree.directory("/more");
        let by = |tree: &TestTree, minor| site_by(PthRules::of(&Runtime::cpython(3, minor), None), tree, &["/s"]);
        let (entries, complete, _) = by(&tree, 15);
        assert_eq!((entries.as_slice(), complete.is_complete()), (["/s".to_owned(), "/more".to_owned()].as_slice(), true));
        let (entries, complete, _) = by(&tree, 14);
        assert_eq!((entries.as_slice(), complete.is_complete()), (["/s".to_owned()].as_slice(), false), "3.14 runs the line");
        tree.text("/s/b.start", "relative\nhook:go\n");
        let told = Completeness::Incomplete(vec!["`/s/b.start` calls `hook:go` when Python starts".into()]);
        assert_eq!(by(&tree, 15).1, told);
    }

    #[test]
    fn hooks_whose_tables_are_known_leave_nothing_unsure() {
        let hook = "MAPPING = {'shop': '/srv/shop'}\nNAMESPACES = {}\nclass _EditableFinder: pass\ndef install(): pass\n";
        let with = |line: &str| {
            let mut tree = TestTree::new();
            tree.python("/s/hook.py", source(hook.as_bytes()));
            tree.text("/s/a.pth", line);
            let mut path = SearchPath::new(tree.tree(), NEWEST);
            path.add_site_directory(&ImagePath::new("/s").expect("valid"));
            (path.mapped.len(), path.complete.is_complete(), path.hooks.is_complete())
        };
        assert_eq!(with("import hook; hook.install()"), (1, true, true));
        assert_eq!(with("import hook"), (0, false, true), "it installs nothing, but what else?");
        assert_eq!(with("import hook; hook.install(); more()"), (0, false, true));
        assert_eq!(with("import _shop_editable_loader; _shop_editable_loader.init()"), (0, true, false));
    }
}

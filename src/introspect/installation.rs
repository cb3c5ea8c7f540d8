//! Where an interpreter finds its prefix and its standard library: CPython's `getpath` and PyPy's search; never `site`.

use crate::{extract::path_config::path_config, filesystem::Tree, image::ImagePath};

use super::{
    context::Context,
    interpreters::FoundInterpreter,
    runtime::{Implementation, Runtime},
};

/// Where an interpreter is installed.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    pub(crate) prefix: ImagePath,
    pub(crate) exec_prefix: ImagePath,
    /// The directory of the standard library.
    pub(crate) library: ImagePath,
    /// The directory of its shared modules, which CPython has on the path whether it exists or not.
    pub(crate) shared: Option<ImagePath>,
    /// The archive that CPython has on the path whether it exists or not.
    pub(crate) zip: Option<ImagePath>,
    /// `lib`, or `lib64` where the distribution has it so.
    pub(crate) library_directory: String,
    /// Whether the standard library was found there, rather than being assumed.
    pub(crate) found: bool,
    /// What an old virtualenv, which has no `pyvenv.cfg`, was made from.
    pub(crate) origin: Option<Origin>,
}

/// `orig-prefix.txt` in the library of an old virtualenv: its own `site` searches the interpreter's library too.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) file: ImagePath,
    /// The interpreter's prefix; absent where the file was not read.
    pub(crate) prefix: Option<ImagePath>,
    /// The interpreter's standard library there.
    pub(crate) library: Option<ImagePath>,
    /// Whether the interpreter's packages are seen too.
    pub(crate) site_packages: bool,
}

impl Installation {
    /// The installation that an interpreter finds when it is started, or that a virtual environment's `home` leads to.
    pub(crate) fn locate(
        tree: &Tree,
        interpreter: &FoundInterpreter,
        runtime: &Runtime,
        home: Option<&ImagePath>,
        context: &Context<'_>,
    ) -> Self {
        // 3.9 and later look for their library where this says, and nowhere else.
        let named_directory = context.variable("PYTHONPLATLIBDIR").filter(|_| obeys_library_directory(runtime));
        let finder = Search {
            tree,
            name: runtime.directory(),
            directories: named_directory.map_or(vec!["lib", "lib64"], |name| vec![name]),
        };
        // The file comes before any variable.
        if home.is_none()
            && let Some(file) = path_file(tree, runtime, &interpreter.path)
        {
            return finder.by_path_file(&file, runtime);
        }
        if let Some(named) = context.variable("PYTHONHOME") {
            let (prefix, exec_prefix) = named.split_once(':').unwrap_or((named, named));
            let at = |text: &str| ImagePath::new(context.working_directory()).unwrap_or_else(ImagePath::root).join(text);
            let (prefix, exec_prefix) = (at(prefix), at(exec_prefix));
            let library_directory = finder.library_directory(&prefix).unwrap_or(named_directory.unwrap_or("lib"));
            return finder.installation(prefix, exec_prefix, library_directory, runtime, true);
        }
        let own = interpreter.path.parent();
        let beside_library = interpreter.library.as_ref().and_then(ImagePath::parent);
        let compiled_in = ["/usr/local", "/usr"].into_iter().filter_map(ImagePath::new);
        let starts = [home.cloned(), own.clone(), beside_library].into_iter().flatten();
        let found = starts
            .clone()
            .find_map(|start| finder.upwards(start))
            .or_else(|| compiled_in.into_iter().find_map(|prefix| Some((finder.library_directory(&prefix)?, prefix))));
        let Some((library_directory, prefix)) = found else {
            let prefix = own.and_then(|bin| bin.parent()).unwrap_or_else(ImagePath::root);
            return finder.installation(prefix.clone(), prefix, named_directory.unwrap_or("lib"), runtime, false);
        };
        let exec_prefix = starts
            .into_iter()
            .find_map(|start| finder.shared_upwards(start, library_directory))
            .unwrap_or_else(|| prefix.clone());
        finder.installation(prefix, exec_prefix, library_directory, runtime, true)
    }
}

struct Search<'a> {
    tree: &'a Tree,
    /// `python3.11`.
    name: String,
    /// `lib`, then `lib64`: where the library may be below a prefix.
    directories: Vec<&'a str>,
}

impl<'a> Search<'a> {
    /// `lib` or `lib64`, by the landmark `os.py`.
    fn library_directory(&self, prefix: &ImagePath) -> Option<&'a str> {
        self.directories.iter().copied().find(|directory| self.is_library(&prefix.join(directory).join(&self.name)))
    }

    fn is_library(&self, directory: &ImagePath) -> bool {
        ["os.py", "os.pyc"].into_iter().any(|landmark| self.is_file(&directory.join(landmark)))
    }

    /// The installation of an interpreter beside which a `._pth` file stands: its directory is the prefix, and the library is
    /// the entry that looks like one.
    fn by_path_file(&self, file: &ImagePath, runtime: &Runtime) -> Installation {
        let prefix = file.parent().unwrap_or_else(ImagePath::root);
        let entries: Vec<ImagePath> = self
            .tree
            .text(file)
            .map(|text| path_config(text).paths.iter().map(|path| prefix.join(path)).collect())
            .unwrap_or_default();
        let shared = entries.iter().find(|entry| entry.file_name() == b"lib-dynload").cloned();
        let mut installation = self.installation(prefix.clone(), prefix, "lib", runtime, true);
        if let Some(library) = entries.into_iter().find(|entry| self.is_library(entry)) {
            installation.library = library;
        }
        Installation { shared, zip: None, ..installation }
    }

    /// The nearest directory, from `start` upwards but not the root, that holds the standard library.
    fn upwards(&self, start: ImagePath) -> Option<(&'a str, ImagePath)> {
        ancestors(start).find_map(|prefix| Some((self.library_directory(&prefix)?, prefix)))
    }

    fn shared_upwards(&self, start: ImagePath, library_directory: &str) -> Option<ImagePath> {
        ancestors(start).find(|prefix| {
            let shared = prefix.join(library_directory).join(&self.name).join("lib-dynload");
            self.tree.resolve(&shared).is_ok_and(|resolved| self.tree.node(resolved.node).is_directory())
        })
    }

    fn is_file(&self, path: &ImagePath) -> bool {
        self.tree.resolve(path).is_ok_and(|resolved| self.tree.node(resolved.node).is_file())
    }

    fn installation(
        &self,
        prefix: ImagePath,
        exec_prefix: ImagePath,
        library_directory: &str,
        runtime: &Runtime,
        found: bool,
    ) -> Installation {
        let library = prefix.join(library_directory).join(&self.name);
        let shared = (runtime.implementation == Implementation::CPython)
            .then(|| exec_prefix.join(library_directory).join(&self.name).join("lib-dynload"));
        let zip = runtime.zip().map(|zip| prefix.join(library_directory).join(zip));
        let origin = self.origin(&library);
        let library_directory = library_directory.to_owned();
        Installation { prefix, exec_prefix, library, shared, zip, library_directory, found, origin }
    }

    fn origin(&self, library: &ImagePath) -> Option<Origin> {
        let file = library.join("orig-prefix.txt");
        if !self.is_file(&file) {
            return None;
        }
        let text = self.tree.text(&file).map(|text| String::from_utf8_lossy(text).trim().to_owned());
        let prefix = text.and_then(ImagePath::new);
        Some(Origin {
            library: prefix.as_ref().map(|prefix| prefix.join("lib").join(&self.name)),
            prefix,
            file,
            site_packages: !self.is_file(&library.join("no-global-site-packages.txt")),
        })
    }
}

/// Whether `PYTHONPLATLIBDIR` counts: for CPython from 3.9 on.
pub(crate) fn obeys_library_directory(runtime: &Runtime) -> bool {
    runtime.implementation == Implementation::CPython && (runtime.major, runtime.minor) >= (3, 9)
}

/// `python3.11._pth` beside the executable or the file that it leads to, which CPython obeys from 3.11 on.
pub(crate) fn path_file(tree: &Tree, runtime: &Runtime, executable: &ImagePath) -> Option<ImagePath> {
    if runtime.implementation != Implementation::CPython || (runtime.major, runtime.minor) < (3, 11) {
        return None;
    }
    let resolved = tree.resolve(executable).ok().map(|resolved| resolved.path);
    let beside = |path: &ImagePath| Some(path.parent()?.join([path.file_name(), b"._pth"].concat()));
    [Some(executable), resolved.as_ref()].into_iter().flatten().filter_map(beside).find(|file| tree.resolve(file).is_ok())
}

/// A directory and those above it, without the root.
fn ancestors(start: ImagePath) -> impl Iterator<Item = ImagePath> {
    std::iter::successors(Some(start), ImagePath::parent).take_while(|path| !path.is_root())
}

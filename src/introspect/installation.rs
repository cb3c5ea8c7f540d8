//! Where an interpreter finds its prefix and its standard library: CPython's `getpath` and PyPy's search; never `site`.

use crate::{filesystem::Tree, image::ImagePath};

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
    pub(crate) library_directory: &'static str,
    /// Whether the standard library was found there, rather than being assumed.
    pub(crate) found: bool,
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
        let finder = Search { tree, name: runtime.directory() };
        if let Some(named) = context.variable("PYTHONHOME") {
            let (prefix, exec_prefix) = named.split_once(':').unwrap_or((named, named));
            let at = |text: &str| ImagePath::new(context.working_directory()).unwrap_or_else(ImagePath::root).join(text);
            let (prefix, exec_prefix) = (at(prefix), at(exec_prefix));
            let library_directory = finder.library_directory(&prefix).unwrap_or("lib");
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
            return finder.installation(prefix.clone(), prefix, "lib", runtime, false);
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
}

impl Search<'_> {
    /// `lib` or `lib64`, by the landmark `os.py`.
    fn library_directory(&self, prefix: &ImagePath) -> Option<&'static str> {
        ["lib", "lib64"].into_iter().find(|directory| {
            let library = prefix.join(directory).join(&self.name);
            ["os.py", "os.pyc"].into_iter().any(|landmark| self.is_file(&library.join(landmark)))
        })
    }

    /// The nearest directory, from `start` upwards but not the root, that holds the standard library.
    fn upwards(&self, start: ImagePath) -> Option<(&'static str, ImagePath)> {
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
        library_directory: &'static str,
        runtime: &Runtime,
        found: bool,
    ) -> Installation {
        let library = prefix.join(library_directory).join(&self.name);
        let shared = (runtime.implementation == Implementation::CPython)
            .then(|| exec_prefix.join(library_directory).join(&self.name).join("lib-dynload"));
        let zip = runtime.zip().map(|zip| prefix.join(library_directory).join(zip));
        Installation { prefix, exec_prefix, library, shared, zip, library_directory, found }
    }
}

/// A directory and those above it, without the root.
fn ancestors(start: ImagePath) -> impl Iterator<Item = ImagePath> {
    std::iter::successors(Some(start), ImagePath::parent).take_while(|path| !path.is_root())
}

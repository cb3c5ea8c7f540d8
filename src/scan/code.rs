//! A directory of Python sources, put into the environment that it is to run in; never one file alone, never an image.

use std::path::{Path, PathBuf};

use super::{
    Extractors, ScanError, ScanOptions,
    home::{Home, ModuleError, declare, empty, parsed_there, scan_home},
};
use crate::{
    facts::{Gap, Inventory},
    filesystem::{Tree, merge},
    image::ImagePath,
    introspect::{place, sources},
    layer::{ContentHashes, LayerOptions, Workers, read_directory},
    source::RootFileSystem,
};

/// Why nothing is known of what the code imports from elsewhere.
const NO_PYTHON: &str = "there is no Python here that the code could run with: its environment was not read";

/// A directory of sources.
#[derive(Debug, Clone)]
pub struct SourceTree {
    /// As it was named.
    shown: PathBuf,
    /// Where it is.
    directory: PathBuf,
    /// The directory that imports start from: above the packages that the directory lies in.
    root: PathBuf,
    /// The project that it belongs to: the nearest directory with a `pyproject.toml`.
    project: Option<PathBuf>,
}

impl SourceTree {
    /// Finds the packages and the project around a directory.
    pub fn open(path: &Path) -> Result<Self, ModuleError> {
        let directory = path.canonicalize().map_err(|error| ModuleError::Unread { path: path.to_owned(), error })?;
        let is_package = |directory: &Path| directory.join("__init__.py").is_file();
        let outside = directory.ancestors().find(|directory| !is_package(directory));
        let root = outside.unwrap_or(Path::new("/")).to_path_buf();
        let project = directory.ancestors().find(|directory| directory.join("pyproject.toml").is_file());
        let shown = if path == Path::new(".") { PathBuf::new() } else { path.components().collect() };
        Ok(Self { shown, project: project.map(Path::to_path_buf), directory, root })
    }

    /// The project that it belongs to.
    pub fn project(&self) -> Option<&Path> {
        self.project.as_deref()
    }

    /// The directory as a path of the tree whose root is [`Self::root`].
    fn within(&self) -> ImagePath {
        let below = self.directory.strip_prefix(&self.root).unwrap_or(Path::new(""));
        ImagePath::root().join(below.as_os_str().as_encoded_bytes())
    }

    /// The files that are read: the directory, and the initialisers of the packages around it.
    fn wanted(&self) -> Vec<ImagePath> {
        let directory = self.within();
        let around = std::iter::successors(directory.parent(), ImagePath::parent);
        let initialisers = around.filter(|package| !package.is_root()).map(|package| package.join("__init__.py"));
        initialisers.chain([directory.clone()]).collect()
    }

    /// A path of the tree as a person would name it.
    fn shown(&self, path: &str) -> String {
        let directory = self.within().to_string();
        let below = match directory.as_str() {
            "/" => path.strip_prefix('/'),
            directory => path.strip_prefix(directory).and_then(|below| below.strip_prefix('/')),
        };
        match below {
            Some(below) => self.shown.join(below).display().to_string(),
            None => self.root.join(path.trim_start_matches('/')).display().to_string(),
        }
    }

    fn read(&self, options: &ScanOptions) -> Result<(Tree, Vec<Gap>), ScanError> {
        let workers = Workers::new(&options.limits)?;
        let extract = Extractors { zip: options.limits.zip, rpm: options.limits.rpm };
        let pass = LayerOptions {
            limits: &options.limits,
            hashes: ContentHashes::Leave,
            workers: &workers,
            extract: &extract,
            progress: None,
        };
        let root = RootFileSystem { path: self.root.clone(), machine: false, within: self.wanted(), sources: true };
        Ok(merge(vec![(None, read_directory(&root, &pass)?)], &options.limits))
    }
}

/// Puts a directory of sources where it is to run. Everything in it is the team's own.
pub fn scan_code(code: &SourceTree, home: &Home, options: &ScanOptions) -> Result<Inventory, ModuleError> {
    let mut inventory = match home {
        Home::Nowhere => {
            let mut inventory = empty("code", NO_PYTHON);
            inventory.environments.iter_mut().for_each(|environment| environment.modules_complete.lacks(NO_PYTHON));
            inventory
        }
        _ => scan_home(home, options)?,
    };
    let (tree, mut gaps) = code.read(options)?;
    let mut found = sources(&tree);
    for module in &mut found.modules {
        module.file = module.file.as_deref().map(|file| code.shown(file));
    }
    gaps.extend(found.gaps);
    for gap in &mut gaps {
        gap.place = code.shown(&gap.place);
    }
    gaps.extend(parsed_there(&inventory, &mut found.modules));
    for environment in &mut inventory.environments {
        place(environment, found.modules.clone());
        environment.modules_complete.lacks_all(&found.complete);
        declare(environment, code.project.as_deref(), options);
    }
    let shown = if code.shown.as_os_str().is_empty() { ".".into() } else { code.shown.display().to_string() };
    let target = &mut inventory.target;
    target.reference = if target.reference.is_empty() { shown } else { format!("{shown} in {}", target.reference) };
    target.source = "code".to_owned();
    inventory.gaps.extend(gaps);
    inventory.gaps.sort();
    inventory.gaps.dedup();
    Ok(inventory)
}

//! One source file and the files beside it that it imports, put into an environment: what is judged of a module that is in no image yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use smol_str::{SmolStr, format_smolstr};

use super::{
    ScanOptions,
    home::{Home, ModuleError, bytes, declare, parsed_there, scan_home},
};
use crate::{
    extract::{FileFacts, python_facts},
    facts::{ImportKind, Inventory, ModuleKind, PythonSource, absolute, parents},
    introspect::{PlacedModule, identifier, place},
};

/// Most files beside a module that are followed from import to import.
const MOST_FILES: usize = 2_000;

/// A source file that was read, with its name as a module.
#[derive(Debug, Clone)]
pub struct ModuleFile {
    /// Its full dotted name: the packages that its directory lies in count.
    pub name: String,
    /// The file, as it was named.
    pub path: PathBuf,
    source: Arc<PythonSource>,
    /// The packages that it lies in, the outermost first: their full names and directories.
    packages: Vec<(SmolStr, PathBuf)>,
    /// Where the files that it imports may stand, the first one first.
    roots: Vec<PathBuf>,
    /// The project that it belongs to.
    project: Option<PathBuf>,
}

impl ModuleFile {
    /// Reads a source file; its name is that of the file below the packages that hold it.
    pub fn read(path: &Path, options: &ScanOptions) -> Result<Self, ModuleError> {
        let unread = |error| ModuleError::Unread { path: path.to_owned(), error };
        let named = path.to_owned();
        let path = path.canonicalize().map_err(unread)?;
        let source = source(&path, options.limits.python_source)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut root = path.parent().unwrap_or(Path::new("/")).to_path_buf();
        let mut names = Vec::new();
        if stem != "__init__" {
            names.push(identifier(&stem));
        }
        // A relative import needs as many packages around the module, with an initialiser or without.
        let needed = source.imports.iter().map(|import| import.level as usize).max().unwrap_or(0);
        let is_initialiser = stem == "__init__";
        while (is_initialiser && names.is_empty())
            || root.join("__init__.py").is_file()
            || names.len() <= needed.saturating_sub(usize::from(is_initialiser))
        {
            let Some((name, above)) = root.file_name().zip(root.parent()) else { break };
            names.push(identifier(&name.to_string_lossy()));
            root = above.to_path_buf();
        }
        names.reverse();
        let depth = names.len() - usize::from(!is_initialiser);
        let mut directories: Vec<PathBuf> = path.ancestors().skip(1).take(depth).map(Path::to_path_buf).collect();
        directories.reverse();
        let packages = (1..=depth).filter_map(|count| Some(SmolStr::new(names.get(..count)?.join(".")))).zip(directories);
        let packages = packages.collect();
        let project = path.ancestors().skip(1).find(|directory| directory.join("pyproject.toml").is_file());
        let project = project.map(Path::to_path_buf);
        let beside = path.parent().map(Path::to_path_buf);
        let candidates = [project.as_ref().map(|project| project.join("src")), project.clone(), Some(root.clone()), beside];
        let mut roots: Vec<PathBuf> = Vec::new();
        for candidate in candidates.into_iter().flatten() {
            if !roots.contains(&candidate) {
                roots.push(candidate);
            }
        }
        Ok(Self { name: names.join("."), path: named, source, packages, roots, project })
    }

    /// Whether it imports anything when it runs.
    pub fn imports(&self) -> bool {
        self.source.imports.iter().any(|import| import.kind != ImportKind::TypeChecking)
    }

    /// The project that it belongs to: the nearest directory with a `pyproject.toml`.
    pub fn project(&self) -> Option<&Path> {
        self.project.as_deref()
    }

    /// What its source says.
    pub fn source(&self) -> &PythonSource {
        &self.source
    }
}

/// Puts a module where it is to run.
pub fn scan_module(module: &ModuleFile, home: &Home, options: &ScanOptions) -> Result<Inventory, ModuleError> {
    let mut inventory = scan_home(home, options)?;
    put_module(&mut inventory, module, options);
    Ok(inventory)
}

/// Puts a module, with the files beside it that it imports, into every environment of an inventory.
pub fn put_module(inventory: &mut Inventory, module: &ModuleFile, options: &ScanOptions) {
    let mut modules = placed(module, options);
    // What of them cannot be parsed shows in what is not known of them.
    parsed_there(inventory, &mut modules);
    for environment in &mut inventory.environments {
        place(environment, modules.clone());
        declare(environment, module.project.as_deref(), options);
    }
    let (shown, target) = (module.path.display(), &mut inventory.target);
    target.reference = if target.reference.is_empty() { shown.to_string() } else { format!("{shown} in {}", target.reference) };
}

/// The module, the packages that it lies in, and the files beside it that it imports, directly or through others.
fn placed(module: &ModuleFile, options: &ScanOptions) -> Vec<PlacedModule> {
    let mut found: BTreeMap<SmolStr, PlacedModule> = BTreeMap::new();
    let is_initialiser = module.path.file_name().is_some_and(|name| name == "__init__.py");
    let own = PlacedModule {
        name: SmolStr::new(&module.name),
        kind: if is_initialiser { ModuleKind::Package } else { ModuleKind::Source },
        file: Some(module.path.display().to_string()),
        source: Arc::clone(&module.source),
    };
    let mut waiting: BTreeSet<SmolStr> = wanted(&own);
    waiting.extend(parents(&module.name).map(SmolStr::new));
    found.insert(own.name.clone(), own);
    while let Some(name) = waiting.pop_first() {
        if found.len() >= MOST_FILES || found.contains_key(&name) {
            continue;
        }
        let Some(beside) = beside(module, &name, options) else { continue };
        waiting.extend(wanted(&beside));
        found.insert(name, beside);
    }
    found.into_values().collect()
}

/// The module of a name: in the packages that the module lies in, which go by the names of their directories, else in the roots.
fn beside(module: &ModuleFile, name: &SmolStr, options: &ScanOptions) -> Option<PlacedModule> {
    for (package, directory) in module.packages.iter().rev() {
        let Some(below) = name.strip_prefix(package.as_str()) else { continue };
        if below.is_empty() || below.starts_with('.') {
            return file_of(directory, below, name, options);
        }
    }
    module.roots.iter().find_map(|root| file_of(root, name, name, options))
}

/// The names that the imports of a module may lead to, with the packages on the way.
fn wanted(module: &PlacedModule) -> BTreeSet<SmolStr> {
    let is_package = module.is_package();
    let mut names = BTreeSet::new();
    for import in &module.source.imports {
        let Some(target) = absolute(&module.name, is_package, import) else { continue };
        names.extend(parents(&target).map(SmolStr::new));
        names.extend(import.names.iter().filter(|name| *name != "*").map(|name| format_smolstr!("{target}.{name}")));
        names.insert(target);
    }
    names.retain(|name| !name.is_empty() && !name.starts_with('.'));
    names
}

/// The module of a name below a directory: a package, a file, or a directory.
fn file_of(directory: &Path, below: &str, name: &SmolStr, options: &ScanOptions) -> Option<PlacedModule> {
    let path = below.split('.').filter(|part| !part.is_empty()).fold(directory.to_path_buf(), |path, part| path.join(part));
    let mut beside = path.clone().into_os_string();
    beside.push(".py");
    let files = [path.join("__init__.py"), PathBuf::from(beside)];
    if let Some(file) = files.iter().find(|file| file.is_file()) {
        let source = source(file, options.limits.python_source).ok()?;
        let kind = if file.ends_with("__init__.py") { ModuleKind::Package } else { ModuleKind::Source };
        return Some(PlacedModule { name: name.clone(), kind, file: Some(file.display().to_string()), source });
    }
    path.is_dir().then(|| PlacedModule { name: name.clone(), kind: ModuleKind::Namespace, file: None, source: Arc::default() })
}

fn source(path: &Path, limit: u64) -> Result<Arc<PythonSource>, ModuleError> {
    match python_facts(&bytes(path, limit)?) {
        FileFacts::Python(source) => Ok(source),
        _ => Err(ModuleError::Unread { path: path.to_owned(), error: io::Error::other("it is no Python source") }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{ModuleFile, scan_module};
    use crate::{
        facts::Inventory,
        limits::Limits,
        scan::{Home, ScanOptions},
    };

    /// What is known of a file of a project: its name as a module, and every module that it is judged beside.
    fn judged(files: &[(&str, &str)], file: &str) -> (String, Vec<String>) {
        let project = tempfile::tempdir().expect("a directory");
        for (name, text) in files {
            let path = project.path().join("my-project").join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        }
        let options = ScanOptions::new(None, Limits::default()).expect("no platform");
        let module = ModuleFile::read(&project.path().join("my-project").join(file), &options).expect("a module");
        let inventory: Inventory = scan_module(&module, &Home::Nowhere, &options).expect("nowhere");
        let modules = inventory.environments.iter().flat_map(|environment| &environment.modules);
        (module.name, modules.map(|module| module.name.to_string()).collect())
    }

    #[test]
    fn the_packages_around_a_file_are_in_its_name() {
        let files = [("pkg/__init__.py", ""), ("pkg/sub/__init__.py", ""), ("pkg/sub/my-tool.py", ""), ("lone.py", "")];
        assert_eq!(judged(&files, "pkg/sub/my-tool.py").0, "pkg.sub.my_tool");
        assert_eq!(judged(&files, "pkg/sub/__init__.py").0, "pkg.sub");
        assert_eq!(judged(&files, "lone.py").0, "lone");
    }

    #[test]
    fn a_relative_import_makes_a_package_of_the_directory() {
        let files = [("plugin.py", "from . import beside\nfrom .gone import x\n"), ("beside.py", "")];
        let (name, modules) = judged(&files, "plugin.py");
        assert_eq!(name, "my_project.plugin");
        assert_eq!(modules, ["my_project", "my_project.beside", "my_project.plugin"]);
    }

    #[test]
    fn files_of_the_project_are_followed_from_import_to_import() {
        let files = [
            ("pyproject.toml", ""),
            ("src/shop/__init__.py", ""),
            ("src/shop/cart.py", "import tools.money\n"),
            ("tools/money.py", "import shop.cart, os\n"),
            ("tools/unused.py", ""),
            ("plugin.py", "from shop.cart import Cart\n"),
        ];
        assert_eq!(judged(&files, "plugin.py").1, ["plugin", "shop", "shop.cart", "tools", "tools.money"]);
    }
}

//! Where this machine's Python is: the directories that make up one environment; never what is in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{extract::pyvenv::pyvenv, image::ImagePath};

/// A Python environment of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachinePython {
    /// Where a virtual environment stands.
    pub venv: Option<PathBuf>,
    /// The interpreter's own file.
    pub interpreter: PathBuf,
    /// The directories that hold the interpreter, its library and what is installed.
    pub(super) within: Vec<ImagePath>,
}

/// Directories of a prefix that belong to Python.
const LIBRARIES: [&str; 5] = ["lib", "lib64", "local/lib", "local/lib64", "lib/x86_64-linux-gnu"];

/// The environment in `directory` (a virtual one, or a prefix with `bin/python3`); nothing where there is none.
pub fn python_of_machine(directory: &Path) -> Option<MachinePython> {
    let launcher = ["bin/python3", "bin/python", "bin/pypy3", "bin/pypy"].iter().map(|name| directory.join(name));
    let interpreter = launcher.filter_map(|launcher| launcher.canonicalize().ok()).find(|path| path.is_file())?;
    let settings = fs::read(directory.join("pyvenv.cfg")).ok().map(|text| pyvenv(&text));
    let mut within = Vec::new();
    let mut prefixes = vec![interpreter.parent()?.parent()?.to_path_buf()];
    if let Some(settings) = &settings {
        within.extend(image_path(directory));
        let home = settings.home.as_deref().and_then(|home| Path::new(home).parent()).map(Path::to_path_buf);
        prefixes.extend(home);
    } else {
        prefixes.push(directory.to_path_buf());
    }
    // What is installed beside the interpreter is none of a virtual environment's, unless it says so.
    let isolated = settings.as_ref().is_some_and(|settings| !settings.include_system_site_packages);
    for prefix in prefixes {
        within.extend(["bin", "conda-meta"].iter().filter_map(|name| image_path(&prefix.join(name))));
        for library in LIBRARIES.map(|name| prefix.join(name)) {
            let entries = fs::read_dir(&library).into_iter().flatten().flatten();
            let ours = entries.filter(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                ["python", "pypy", "libpython", "libpypy"].iter().any(|start| name.starts_with(start))
            });
            let ours = ours.flat_map(|entry| if isolated { without_packages(&entry.path()) } else { vec![entry.path()] });
            within.extend(ours.filter_map(|path| image_path(&path)));
        }
    }
    within.extend(["/etc/os-release", "/usr/lib/os-release"].iter().filter_map(ImagePath::new));
    within.sort();
    within.dedup();
    let venv = settings.is_some().then(|| directory.to_path_buf());
    Some(MachinePython { venv, interpreter, within })
}

/// What lies in a directory of the library but what is installed there; a file is itself.
fn without_packages(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else { return vec![path.to_path_buf()] };
    let is_packages = |path: &Path| path.ends_with("site-packages") || path.ends_with("dist-packages");
    entries.flatten().map(|entry| entry.path()).filter(|path| !is_packages(path)).collect()
}

fn image_path(path: &Path) -> Option<ImagePath> {
    ImagePath::new(path.as_os_str().as_encoded_bytes())
}

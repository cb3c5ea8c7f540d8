//! What a target is that is neither an image nor a root file system: code, or an environment; by its name and by looking, never reading it.

use std::path::{Path, PathBuf};

use super::{MachinePython, python_of_machine};

/// What a target turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetKind {
    /// An image or a root file system, by its reference.
    Image,
    /// A Python source file.
    Module(PathBuf),
    /// A directory of Python sources: a package, or a project.
    Code(PathBuf),
    /// An environment of this machine: a virtual one, or an interpreter's prefix.
    Environment(MachinePython),
    /// A scheme that names what is not there, and what was expected.
    Missing(PathBuf, &'static str),
}

/// Directories that only the root of a file system has; a prefix may have `etc` and `var` as well.
const OF_A_ROOT: [&str; 6] = ["usr", "proc", "sbin", "root", "boot", "dev"];

/// Tells what a target is: `code:PATH`, `env:DIRECTORY`, or a path whose contents decide.
pub fn recognise(target: &str) -> TargetKind {
    if let Some(path) = target.strip_prefix("code:") {
        let path = PathBuf::from(path);
        return match (path.is_file(), path.is_dir()) {
            (true, _) => TargetKind::Module(path),
            (_, true) => TargetKind::Code(path),
            _ => TargetKind::Missing(path, "a Python file, or a directory of them"),
        };
    }
    if let Some(path) = target.strip_prefix("env:") {
        return match environment(Path::new(path)) {
            Some(python) => TargetKind::Environment(python),
            None => TargetKind::Missing(path.into(), "a virtual environment, or a directory with `bin/python3`"),
        };
    }
    let path = Path::new(target);
    if path.is_file() {
        let is_module = path.extension().is_some_and(|extension| extension == "py");
        return if is_module { TargetKind::Module(path.to_owned()) } else { TargetKind::Image };
    }
    if !path.is_dir() || path.join("oci-layout").is_file() || OF_A_ROOT.iter().any(|name| path.join(name).is_dir()) {
        return TargetKind::Image;
    }
    let is_prefix = path.join("pyvenv.cfg").is_file()
        || path.join("conda-meta").is_dir()
        || (path.join("include").is_dir() && !path.join("etc/os-release").exists());
    if let Some(python) = is_prefix.then(|| environment(path)).flatten() {
        return TargetKind::Environment(python);
    }
    let is_bare_root = path.join("etc").is_dir() && (path.join("bin").is_dir() || path.join("etc/os-release").is_file());
    if !is_bare_root && holds_code(path) { TargetKind::Code(path.to_owned()) } else { TargetKind::Image }
}

fn environment(path: &Path) -> Option<MachinePython> {
    python_of_machine(&path.canonicalize().ok()?)
}

/// Whether a directory is a package or a project: sources lie in it, in its `src`, or in packages right below.
fn holds_code(path: &Path) -> bool {
    if ["pyproject.toml", "setup.py", "setup.cfg", "__init__.py"].iter().any(|name| path.join(name).is_file()) {
        return true;
    }
    [path.to_owned(), path.join("src")].iter().any(|directory| {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .any(|entry| entry.extension().is_some_and(|extension| extension == "py") || entry.join("__init__.py").is_file())
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{TargetKind, recognise};

    fn kind(files: &[&str], target: &str) -> TargetKind {
        let directory = tempfile::tempdir().expect("a directory");
        for file in files {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, "").expect("written");
        }
        recognise(&target.replace("TOP", &directory.path().display().to_string()))
    }

    #[test]
    fn sources_are_told_from_roots_and_images() {
        let is_code = |files: &[&str]| matches!(kind(files, "TOP"), TargetKind::Code(_));
        assert!(is_code(&["__init__.py"]));
        assert!(is_code(&["pyproject.toml"]));
        assert!(is_code(&["src/shop/__init__.py"]));
        assert!(is_code(&["shop/__init__.py", "etc/settings.ini"]));
        assert!(!is_code(&["setup.py", "usr/lib/os-release"]));
        assert!(!is_code(&["app.py", "etc/os-release"]));
        assert!(!is_code(&["app.py", "oci-layout"]));
        assert!(!is_code(&["README.md"]));
    }

    #[test]
    fn a_scheme_decides_and_says_what_it_expected() {
        assert!(matches!(kind(&["usr/app.py"], "code:TOP/usr"), TargetKind::Code(_)));
        assert!(matches!(kind(&["tool"], "code:TOP/tool"), TargetKind::Module(_)));
        assert!(matches!(kind(&["app.py"], "code:TOP/gone"), TargetKind::Missing(..)));
        assert!(matches!(kind(&["app.py"], "env:TOP"), TargetKind::Missing(..)));
        assert!(matches!(kind(&["app.py"], "TOP/app.py"), TargetKind::Module(_)));
    }

    #[test]
    fn a_virtual_environment_is_one_with_its_interpreter() {
        let files = ["pyvenv.cfg", "bin/python3"];
        assert!(matches!(kind(&files, "TOP"), TargetKind::Environment(_)));
        assert!(matches!(kind(&["bin/python3", "include/x.h"], "TOP"), TargetKind::Environment(_)));
        assert!(matches!(kind(&["pyvenv.cfg"], "TOP"), TargetKind::Image));
    }
}

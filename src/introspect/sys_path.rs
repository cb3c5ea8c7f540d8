//! `sys.path` of an environment, entry by entry; never what lies on it.

use crate::{
    extract::{FileFacts, path_config::path_config},
    facts::{Completeness, PythonSource},
    filesystem::Tree,
    image::ImagePath,
};

use super::{
    archive::Inside,
    context::Context,
    installation::Installation,
    package_files::PackageFiles,
    runtime::{Implementation, Runtime},
    site::SearchPath,
    users::home_directory,
};

/// A virtual environment's part in its path.
#[derive(Debug, Clone)]
pub(crate) struct VirtualEnvironment {
    pub(crate) prefix: ImagePath,
    pub(crate) system_site_packages: bool,
}

/// What is known of an environment's path.
#[derive(Debug)]
pub(crate) struct SysPath {
    pub(crate) entries: Vec<ImagePath>,
    pub(crate) complete: Completeness,
    pub(crate) hooks: Completeness,
}

/// Everything that decides an environment's path.
#[derive(Debug)]
pub(crate) struct Startup<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) packages: &'a PackageFiles<'a>,
    pub(crate) context: &'a Context<'a>,
    pub(crate) runtime: &'a Runtime,
    pub(crate) installation: &'a Installation,
    pub(crate) executable: &'a ImagePath,
    pub(crate) virtual_environment: Option<&'a VirtualEnvironment>,
}

impl Startup<'_> {
    /// `sys.path` as a program in this environment finds it, without the script's own directory.
    pub(crate) fn sys_path(&self) -> SysPath {
        if let Some(path) = self.path_file() {
            return path;
        }
        let mut path = SearchPath::new(self.tree);
        let working_directory = ImagePath::new(self.context.working_directory()).unwrap_or_else(ImagePath::root);
        if let Some(variable) = self.context.variable("PYTHONPATH") {
            variable.split(':').for_each(|entry| path.push(working_directory.join(entry)));
        }
        self.installation.zip.iter().for_each(|zip| path.push(zip.clone()));
        path.push(self.installation.library.clone());
        if self.runtime.major == 2 && self.runtime.implementation == Implementation::CPython {
            ["plat-linux2", "lib-tk", "lib-old"].iter().for_each(|name| path.push(self.installation.library.join(name)));
        }
        self.installation.shared.iter().for_each(|shared| path.push(shared.clone()));
        self.site(&mut path);
        if !self.installation.found {
            path.complete.lacks(format!("the standard library of `{}` was not found", self.executable));
        }
        SysPath { entries: path.entries, complete: path.complete, hooks: path.hooks }
    }

    /// `site.main`: the virtual environment's directories, the user's, then those of the prefixes.
    fn site(&self, path: &mut SearchPath<'_>) {
        let base = [&self.installation.prefix, &self.installation.exec_prefix];
        let mut user_site = self.context.variable("PYTHONNOUSERSITE").is_none();
        let mut prefixes: Vec<&ImagePath> = Vec::new();
        if let Some(virtual_environment) = self.virtual_environment {
            prefixes.push(&virtual_environment.prefix);
            self.add_site_packages(path, &prefixes);
            if virtual_environment.system_site_packages {
                prefixes.extend(base);
            } else {
                user_site = false;
            }
        } else {
            prefixes.extend(base);
        }
        if user_site {
            path.add_site_directory(&self.user_site());
        }
        self.add_site_packages(path, &prefixes);
        self.customisation(path, user_site);
    }

    fn user_site(&self) -> ImagePath {
        let base = match self.context.variable("PYTHONUSERBASE") {
            Some(base) => ImagePath::new(base).unwrap_or_else(ImagePath::root),
            None => home_directory(self.tree, self.context).join(".local"),
        };
        base.join("lib").join(self.runtime.directory()).join("site-packages")
    }

    fn add_site_packages(&self, path: &mut SearchPath<'_>, prefixes: &[&ImagePath]) {
        let debian = self.is_debian();
        let name = self.runtime.directory();
        for prefix in prefixes {
            let library = prefix.join("lib");
            if debian {
                if self.virtual_environment.is_some() {
                    path.add_site_directory(&library.join(&name).join("site-packages"));
                }
                path.add_site_directory(&prefix.join("local/lib").join(&name).join("dist-packages"));
                path.add_site_directory(&library.join("python3/dist-packages"));
                if self.runtime.implementation == Implementation::CPython {
                    path.add_site_directory(&library.join(&name).join("dist-packages"));
                }
                continue;
            }
            if self.installation.library_directory != "lib" {
                let own = prefix.join(self.installation.library_directory);
                path.add_site_directory(&own.join(&name).join("site-packages"));
            }
            path.add_site_directory(&library.join(&name).join("site-packages"));
        }
    }

    /// Debian patches `site` for its own interpreters, which dpkg installs below `/usr`. Where no file lists are left to
    /// tell (distroless), the directory that only Debian makes does.
    fn is_debian(&self) -> bool {
        if self.installation.prefix.as_bytes() != b"/usr" {
            return false;
        }
        let site = self.tree.resolve(&self.installation.library.join("site.py"));
        match site {
            Ok(site) if !self.packages.is_empty() => {
                self.packages.owner(&site.path).is_some_and(|_| self.exists("/var/lib/dpkg"))
            }
            _ => self.exists("/usr/lib/python3/dist-packages") || self.exists("/var/lib/dpkg"),
        }
    }

    fn exists(&self, path: &str) -> bool {
        ImagePath::new(path).is_some_and(|path| self.tree.resolve(&path).is_ok())
    }

    /// `sitecustomize` and `usercustomize` may change anything.
    fn customisation(&self, path: &mut SearchPath<'_>, user_site: bool) {
        let names = if user_site { &["sitecustomize", "usercustomize"][..] } else { &["sitecustomize"] };
        for name in names {
            let file = path.entries.iter().find_map(|entry| {
                [format!("{name}.py"), format!("{name}/__init__.py"), format!("{name}.pyc")]
                    .into_iter()
                    .find(|file| {
                        let resolved = self.tree.resolve(&entry.join(file));
                        resolved.is_ok_and(|resolved| self.tree.node(resolved.node).is_file())
                            || Inside::of(self.tree, entry).is_some_and(|inside| inside.has(self.tree, file))
                    })
                    .map(|file| entry.join(file))
            });
            let Some(file) = file else { continue };
            let harmless = matches!(self.tree.facts(&file), Some(FileFacts::Python(source)) if is_harmless(source));
            if !harmless {
                path.complete.lacks(format!("`{file}` runs when Python starts and may change `sys.path`"));
            }
        }
    }

    /// `python3.11._pth` beside the executable or its library: its lines are the whole path, and the environment is ignored.
    fn path_file(&self) -> Option<SysPath> {
        if self.runtime.implementation != Implementation::CPython {
            return None;
        }
        let beside = |path: &ImagePath| {
            let name = [path.file_name(), b"._pth"].concat();
            path.parent().map(|directory| (directory.join(&name), directory))
        };
        let (file, directory) = [Some(self.executable), self.resolved_executable().as_ref()]
            .into_iter()
            .flatten()
            .filter_map(beside)
            .find(|(file, _)| self.tree.resolve(file).is_ok())?;
        let mut path = SearchPath::new(self.tree);
        let Some(text) = self.tree.text(&file) else {
            path.complete.lacks(format!("`{file}` could not be read"));
            return Some(SysPath { entries: Vec::new(), complete: path.complete, hooks: path.hooks });
        };
        let config = path_config(text);
        config.paths.iter().for_each(|entry| path.push(directory.join(entry)));
        if config.site {
            self.add_site_packages(&mut path, &[&self.installation.prefix]);
            self.customisation(&mut path, false);
        }
        Some(SysPath { entries: path.entries, complete: path.complete, hooks: path.hooks })
    }

    fn resolved_executable(&self) -> Option<ImagePath> {
        Some(self.tree.resolve(self.executable).ok()?.path)
    }
}

/// Whether a customisation does nothing, or is Ubuntu's and Debian's: it imports a crash reporter's hook where there is one.
fn is_harmless(source: &PythonSource) -> bool {
    source.error.is_none()
        && source.imports_complete.is_complete()
        && source.functions.is_empty()
        && source.classes.is_empty()
        && source.variables.is_empty()
        && source.imports.iter().all(|import| import.level == 0 && import.target == "apport_python_hook")
}

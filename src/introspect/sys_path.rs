//! `sys.path` of an environment, entry by entry; never what lies on it.

use crate::{
    extract::{FileFacts, path_config::path_config},
    facts::{Completeness, EditableHook, PythonSource},
    filesystem::Tree,
    image::ImagePath,
};

use super::{
    archive::Inside,
    context::Context,
    installation::{Installation, path_file},
    local_prefix::LocalPrefix,
    package_files::PackageFiles,
    runtime::{Implementation, Runtime},
    site::{PthRules, SearchPath},
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
    /// Import hooks whose tables are known, each with its file.
    pub(crate) mapped: Vec<(ImagePath, EditableHook)>,
}

impl From<SearchPath<'_>> for SysPath {
    fn from(path: SearchPath<'_>) -> Self {
        let SearchPath { entries, complete, hooks, mapped, .. } = path;
        Self { entries, complete, hooks, mapped }
    }
}

/// Everything that decides an environment's path.
#[derive(Debug)]
pub(crate) struct Startup<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) packages: &'a PackageFiles<'a>,
    pub(crate) context: &'a Context<'a>,
    pub(crate) runtime: &'a Runtime,
    /// The whole version, where it is known.
    pub(crate) version: Option<&'a str>,
    pub(crate) installation: &'a Installation,
    pub(crate) executable: &'a ImagePath,
    pub(crate) virtual_environment: Option<&'a VirtualEnvironment>,
}

impl Startup<'_> {
    /// `sys.path` as a program in this environment finds it, without the script's own directory.
    pub(crate) fn sys_path(&self) -> SysPath {
        let mut path = SearchPath::new(self.tree, PthRules::of(self.runtime, self.version));
        if let Some(file) = path_file(self.tree, self.runtime, self.executable) {
            self.by_path_file(&file, &mut path);
            return SysPath::from(path);
        }
        let working_directory = self.working_directory();
        if let Some(variable) = self.context.variable("PYTHONPATH") {
            variable.split(':').for_each(|entry| path.push(working_directory.join(entry)));
        }
        self.installation.zip.iter().for_each(|zip| path.push(zip.clone()));
        path.push(self.installation.library.clone());
        if self.runtime.major == 2 && self.runtime.implementation == Implementation::CPython {
            ["plat-linux2", "lib-tk", "lib-old"].iter().for_each(|name| path.push(self.installation.library.join(name)));
        }
        self.installation.shared.iter().for_each(|shared| path.push(shared.clone()));
        self.origin(&mut path);
        self.site(&mut path);
        if !self.installation.found {
            path.complete.lacks(format!("the standard library of `{}` was not found", self.executable));
        }
        SysPath::from(path)
    }

    /// An old virtualenv's `site` appends the library of the interpreter that it was made from.
    fn origin(&self, path: &mut SearchPath<'_>) {
        let Some(origin) = &self.installation.origin else { return };
        let (Some(prefix), Some(library)) = (&origin.prefix, &origin.library) else {
            path.complete.lacks(format!("`{}` could not be read: it says where the standard library is", origin.file));
            return;
        };
        let mut libraries = vec![prefix.join("lib64").join(self.runtime.directory()), library.clone()];
        libraries.retain(|directory| directory == library || self.tree.resolve(directory).is_ok());
        libraries.push(library.join("plat-linux2"));
        for directory in libraries.clone() {
            libraries.push(directory.join("lib-tk"));
        }
        for directory in libraries {
            if directory == *library || self.tree.resolve(&directory).is_ok() {
                path.push(directory);
            }
        }
    }

    /// `site.main`: the virtual environment's directories, the user's, then those of the prefixes.
    fn site(&self, path: &mut SearchPath<'_>) {
        let origin = self.installation.origin.as_ref().and_then(|origin| origin.prefix.as_ref());
        let base = origin.map_or([&self.installation.prefix, &self.installation.exec_prefix], |prefix| [prefix, prefix]);
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
        let local = ImagePath::new("/usr/local").unwrap_or_else(ImagePath::root);
        let is_closed = self.virtual_environment.is_some_and(|environment| !environment.system_site_packages);
        match LocalPrefix::of(self.tree, self.packages, self.runtime, self.installation) {
            Some(LocalPrefix::First) if user_site => prefixes.insert(0, &local),
            Some(LocalPrefix::Last) if !is_closed => prefixes.push(&local),
            _ => {}
        }
        self.add_site_packages(path, &prefixes);
        self.customisation(path, user_site);
    }

    fn working_directory(&self) -> ImagePath {
        ImagePath::new(self.context.working_directory()).unwrap_or_else(ImagePath::root)
    }

    fn user_site(&self) -> ImagePath {
        let base = match self.context.variable("PYTHONUSERBASE") {
            Some(base) => self.working_directory().join(base),
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
                let own = prefix.join(&self.installation.library_directory);
                path.add_site_directory(&own.join(&name).join("site-packages"));
            }
            path.add_site_directory(&library.join(&name).join("site-packages"));
        }
    }

    /// Debian patches `site` for its own interpreters, which dpkg installs below `/usr`. Where no file lists are left to
    /// tell (distroless), the directory that only Debian makes does.
    fn is_debian(&self) -> bool {
        if self.installation.prefix.as_bytes() != b"/usr" || self.packages.is_of_rpm() {
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

    /// The lines of `python3.11._pth` are the whole path, and the environment is ignored; `site` runs where a line says so.
    fn by_path_file(&self, file: &ImagePath, path: &mut SearchPath<'_>) {
        let directory = file.parent().unwrap_or_else(ImagePath::root);
        let Some(text) = self.tree.text(file) else {
            path.complete.lacks(format!("`{file}` could not be read"));
            return;
        };
        let config = path_config(text);
        config.paths.iter().for_each(|entry| path.push(directory.join(entry)));
        if config.site {
            self.site(path);
        }
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

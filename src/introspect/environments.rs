//! Every Python environment: each interpreter's own, and every virtual one; never the modules' contents.

use crate::{
    extract::pyvenv::pyvenv,
    facts::{EnvironmentKind, Fact, Gap},
    filesystem::Tree,
    image::ImagePath,
};

use super::{
    context::Context,
    entry_point::EntryPoint,
    installation::{Installation, obeys_library_directory},
    interpreters::FoundInterpreter,
    package_files::PackageFiles,
    runtime::Runtime,
    survey::{Survey, gap},
    sys_path::{Startup, SysPath, VirtualEnvironment},
};

/// Names under which a virtual environment keeps its interpreter.
const LAUNCHERS: [&str; 4] = ["bin/python", "bin/python3", "bin/pypy3", "bin/pypy"];

/// An environment before its modules are found.
#[derive(Debug)]
pub(crate) struct FoundEnvironment<'a> {
    pub(crate) interpreter: &'a FoundInterpreter,
    pub(crate) runtime: &'a Runtime,
    pub(crate) kind: EnvironmentKind,
    pub(crate) prefix: ImagePath,
    pub(crate) installation: Installation,
    pub(crate) path: SysPath,
    /// How the image starts it, where it does.
    pub(crate) entry_point: Option<EntryPoint>,
}

impl FoundEnvironment<'_> {
    /// Whether its interpreter alone leads to it: all but those of a `pyvenv.cfg`.
    fn has_own_library(&self) -> bool {
        self.kind != EnvironmentKind::Venv || self.installation.origin.is_some()
    }
}

/// Every environment (those of the interpreters first, then conda's others, then the virtual ones, each sorted by path), and those that are broken.
pub(crate) fn environments<'a>(
    tree: &Tree,
    survey: &Survey,
    interpreters: &'a [FoundInterpreter],
    packages: &PackageFiles<'_>,
    context: &Context<'_>,
    entry_point: Option<&EntryPoint>,
) -> (Vec<FoundEnvironment<'a>>, Vec<Gap>) {
    let finder = Finder { tree, packages, context, interpreters, survey };
    let mut found = Vec::new();
    let mut gaps = Vec::new();
    for interpreter in interpreters {
        match finder.system(interpreter) {
            Ok(environment) => found.extend(environment),
            Err(gap) => gaps.push(gap),
        }
    }
    for prefix in packages.conda().paths() {
        // Most are found already, by their interpreter's own path.
        if found.iter().any(|environment| environment.kind == EnvironmentKind::Conda && environment.prefix == *prefix) {
            continue;
        }
        match finder.conda_environment(prefix) {
            Ok(environment) => found.extend(environment),
            Err(gap) => gaps.push(gap),
        }
    }
    for configuration in &survey.virtual_environments {
        match finder.virtual_environment(configuration) {
            Ok(environment) => found.push(environment),
            Err(gap) => gaps.push(gap),
        }
    }
    if let Some(entry_point) = entry_point {
        let own = finder.configuration_of(&entry_point.executable);
        let started = tree.resolve(&entry_point.executable).ok();
        let is_started = |environment: &FoundEnvironment<'_>| match &own {
            Some(prefix) => environment.kind == EnvironmentKind::Venv && environment.prefix == *prefix,
            None => {
                environment.has_own_library()
                    && started.as_ref().is_some_and(|started| started.node == environment.interpreter.node)
            }
        };
        // Prefixes of conda may share one file as their interpreter: the path that is started tells them apart.
        let is_there = |environment: &FoundEnvironment<'_>| {
            started.as_ref().is_some_and(|started| started.path.starts_with(&environment.prefix))
        };
        let nearness = |environment: &FoundEnvironment<'_>| match is_there(environment) {
            true => environment.prefix.components().count(),
            false => 0,
        };
        // Of equals the last would be taken: they are asked in turn from the end, so that it is the first.
        let nearest = found.iter_mut().rev().filter(|environment| is_started(environment)).max_by_key(|found| nearness(found));
        if let Some(environment) = nearest {
            environment.entry_point = Some(entry_point.clone());
        }
    }
    (found, gaps)
}

struct Finder<'a, 't> {
    tree: &'t Tree,
    survey: &'t Survey,
    packages: &'t PackageFiles<'t>,
    context: &'t Context<'t>,
    interpreters: &'a [FoundInterpreter],
}

impl<'a> Finder<'a, '_> {
    /// The interpreter's own environment; none for a copy inside a virtual one.
    fn system(&self, interpreter: &'a FoundInterpreter) -> Result<Option<FoundEnvironment<'a>>, Gap> {
        if self.configuration_of(&interpreter.path).is_some() {
            return Ok(None);
        }
        let runtime = self.runtime(interpreter)?;
        let installation = Installation::locate(self.tree, interpreter, runtime, None, self.context);
        self.can_start(interpreter, runtime, &installation, &interpreter.path)?;
        // An old virtualenv has a library of its own, which says what it was made from.
        let own = installation.origin.as_ref().map(|origin| VirtualEnvironment {
            prefix: installation.prefix.clone(),
            system_site_packages: origin.site_packages,
        });
        let kind = match own {
            Some(_) => EnvironmentKind::Venv,
            None if self.packages.conda().contains(&installation.prefix) => EnvironmentKind::Conda,
            None => EnvironmentKind::System,
        };
        let path = self.sys_path(interpreter, runtime, &installation, &interpreter.path, own.as_ref());
        Ok(Some(FoundEnvironment {
            interpreter,
            runtime,
            kind,
            prefix: installation.prefix.clone(),
            installation,
            path,
            entry_point: None,
        }))
    }

    /// The environment of a prefix of conda whose Python is a file that another prefix has too, or a link to it; none where the
    /// prefix holds no Python.
    fn conda_environment(&self, prefix: &ImagePath) -> Result<Option<FoundEnvironment<'a>>, Gap> {
        let launcher = LAUNCHERS.iter().map(|name| prefix.join(name)).find(|path| self.tree.resolve_parent(path).is_ok());
        let Some(launcher) = launcher else { return Ok(None) };
        let layer = self.tree.get(&launcher).and_then(|id| self.tree.node(id).layer);
        let broken = |reason: String| gap(&launcher, "broken-conda-environment", reason, layer);
        let resolved = self.tree.resolve(&launcher).map_err(|error| broken(format!("it leads nowhere: {error}")))?;
        let interpreter = self.interpreters.iter().find(|interpreter| interpreter.node == resolved.node);
        let interpreter = interpreter.ok_or_else(|| broken("it is no Python that can start".to_owned()))?;
        let runtime = self.runtime(interpreter)?;
        let directory = launcher.parent();
        let installation = Installation::locate(self.tree, interpreter, runtime, directory.as_ref(), self.context);
        self.can_start(interpreter, runtime, &installation, &launcher)?;
        if installation.prefix != *prefix {
            return Ok(None);
        }
        let path = self.sys_path(interpreter, runtime, &installation, &launcher, None);
        let (kind, prefix) = (EnvironmentKind::Conda, prefix.clone());
        Ok(Some(FoundEnvironment { interpreter, runtime, kind, prefix, installation, path, entry_point: None }))
    }

    fn virtual_environment(&self, configuration: &ImagePath) -> Result<FoundEnvironment<'a>, Gap> {
        let layer = self.tree.get(configuration).and_then(|id| self.tree.node(id).layer);
        let broken = |reason: String| gap(configuration, "broken-venv", reason, layer);
        let prefix = configuration.parent().unwrap_or_else(ImagePath::root);
        let launcher = LAUNCHERS
            .iter()
            .map(|name| prefix.join(name))
            .find(|path| self.tree.resolve_parent(path).is_ok())
            .ok_or_else(|| broken(format!("`{prefix}/bin` holds no Python: nothing runs in this environment")))?;
        let resolved = self.tree.resolve(&launcher).map_err(|error| broken(format!("`{launcher}` leads nowhere: {error}")))?;
        let interpreter =
            self.interpreters.iter().find(|interpreter| interpreter.node == resolved.node).ok_or_else(|| {
                broken(format!("`{launcher}` leads to `{}`, which is no Python that can start", resolved.path))
            })?;
        let runtime = self.runtime(interpreter)?;
        let text = self
            .tree
            .text(configuration)
            .ok_or_else(|| broken("the file was not read: the path of this environment cannot be told".to_owned()))?;
        let settings = pyvenv(text);
        let home = settings.home.as_deref().and_then(ImagePath::new);
        let installation = Installation::locate(self.tree, interpreter, runtime, home.as_ref(), self.context);
        self.can_start(interpreter, runtime, &installation, configuration)?;
        let own = VirtualEnvironment { prefix: prefix.clone(), system_site_packages: settings.include_system_site_packages };
        let path = self.sys_path(interpreter, runtime, &installation, &launcher, Some(&own));
        Ok(FoundEnvironment {
            interpreter,
            runtime,
            kind: EnvironmentKind::Venv,
            prefix,
            installation,
            path,
            entry_point: None,
        })
    }

    /// An interpreter that is told to look for its library where none is ends at once: it has no environment.
    fn can_start(
        &self,
        interpreter: &FoundInterpreter,
        runtime: &Runtime,
        installation: &Installation,
        place: &ImagePath,
    ) -> Result<(), Gap> {
        match self.context.variable("PYTHONPLATLIBDIR") {
            Some(directory) if !installation.found && obeys_library_directory(runtime) => {
                let reason = format!(
                    "PYTHONPLATLIBDIR is `{directory}`, and no `{directory}/{}` holds a standard library: `{}` cannot start",
                    runtime.directory(),
                    interpreter.path
                );
                let layer = self.tree.get(place).and_then(|id| self.tree.node(id).layer);
                Err(gap(place, "standard-library-missing", reason, layer))
            }
            _ => Ok(()),
        }
    }

    fn sys_path(
        &self,
        interpreter: &FoundInterpreter,
        runtime: &Runtime,
        installation: &Installation,
        executable: &ImagePath,
        virtual_environment: Option<&VirtualEnvironment>,
    ) -> SysPath {
        let (tree, packages, context) = (self.tree, self.packages, self.context);
        let version = match &interpreter.facts.version {
            Fact::Known(version) => Some(version.as_str()),
            _ => None,
        };
        Startup { tree, packages, context, runtime, version, installation, executable, virtual_environment }.sys_path()
    }

    /// The prefix of the virtual environment that an executable belongs to: `pyvenv.cfg` beside it, or one level up.
    fn configuration_of(&self, executable: &ImagePath) -> Option<ImagePath> {
        let directory = executable.parent()?;
        let resolved = self.tree.resolve(&directory).ok().map(|resolved| resolved.path);
        [Some(directory), resolved]
            .into_iter()
            .flatten()
            .flat_map(|directory| [directory.parent(), Some(directory)])
            .flatten()
            .find(|prefix| self.survey.virtual_environments.binary_search(&prefix.join("pyvenv.cfg")).is_ok())
    }

    fn runtime(&self, interpreter: &'a FoundInterpreter) -> Result<&'a Runtime, Gap> {
        interpreter.runtime.as_ref().ok_or_else(|| {
            let reason = match interpreter.facts.implementation.as_str() {
                "CPython" | "PyPy" => {
                    "neither its bytes nor its name say which Python it is: its path cannot be told".to_owned()
                }
                other => format!("it is {other}: where that looks for modules is not known here, so it has no environment"),
            };
            gap(&interpreter.path, "interpreter-version-unknown", reason, interpreter.facts.layer)
        })
    }
}

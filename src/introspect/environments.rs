//! Every Python environment: each interpreter's own, and every virtual one; never the modules' contents.

use crate::{
    extract::pyvenv::pyvenv,
    facts::{EnvironmentKind, Gap},
    filesystem::Tree,
    image::ImagePath,
};

use super::{
    context::Context,
    entry_point::EntryPoint,
    installation::Installation,
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

/// Every environment (those of the interpreters first, each sorted by path), and those that are broken.
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
                environment.kind == EnvironmentKind::System
                    && started.as_ref().is_some_and(|started| started.node == environment.interpreter.node)
            }
        };
        if let Some(environment) = found.iter_mut().find(|environment| is_started(environment)) {
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
        let path = self.sys_path(runtime, &installation, &interpreter.path, None);
        Ok(Some(FoundEnvironment {
            interpreter,
            runtime,
            kind: EnvironmentKind::System,
            prefix: installation.prefix.clone(),
            installation,
            path,
            entry_point: None,
        }))
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
        let own = VirtualEnvironment { prefix: prefix.clone(), system_site_packages: settings.include_system_site_packages };
        let path = self.sys_path(runtime, &installation, &launcher, Some(&own));
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

    fn sys_path(
        &self,
        runtime: &Runtime,
        installation: &Installation,
        executable: &ImagePath,
        virtual_environment: Option<&VirtualEnvironment>,
    ) -> SysPath {
        let (tree, packages, context) = (self.tree, self.packages, self.context);
        Startup { tree, packages, context, runtime, installation, executable, virtual_environment }.sys_path()
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
            let reason = "neither its bytes nor its name say which Python it is: its path cannot be told";
            gap(&interpreter.path, "interpreter-version-unknown", reason, interpreter.facts.layer)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        facts::{
            EnvironmentKind, EnvironmentValue, EnvironmentVariable, Image, Owner,
            edge_fixtures::{import, source},
        },
        introspect::{Context, Introspection, introspect, test_tree::TestTree},
    };

    const CONFIGURATION: &str = "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n";

    /// A Debian-like interpreter with its directories.
    fn debian() -> TestTree {
        let mut tree = TestTree::new();
        tree.cpython("/usr/bin/python3.11", "3.11.2", "/usr/lib/python3.11");
        tree.symlink("/usr/bin/python3", "python3.11");
        tree.directory("/usr/lib/python3/dist-packages");
        tree.directory("/usr/local/lib/python3.11/dist-packages");
        tree
    }

    fn look(tree: &TestTree, variables: &[(&str, &str)]) -> Introspection {
        let env = variables
            .iter()
            .map(|(name, value)| EnvironmentVariable { name: (*name).to_owned(), value: EnvironmentValue::new(name, *value) })
            .collect();
        let image = Image { env, workdir: Some("/srv".to_owned()), ..Image::default() };
        introspect(tree.tree(), &Context { image: Some(&image), platform: Some("linux/amd64"), ..Context::default() })
    }

    #[test]
    fn debian_has_its_own_directories() {
        let found = look(&debian(), &[]);
        assert_eq!(
            found.environments[0].path,
            [
                "/usr/lib/python311.zip",
                "/usr/lib/python3.11",
                "/usr/lib/python3.11/lib-dynload",
                "/usr/local/lib/python3.11/dist-packages",
                "/usr/lib/python3/dist-packages",
            ]
        );
        assert!(found.environments[0].path_complete.is_complete());
    }

    #[test]
    fn a_build_under_usr_local_has_site_packages_and_pythonpath_comes_first() {
        let mut tree = debian();
        tree.cpython("/usr/local/bin/python3.12", "3.12.1", "/usr/local/lib/python3.12");
        tree.directory("/usr/local/lib/python3.12/site-packages");
        tree.directory("/usr/local/lib/python3.12/lib-dynload");
        let found = look(&tree, &[("PYTHONPATH", "app:/opt/x")]);
        assert_eq!(found.environments[1].prefix, "/usr/local");
        assert_eq!(
            found.environments[1].path,
            [
                "/srv/app",
                "/opt/x",
                "/usr/local/lib/python312.zip",
                "/usr/local/lib/python3.12",
                "/usr/local/lib/python3.12/lib-dynload",
                "/usr/local/lib/python3.12/site-packages",
            ]
        );
    }

    #[test]
    fn the_users_directory_counts_unless_it_is_switched_off() {
        let mut tree = debian();
        tree.text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        tree.directory("/root/.local/lib/python3.11/site-packages");
        let user = "/root/.local/lib/python3.11/site-packages".to_owned();
        assert!(look(&tree, &[]).environments[0].path.contains(&user));
        assert!(!look(&tree, &[("PYTHONNOUSERSITE", "1")]).environments[0].path.contains(&user));
    }

    #[test]
    fn a_virtual_environment_sees_only_its_own_packages_unless_told() {
        let mut tree = debian();
        tree.text("/opt/venv/pyvenv.cfg", CONFIGURATION);
        tree.text("/opt/open/pyvenv.cfg", "home = /usr/bin\n");
        for prefix in ["/opt/venv", "/opt/open"] {
            tree.symlink(&format!("{prefix}/bin/python"), "python3");
            tree.symlink(&format!("{prefix}/bin/python3"), "/usr/bin/python3");
            tree.directory(&format!("{prefix}/lib/python3.11/site-packages"));
        }
        let found = look(&tree, &[]);
        let [_, open, venv] = found.environments.as_slice() else { panic!("three, not {}", found.environments.len()) };
        assert_eq!((venv.kind, venv.prefix.as_str()), (EnvironmentKind::Venv, "/opt/venv"));
        assert_eq!(venv.interpreter, "/usr/bin/python3.11");
        assert_eq!(venv.path[3..], ["/opt/venv/lib/python3.11/site-packages"]);
        assert_eq!(
            open.path[3..],
            [
                "/opt/open/lib/python3.11/site-packages",
                "/usr/local/lib/python3.11/dist-packages",
                "/usr/lib/python3/dist-packages"
            ]
        );
    }

    #[test]
    fn a_virtual_environment_without_its_interpreter_is_a_gap() {
        let mut tree = debian();
        tree.text("/opt/venv/pyvenv.cfg", CONFIGURATION);
        tree.symlink("/opt/venv/bin/python", "/usr/bin/python3.9");
        let found = look(&tree, &[]);
        assert_eq!(found.environments.len(), 1);
        assert_eq!(found.gaps.len(), 1);
        assert_eq!((found.gaps[0].code.as_str(), found.gaps[0].place.as_str()), ("broken-venv", "/opt/venv/pyvenv.cfg"));
    }

    #[test]
    fn a_customisation_makes_the_path_unsure_unless_it_is_debians() {
        let mut tree = debian();
        tree.python("/usr/lib/python3.11/sitecustomize.py", source(vec![import(0, "apport_python_hook", &[])]));
        assert!(look(&tree, &[]).environments[0].path_complete.is_complete());
        tree.python("/usr/lib/python3.11/sitecustomize.py", source(vec![import(0, "sys", &[])]));
        assert!(!look(&tree, &[]).environments[0].path_complete.is_complete());
    }

    #[test]
    fn a_path_file_beside_the_interpreter_is_the_whole_path() {
        let mut tree = debian();
        tree.text("/usr/bin/python3.11._pth", "../lib/python3.11\n# comment\n/app\n");
        let found = look(&tree, &[("PYTHONPATH", "/ignored")]);
        assert_eq!(found.environments[0].path, ["/usr/lib/python3.11", "/app"]);
    }

    #[test]
    fn pypy_has_one_directory_for_its_library() {
        let mut tree = TestTree::new();
        let mut facts = TestTree::cpython_facts("3.9.16");
        if let Some(python) = &mut facts.python {
            python.implementation = "PyPy";
        }
        tree.elf("/opt/pypy/bin/pypy3.9", facts);
        tree.empty("/opt/pypy/lib/pypy3.9/os.py");
        tree.directory("/opt/pypy/lib/pypy3.9/site-packages");
        let found = look(&tree, &[]);
        assert_eq!(found.environments[0].path, ["/opt/pypy/lib/pypy3.9", "/opt/pypy/lib/pypy3.9/site-packages"]);
    }

    #[test]
    fn the_entry_points_directory_is_searched_but_is_not_on_the_path() {
        let mut tree = debian();
        tree.python("/srv/shop/__init__.py", source(Vec::new()));
        tree.python("/srv/shop/main.py", source(vec![import(1, "", &["store"]), import(0, "os", &[])]));
        tree.python("/srv/shop/store.py", source(Vec::new()));
        let image = Image {
            entrypoint: ["python3", "-m", "shop.main"].map(str::to_owned).into(),
            workdir: Some("/srv".to_owned()),
            ..Image::default()
        };
        let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
        let environment = &found.environments[0];
        assert!(environment.entry_point);
        assert!(!environment.path.contains(&"/srv".to_owned()));
        let main = environment.modules.iter().find(|module| module.name == "shop.main").expect("found");
        let targets: Vec<_> = main.edges.iter().map(|edge| edge.target.as_str()).collect();
        assert_eq!(targets, ["os", "shop", "shop.store"]);
    }

    #[test]
    fn a_script_that_no_statement_can_import_is_the_main_module() {
        let mut tree = debian();
        tree.python("/srv/my.tool.py", source(vec![import(0, "json", &[])]));
        tree.python("/srv/helper.py", source(Vec::new()));
        let image = Image { cmd: ["python3", "/srv/my.tool.py"].map(str::to_owned).into(), ..Image::default() };
        let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
        let own: Vec<_> = found.environments[0]
            .modules
            .iter()
            .filter(|module| module.owner == Owner::Own)
            .map(|module| (module.name.as_str(), module.file.as_deref(), module.edges.len()))
            .collect();
        assert_eq!(own, [("__main__", Some("/srv/my.tool.py"), 1), ("helper", Some("/srv/helper.py"), 0)]);
    }

    #[test]
    fn a_virtual_environment_is_started_through_a_link_to_it_too() {
        let mut tree = debian();
        tree.text("/opt/venv/pyvenv.cfg", CONFIGURATION);
        tree.symlink("/opt/venv/bin/python", "/usr/bin/python3.11");
        tree.symlink("/venv", "/opt/venv");
        let image = Image { cmd: ["/venv/bin/python", "-m", "shop"].map(str::to_owned).into(), ..Image::default() };
        let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
        let started: Vec<_> =
            found.environments.iter().filter(|each| each.entry_point).map(|each| each.prefix.as_str()).collect();
        assert_eq!(started, ["/opt/venv"]);
    }

    #[test]
    fn the_root_offers_its_own_modules_but_no_system_directory_as_a_namespace() {
        let mut tree = debian();
        tree.python("/main.py", source(Vec::new()));
        tree.python("/shop/store.py", source(Vec::new()));
        tree.python("/usr/share/gdb/auto.py", source(Vec::new()));
        let image = Image { cmd: ["python3", "/main.py"].map(str::to_owned).into(), ..Image::default() };
        let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
        let modules = found.environments[0].modules.iter().filter(|module| module.owner == Owner::Own);
        assert_eq!(modules.map(|module| module.name.as_str()).collect::<Vec<_>>(), ["main", "shop", "shop.store"]);
    }

    #[test]
    fn a_file_has_its_name_on_the_path_not_one_through_the_working_directory() {
        let mut tree = debian();
        tree.python("/srv/app/shop/__init__.py", source(Vec::new()));
        tree.python("/srv/other/tool.py", source(Vec::new()));
        let image = Image {
            cmd: ["python3", "-m", "shop"].map(str::to_owned).into(),
            workdir: Some("/srv".to_owned()),
            env: vec![EnvironmentVariable {
                name: "PYTHONPATH".to_owned(),
                value: EnvironmentValue::new("PYTHONPATH", "/srv/app"),
            }],
            ..Image::default()
        };
        let found = introspect(tree.tree(), &Context { image: Some(&image), platform: None, ..Context::default() });
        let own: Vec<_> = found.environments[0]
            .modules
            .iter()
            .filter(|module| module.owner == Owner::Own)
            .map(|module| module.name.as_str())
            .collect();
        assert_eq!(own, ["other", "other.tool", "shop"]);
    }
}

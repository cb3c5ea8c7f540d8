//! Interpreters that are no ELF file with a Python in it: Jython, IronPython, GraalPy; never a script that starts one.

use crate::{
    extract::PythonRuntime,
    facts::{Fact, Interpreter},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::{
    context::Context,
    package_files::PackageFiles,
    provenance::Provenance,
    survey::{ElfFile, Survey},
};

/// Programs of IronPython, the first of which stands for all of a directory.
const IRONPYTHON: [&str; 2] = ["ipy.dll", "ipy.exe"];

/// An interpreter, and its file.
pub(crate) struct Managed {
    pub(crate) path: ImagePath,
    pub(crate) node: NodeId,
    pub(crate) facts: Interpreter,
}

/// Every Jython and every IronPython that can be started.
pub(crate) fn managed(tree: &Tree, survey: &Survey, packages: &PackageFiles<'_>, context: &Context<'_>) -> Vec<Managed> {
    let mut found: Vec<Managed> = Vec::new();
    for (path, id, runtime) in &survey.managed {
        let (path, node) = if runtime.implementation == "IronPython" {
            // The library alone is a part of somebody's program.
            let Some(directory) = path.parent() else { continue };
            let program = IRONPYTHON.iter().find_map(|name| tree.resolve(&directory.join(name)).ok());
            let Some(program) = program else { continue };
            (program.path, program.node)
        } else {
            (path.clone(), *id)
        };
        if found.iter().any(|known| known.node == node) {
            continue;
        }
        let version = |version: &Option<String>| match version {
            Some(version) => Fact::Known(version.clone()),
            None => Fact::Unknown(format!("the bytes of `{path}` hold no version").into()),
        };
        let source = Provenance { tree, packages, path: &path, library: None, installation: None, variables: None }.source();
        let facts = Interpreter {
            path: path.to_string(),
            language: "python".to_owned(),
            implementation: runtime.implementation.to_owned(),
            version: version(&runtime.version),
            implementation_version: version(&runtime.implementation_version),
            platform: context.platform.unwrap_or("any").to_owned(),
            debug: Fact::Known(false),
            free_threaded: Fact::Known(false),
            source,
            os_package: packages.owner(&path).map(str::to_owned),
            conda_package: packages.conda_owner(&path).map(|(name, _)| name.to_owned()),
            layer: tree.node(node).layer,
            ..Interpreter::default()
        };
        found.push(Managed { path, node, facts });
    }
    found
}

/// GraalPy, whose program is a launcher: its `release` file says which it is, its library which language.
pub(crate) fn graalpy(tree: &Tree, file: &ElfFile) -> Option<PythonRuntime> {
    let name = file.path.file_name();
    if !name.starts_with(b"graalpy") && !name.starts_with(b"python") {
        return None;
    }
    let prefix = file.path.parent()?.parent()?;
    let release = String::from_utf8_lossy(tree.text(&prefix.join("release"))?).into_owned();
    let version = release.lines().find_map(|line| line.trim().strip_prefix("GRAALVM_VERSION="))?.trim_matches('"').to_owned();
    let library = tree.resolve(&prefix.join("lib")).ok()?;
    let has_own = tree.children(library.node).any(|(name, _)| name.starts_with(b"graalpy"));
    let is_older = tree.resolve(&prefix.join("languages/python")).is_ok();
    (has_own || is_older).then(|| PythonRuntime {
        implementation: "GraalPy",
        implementation_version: Some(version),
        ..PythonRuntime::default()
    })
}

#[cfg(test)]
mod tests {
    use super::{graalpy, managed};
    use crate::{
        extract::{ElfFacts, PythonRuntime},
        facts::{Fact, InterpreterSource},
        introspect::{Context, package_files::PackageFiles, survey::Survey, test_tree::TestTree},
    };

    fn runtime(implementation: &'static str) -> PythonRuntime {
        PythonRuntime { implementation, version: Some("3.4.1".to_owned()), ..PythonRuntime::default() }
    }

    #[test]
    fn a_jar_is_an_interpreter_and_the_script_that_starts_it_none() {
        let mut tree = TestTree::new();
        tree.runtime("/usr/share/java/jython-2.7.3.jar", runtime("Jython"));
        tree.symlink("/usr/share/java/jython.jar", "jython-2.7.3.jar");
        tree.script("/usr/bin/jython", "/bin/sh");
        tree.text("/var/lib/dpkg/info/jython.list", "/usr/share/java/jython-2.7.3.jar\n");
        let packages = PackageFiles::of(tree.tree(), &[]);
        let context = Context { platform: Some("linux/arm64"), ..Context::default() };
        let found = managed(tree.tree(), &Survey::of(tree.tree()), &packages, &context);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].facts.path, "/usr/share/java/jython-2.7.3.jar");
        assert_eq!(found[0].facts.platform, "linux/arm64");
        assert_eq!(found[0].facts.source, Fact::Known(InterpreterSource::OsPackage));
    }

    /// By the documented layout: no IronPython is at hand.
    #[test]
    fn ironpython_is_one_interpreter_where_it_can_be_started() {
        let mut tree = TestTree::new();
        for file in ["/opt/ipy/ipy.exe", "/opt/ipy/ipy.dll"] {
            tree.empty(file);
        }
        tree.runtime("/opt/ipy/IronPython.dll", runtime("IronPython"));
        tree.runtime("/opt/app/IronPython.dll", runtime("IronPython"));
        let found = managed(tree.tree(), &Survey::of(tree.tree()), &PackageFiles::default(), &Context::default());
        let paths: Vec<_> = found.iter().map(|found| found.facts.path.as_str()).collect();
        assert_eq!(paths, ["/opt/ipy/ipy.dll"]);
        assert_eq!(found[0].facts.version, Fact::Known("3.4.1".to_owned()));
    }

    /// By the documented layout of a native standalone: no GraalPy is at hand.
    #[test]
    fn graalpy_is_told_by_its_release_file() {
        let mut tree = TestTree::new();
        let launcher = ElfFacts { architecture: "amd64".to_owned(), executable: true, ..ElfFacts::default() };
        tree.elf("/opt/graalpy/bin/graalpy", launcher.clone());
        tree.elf("/opt/jdk/bin/java", launcher.clone());
        tree.elf("/opt/jdk/bin/python-helper", launcher);
        tree.directory("/opt/graalpy/lib/graalpy24.1");
        tree.text("/opt/graalpy/release", "JAVA_VERSION=\"23\"\nGRAALVM_VERSION=\"24.1.0\"\n");
        tree.text("/opt/jdk/release", "GRAALVM_VERSION=\"24.1.0\"\n");
        let survey = Survey::of(tree.tree());
        let found: Vec<_> =
            survey.elf.iter().filter_map(|file| Some((file.path.to_string(), graalpy(tree.tree(), file)?))).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "/opt/graalpy/bin/graalpy");
        assert_eq!(found[0].1.implementation_version.as_deref(), Some("24.1.0"));
    }
}

//! Every Python that could start, by its bytes and the libraries that it finds; never what it would import.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    extract::{ElfFacts, FileFacts, PythonRuntime},
    facts::{Fact, Gap, Interpreter, Linkage, OsPackage},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::{
    built::{build_variables, is_free_threaded, say_how_built},
    conda::{is_cached, outside_of_caches},
    context::Context,
    copies::say_what_copies_are_of,
    installation::Installation,
    libc::libc_of,
    managed::{Managed, graalpy, managed},
    package_files::PackageFiles,
    platform::platform,
    provenance::Provenance,
    runtime::{Implementation, Runtime, minor_version},
    survey::{ElfFile, Survey, gap},
};

/// Largest launcher that may link `libpython` under any name: it does nothing else.
const LAUNCHER_SIZE: u64 = 64 << 10;

/// What a mere launcher links beside the Python library.
const C_LIBRARIES: [&str; 9] = ["libc.", "libm.", "libpthread.", "libdl.", "libutil.", "librt.", "libgcc_s.", "ld-", "ld64."];

/// Where a loader looks for libraries whatever the architecture.
const LIBRARY_DIRECTORIES: [&str; 6] = ["/usr/local/lib", "/usr/local/lib64", "/lib", "/lib64", "/usr/lib", "/usr/lib64"];

/// An interpreter, with what the environments need of it.
#[derive(Debug, Clone)]
pub(crate) struct FoundInterpreter {
    pub(crate) path: ImagePath,
    pub(crate) node: NodeId,
    /// The Python library, where the executable is but a launcher.
    pub(crate) library: Option<ImagePath>,
    /// Absent where neither the bytes nor a name say which minor version it is, or its layout is not known.
    pub(crate) runtime: Option<Runtime>,
    pub(crate) facts: Interpreter,
}

/// What interpreters are looked for in.
pub(crate) struct Machine<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) survey: &'a Survey,
    /// Whose files they are.
    pub(crate) files: &'a PackageFiles<'a>,
    /// Which packages there are.
    pub(crate) packages: &'a [OsPackage],
    pub(crate) context: &'a Context<'a>,
}

/// Finds every interpreter, sorted by path, and the launchers whose library is not there.
pub(crate) fn interpreters(machine: &Machine<'_>) -> (Vec<FoundInterpreter>, Vec<Gap>) {
    let Machine { tree, survey, files, context, .. } = *machine;
    let mut gaps = Vec::new();
    let mut found = Vec::new();
    for file in survey.distinct_elf() {
        let Some(file) = outside_of_caches(tree, survey, file) else { continue };
        let node = tree.node(file.node);
        if !file.facts.executable || node.mode & 0o111 == 0 {
            continue;
        }
        let (library, runtime) = match runtime_of(tree, survey, file, node.size) {
            Start::Runtime(library, runtime) => (library, runtime),
            Start::MissingLibrary(name) => {
                let reason = format!("the launcher needs `{name}`, which is nowhere in the image: it cannot start");
                gaps.push(gap(&file.path, "interpreter-library-missing", reason, node.layer));
                continue;
            }
            Start::NoInterpreter => continue,
        };
        found.push(describe(machine, file, library, &runtime));
    }
    for Managed { path, node, facts } in managed(tree, survey, files, context) {
        found.push(FoundInterpreter { path, node, library: None, runtime: None, facts });
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    say_what_copies_are_of(tree, survey, &mut found);
    add_aliases(tree, survey, &mut found);
    (found, gaps)
}

enum Start {
    Runtime(Option<ImagePath>, PythonRuntime),
    MissingLibrary(String),
    NoInterpreter,
}

/// The runtime that starts when the file is run. A program that merely embeds Python is no interpreter.
fn runtime_of(tree: &Tree, survey: &Survey, file: &ElfFile, size: u64) -> Start {
    if let Some(runtime) = &file.facts.python {
        return Start::Runtime(None, runtime.clone());
    }
    let Some(library) = file.facts.needed.iter().find(|name| is_python_library(name)) else {
        return graalpy(tree, file).map_or(Start::NoInterpreter, |runtime| Start::Runtime(None, runtime));
    };
    let named = has_python_name(&file.path);
    let bare = size <= LAUNCHER_SIZE
        && file.facts.needed.iter().all(|name| is_python_library(name) || C_LIBRARIES.iter().any(|c| name.starts_with(c)));
    if !named && !bare {
        return Start::NoInterpreter;
    }
    match find_library(tree, survey, file, library) {
        Some((path, runtime)) => Start::Runtime(Some(path), runtime),
        None if named => Start::MissingLibrary(library.clone()),
        None => Start::NoInterpreter,
    }
}

fn is_python_library(name: &str) -> bool {
    name.starts_with("libpython") || name.starts_with("libpypy")
}

fn has_python_name(path: &ImagePath) -> bool {
    path.file_name().starts_with(b"python") || path.file_name().starts_with(b"pypy")
}

/// The library of that name which a loader would find: beside the executable, in the usual directories, else anywhere.
fn find_library(tree: &Tree, survey: &Survey, file: &ElfFile, name: &str) -> Option<(ImagePath, PythonRuntime)> {
    let directory = file.path.parent().unwrap_or_else(ImagePath::root);
    let beside = ["../lib", "../lib64", "."].map(|relative| directory.join(relative).join(name));
    let usual = LIBRARY_DIRECTORIES.iter().filter_map(|path| Some(ImagePath::new(path)?.join(name)));
    let direct = beside.into_iter().chain(usual).find_map(|path| {
        let resolved = tree.resolve(&path).ok()?;
        Some((resolved.path, library_runtime(tree.node(resolved.node).facts.as_ref()?, &file.facts)?))
    });
    direct.or_else(|| {
        survey
            .elf
            .iter()
            .filter(|other| other.path.file_name() == name.as_bytes() || other.facts.soname.as_deref() == Some(name))
            .find_map(|other| {
                let runtime = other.facts.python.clone()?;
                (other.facts.architecture == file.facts.architecture).then(|| (other.path.clone(), runtime))
            })
    })
}

fn library_runtime(facts: &FileFacts, launcher: &Arc<ElfFacts>) -> Option<PythonRuntime> {
    match facts {
        FileFacts::Elf(facts) if facts.architecture == launcher.architecture => facts.python.clone(),
        _ => None,
    }
}

fn describe(machine: &Machine<'_>, file: &ElfFile, library: Option<ImagePath>, runtime: &PythonRuntime) -> FoundInterpreter {
    let Machine { tree, survey, files, packages, .. } = *machine;
    let bytes = library.as_ref().unwrap_or(&file.path);
    let version = match &runtime.version {
        Some(version) => Fact::Known(version.clone()),
        None => Fact::Unknown(format!("the bytes of `{bytes}` hold no version").into()),
    };
    let name = String::from_utf8_lossy(file.path.file_name()).into_owned();
    let minor = runtime.version.as_deref().and_then(minor_version).or_else(|| minor_version(&name));
    let mut found = FoundInterpreter {
        runtime: implementation(runtime).zip(minor).map(|(implementation, (major, minor))| Runtime {
            implementation,
            major,
            minor,
            free_threaded: is_free_threaded(runtime, &name, (major, minor)),
            extension_suffixes: runtime.extension_suffixes.clone(),
            architecture: file.facts.architecture.clone(),
        }),
        facts: Interpreter {
            path: file.path.to_string(),
            language: "python".to_owned(),
            implementation: runtime.implementation.to_owned(),
            version,
            implementation_version: match &runtime.implementation_version {
                Some(own) => Fact::Known(own.clone()),
                None if runtime.implementation == "CPython" => Fact::Absent,
                None => Fact::Unknown(format!("the bytes of `{bytes}` do not say it").into()),
            },
            platform: platform(&file.facts.architecture),
            linkage: linkage(runtime, library.as_ref()),
            libc: libc_of(tree, survey, packages, file, runtime.soabi.as_deref()),
            os_package: files.owner(&file.path).map(str::to_owned),
            conda_package: files.conda_owner(&file.path).map(|(name, _)| name.to_owned()),
            layer: tree.node(file.node).layer,
            ..Interpreter::default()
        },
        path: file.path.clone(),
        node: file.node,
        library,
    };
    // Where it stands is what counts here, whatever a variable would make of it.
    let locate = |known: &Runtime| Installation::locate(tree, &found, known, None, &Context::default());
    let installation = found.runtime.as_ref().map(locate);
    let variables = installation.as_ref().and_then(|place| build_variables(tree, place, runtime));
    let (variables, installation, library) = (variables.as_ref(), installation.as_ref(), found.library.as_ref());
    let source = Provenance { tree, packages: files, path: &found.path, library, installation, variables }.source();
    found.facts.source = source;
    say_how_built(&mut found.facts, runtime, minor, variables);
    found
}

/// The implementation, where its layout is known.
fn implementation(runtime: &PythonRuntime) -> Option<Implementation> {
    match runtime.implementation {
        "CPython" => Some(Implementation::CPython),
        "PyPy" => Some(Implementation::PyPy),
        _ => None,
    }
}

fn linkage(runtime: &PythonRuntime, library: Option<&ImagePath>) -> Fact<Linkage> {
    match (runtime.implementation, library) {
        ("GraalPy", _) => Fact::Unknown("its launcher finds the rest of it when it starts".into()),
        (_, Some(_)) => Fact::Known(Linkage::Shared),
        (_, None) => Fact::Known(Linkage::Static),
    }
}

/// Every other name of an interpreter: hard links, and symbolic links that lead to it.
fn add_aliases(tree: &Tree, survey: &Survey, found: &mut [FoundInterpreter]) {
    let by_node: BTreeMap<NodeId, usize> =
        found.iter().enumerate().map(|(position, interpreter)| (interpreter.node, position)).collect();
    if by_node.is_empty() {
        return;
    }
    let managed = survey.managed.iter().map(|(path, node, _)| (path, *node));
    let hard = survey.elf.iter().map(|file| (&file.path, file.node)).chain(managed);
    let soft = survey.symlinks.iter().filter_map(|path| Some((path, tree.resolve(path).ok()?.node)));
    for (path, node) in hard.chain(soft) {
        if let Some(interpreter) = by_node.get(&node).and_then(|position| found.get_mut(*position))
            && *path != interpreter.path
            && !is_cached(tree, path)
        {
            interpreter.facts.aliases.push(path.to_string());
        }
    }
    for interpreter in found {
        interpreter.facts.aliases.sort();
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine, interpreters};
    use crate::{
        extract::ElfFacts,
        facts::{Fact, Gap, Interpreter, InterpreterSource},
        introspect::{Context, package_files::PackageFiles, survey::Survey, test_tree::TestTree},
    };

    fn find(tree: &TestTree) -> (Vec<Interpreter>, Vec<Gap>) {
        let machine = Machine {
            tree: tree.tree(),
            survey: &Survey::of(tree.tree()),
            files: &PackageFiles::default(),
            packages: &[],
            context: &Context::default(),
        };
        let (found, gaps) = interpreters(&machine);
        (found.into_iter().map(|interpreter| interpreter.facts).collect(), gaps)
    }

    fn launcher(library: &str) -> ElfFacts {
        ElfFacts {
            architecture: "amd64".to_owned(),
            executable: true,
            needed: vec![library.to_owned(), "libc.so.6".to_owned()],
            ..ElfFacts::default()
        }
    }

    #[test]
    fn links_to_one_interpreter_are_its_aliases() {
        let mut tree = TestTree::new();
        let node = tree.elf("/usr/bin/python3.11", TestTree::cpython_facts("3.11.2"));
        tree.hard_link("/usr/bin/python3.11m", node);
        tree.symlink("/usr/bin/python3", "python3.11");
        tree.symlink("/opt/venv/bin/python", "/usr/bin/python3");
        let (found, _) = find(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "/usr/bin/python3.11");
        assert_eq!(found[0].aliases, ["/opt/venv/bin/python", "/usr/bin/python3", "/usr/bin/python3.11m"]);
    }

    #[test]
    fn a_launcher_has_the_version_of_its_library() {
        let mut tree = TestTree::new();
        tree.elf("/usr/local/bin/python3.12", launcher("libpython3.12.so.1.0"));
        let mut library = TestTree::cpython_facts("3.12.1");
        library.executable = false;
        tree.elf("/usr/local/lib/libpython3.12.so.1.0", library);
        let (found, _) = find(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].version, Fact::Known("3.12.1".to_owned()));
    }

    #[test]
    fn a_program_that_embeds_python_is_no_interpreter() {
        let mut tree = TestTree::new();
        let mut gdb = launcher("libpython3.11.so.1.0");
        gdb.needed.push("libreadline.so.8".to_owned());
        tree.elf("/usr/bin/gdb", gdb);
        tree.elf("/usr/lib/libpython3.11.so.1.0", ElfFacts { executable: false, ..TestTree::cpython_facts("3.11.2") });
        assert!(find(&tree).0.is_empty());
    }

    #[test]
    fn a_launcher_without_its_library_is_a_gap() {
        let mut tree = TestTree::new();
        tree.elf("/usr/bin/pypy3", launcher("libpypy3-c.so"));
        let (found, gaps) = find(&tree);
        assert!(found.is_empty());
        assert_eq!(gaps[0].code, "interpreter-library-missing");
    }

    #[test]
    fn a_script_that_starts_python_is_none() {
        let mut tree = TestTree::new();
        tree.script("/root/.pyenv/shims/python3.12", "/usr/bin/env bash");
        tree.script("/usr/bin/jython", "/bin/sh");
        assert!(find(&tree).0.is_empty());
    }

    /// By the layout that CPython documents: no free-threaded build is at hand.
    #[test]
    fn a_free_threaded_build_is_told_by_its_tag_whatever_its_name() {
        let mut tree = TestTree::new();
        let mut facts = TestTree::cpython_facts("3.14.0");
        if let Some(runtime) = &mut facts.python {
            runtime.soabi = Some("cpython-314t-x86_64-linux-gnu".to_owned());
            runtime.extension_suffixes = vec![".cpython-314t-x86_64-linux-gnu.so".to_owned()];
        }
        tree.elf("/opt/nogil/bin/snake", facts);
        let (found, _) = find(&tree);
        assert_eq!(found[0].free_threaded, Fact::Known(true));
        assert_eq!(found[0].debug, Fact::Known(false));
        assert_eq!(found[0].abi, Fact::Known("cp314t".to_owned()));
    }

    #[test]
    fn a_copy_in_a_virtual_environment_came_from_where_its_original_did() {
        let mut tree = TestTree::new();
        tree.cpython("/srv/.pyenv/versions/3.12.1/bin/python3.12", "3.12.1", "/srv/.pyenv/versions/3.12.1/lib/python3.12");
        tree.elf("/venv/bin/python", TestTree::cpython_facts("3.12.1"));
        tree.text("/venv/pyvenv.cfg", "home = /srv/.pyenv/versions/3.12.1/bin\n");
        tree.elf("/lost/bin/python", TestTree::cpython_facts("3.12.1"));
        tree.text("/lost/pyvenv.cfg", "home = /gone/bin\n");
        let (found, _) = find(&tree);
        let of = |path: &str| &found.iter().find(|found| found.path == path).expect("found").source;
        assert_eq!(of("/venv/bin/python"), &Fact::Known(InterpreterSource::Pyenv));
        assert!(matches!(of("/lost/bin/python"), Fact::Unknown(_)));
    }
}

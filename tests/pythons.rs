//! Differential tests against real interpreters: version, implementation, `sys.path` and prefix as douane tells them from
//! bytes, beside what each interpreter said of itself in a chroot. `tests/pythons/make` assembles the roots.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot read its oracle has failed")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use douane::{
    facts::{
        Completeness, Environment, EnvironmentKind, EnvironmentValue, EnvironmentVariable, Fact, Image, Interpreter,
        InterpreterSource,
    },
    filesystem::{Tree, merge},
    image::ImagePath,
    introspect::{Context, Introspection, introspect},
    layer::{ContentHashes, LayerOptions, Workers, read_directory},
    limits::Limits,
    scan::Extractors,
    source::{self, Contents, OpenOptions},
};
use serde_json::Value;

/// The tree of a root file system, read once for all situations.
fn tree(root: &Path) -> Tree {
    let limits = Limits::default();
    let opened = source::open(
        &format!("dir:{}", root.display()),
        &OpenOptions { platform: None, limits: &limits, registries: &Arc::default() },
    );
    let Contents::Root(root) = opened.expect("a directory opens").contents else { panic!("not a root file system") };
    let workers = Workers::new(&limits).expect("workers");
    let pass = LayerOptions {
        limits: &limits,
        hashes: ContentHashes::Leave,
        workers: &workers,
        extract: &Extractors::new(&limits),
        progress: None,
    };
    merge(vec![(None, read_directory(&root, &pass).expect("the root is read"))], &limits).0
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` is no string in {value}"))
}

/// What a container runtime would be told in a situation.
fn image(situation: &Value) -> Image {
    let variables = situation["env"].as_object().expect("variables");
    let variable = |(name, value): (&String, &Value)| {
        let value = value.as_str().expect("text");
        EnvironmentVariable { name: name.clone(), value: EnvironmentValue::new(name, value) }
    };
    Image {
        env: variables.iter().map(variable).collect(),
        user: situation["user"].as_str().map(str::to_owned),
        workdir: situation["workdir"].as_str().map(str::to_owned),
        ..Image::default()
    }
}

/// The path as the tree has it, without symbolic links.
fn resolved(tree: &Tree, path: &str) -> String {
    let found = ImagePath::new(path).and_then(|path| tree.resolve(&path).ok());
    found.map_or_else(|| path.to_owned(), |found| found.path.to_string())
}

/// The environment that a command started: that of its prefix, and of its interpreter or, where an environment holds
/// several copies of one, of another name beside it.
fn environment<'a>(tree: &Tree, found: &'a Introspection, truth: &Value) -> Option<&'a Environment> {
    let (prefix, interpreter) = (resolved(tree, text(truth, "prefix")), text(truth, "resolved"));
    let directory = |path: &str| path.rsplit_once('/').map(|(directory, _)| directory.to_owned());
    let of_prefix = || found.environments.iter().filter(|ours| ours.prefix == prefix);
    let copy = |ours: &&Environment| {
        ours.kind == EnvironmentKind::Venv
            && directory(&ours.interpreter) == directory(interpreter)
            && ours.interpreter.starts_with(&prefix)
    };
    of_prefix().find(|ours| ours.interpreter == interpreter).or_else(|| of_prefix().find(copy))
}

/// An interpreter that could not start has to be told of: no environment, and a gap that says why.
fn failure(tree: &Tree, found: &Introspection, truth: &Value) -> Option<String> {
    let command = text(truth, "command");
    let interpreter = resolved(tree, command);
    let prefix = resolved(tree, command.rsplit_once("/bin/").map_or("", |(prefix, _)| prefix));
    if let Some(ours) = found.environments.iter().find(|ours| ours.prefix == prefix && ours.interpreter == interpreter) {
        return Some(format!("it did not start, but has the environment {}: {}", ours.prefix, truth["error"]));
    }
    let places = [interpreter, format!("{prefix}/pyvenv.cfg")];
    let told = found.gaps.iter().any(|gap| gap.code == "standard-library-missing" && places.contains(&gap.place));
    (!told).then(|| format!("it did not start, of which nothing is told: {}", truth["error"]))
}

/// How one command differs. Nothing in these roots leaves a path unsure, so one that is told to be is a difference too.
fn differences(tree: &Tree, found: &Introspection, truth: &Value) -> Vec<String> {
    let Some(environment) = environment(tree, found, truth) else {
        return vec![format!("no environment {} of {}", truth["prefix"], truth["resolved"])];
    };
    let interpreter = found.interpreters.iter().find(|ours| ours.path == environment.interpreter).expect("listed");
    let mut different = Vec::new();
    if interpreter.version != Fact::Known(text(truth, "version").to_owned()) {
        different.push(format!("version {:?}, really {}", interpreter.version, truth["version"]));
    }
    if truth["implementation"] != *interpreter.implementation {
        different.push(format!("implementation {}, really {}", interpreter.implementation, truth["implementation"]));
    }
    different.extend(built_otherwise(interpreter, truth));
    // A directory that is named twice is searched once: old virtualenvs do that after a blank line of a `.pth` file. What
    // was started through a link to an environment has that link in its path.
    let (link, target) = (text(truth, "prefix"), resolved(tree, text(truth, "prefix")));
    let mut path: Vec<String> = Vec::new();
    for entry in truth["path"].as_array().expect("a path").iter().map(|each| each.as_str().expect("text")) {
        // Where a hook of setuptools hangs the namespaces that it has: no path, though it stands among them.
        if entry.starts_with("__editable__.") && entry.ends_with(".__path_hook__") {
            continue;
        }
        let entry = entry.strip_prefix(link).map_or_else(|| entry.to_owned(), |rest| format!("{target}{rest}"));
        if !path.contains(&entry) {
            path.push(entry);
        }
    }
    if let Completeness::Incomplete(reasons) = &environment.path_complete {
        different.push(format!("path is unsure: {reasons:?}"));
    }
    if environment.path != path {
        let ours: BTreeSet<&str> = environment.path.iter().map(String::as_str).collect();
        let real: BTreeSet<&str> = path.iter().map(String::as_str).collect();
        let (extra, missing): (Vec<_>, Vec<_>) = (ours.difference(&real).collect(), real.difference(&ours).collect());
        different.push(format!("path has {extra:?} too many, lacks {missing:?}, else differs in order"));
    }
    different
}

/// How the interpreter was built, and the C library that it runs with, where these differ.
fn built_otherwise(ours: &Interpreter, truth: &Value) -> Vec<String> {
    let mut different = Vec::new();
    let mut compare = |what: &str, ours: Value, truth: &Value| {
        if ours != *truth {
            different.push(format!("{what} {ours}, really {truth}"));
        }
    };
    let json = |fact: &Fact<String>| serde_json::to_value(fact).expect("a fact");
    compare("debug", serde_json::to_value(&ours.debug).expect("a fact"), &truth["debug"]);
    compare("free_threaded", serde_json::to_value(&ours.free_threaded).expect("a fact"), &truth["free_threaded"]);
    // A PyPy for Python 2 says neither, and its bytes hold no tag.
    if !truth["abi"].is_null() {
        compare("abi", json(&ours.abi), &truth["abi"]);
        // Extension modules of CPython 2 have no tag.
        let first = truth
            .pointer("/extension_suffixes/0")
            .and_then(Value::as_str)
            .and_then(|suffix| suffix.strip_prefix('.')?.strip_suffix(".so"));
        compare("soabi", json(&ours.soabi), &first.map_or(Value::Null, Value::from));
    }
    let libc = ours.libc.known().map(|libc| (libc.name.clone(), libc.version.clone()));
    let (name, version) = (text(truth, "libc_name"), text(truth, "libc_version"));
    if libc != Some((name.to_owned(), Fact::Known(version.to_owned()))) {
        different.push(format!("libc {libc:?}, really {name} {version}"));
    }
    different
}

/// What the oracle wrote for a root into a file.
fn oracle(name: &str, file: &str) -> Value {
    let text = fs::read(place(name).join(file)).expect("the oracle");
    serde_json::from_slice(&text).expect("the oracle is JSON")
}

fn place(name: &str) -> PathBuf {
    let place = std::env::var_os("DOUANE_TEST_PYTHONS").expect("DOUANE_TEST_PYTHONS names the roots: run `tests/run pythons`");
    PathBuf::from(place).join(name)
}

/// Interpreters that are neither CPython nor PyPy, and where every interpreter came from.
fn others_agree(name: &str, found: &Introspection) -> Vec<String> {
    let mut lines = Vec::new();
    for truth in oracle(name, "others.json").as_array().expect("a list") {
        let Some(ours) = found.interpreters.iter().find(|ours| ours.path == text(truth, "command")) else {
            lines.push(format!("{} was not found", truth["command"]));
            continue;
        };
        let own = (ours.version.clone(), ours.implementation_version.clone(), ours.implementation.to_lowercase());
        let known = |key: &str| Fact::Known(text(truth, key).to_owned());
        if own != (known("version"), known("own"), text(truth, "implementation").to_owned()) {
            lines.push(format!("{}: {own:?}, really {truth}", ours.path));
        }
    }
    for ours in &found.interpreters {
        let expected = match ours.path.as_str() {
            path if path.starts_with("/usr/") => Some(InterpreterSource::OsPackage),
            path if path.contains("/.pyenv/versions/") => Some(InterpreterSource::Pyenv),
            _ => None,
        };
        if expected.is_some() && ours.source.known().copied() != expected {
            lines.push(format!("{} came from {:?}, really {expected:?}", ours.path, ours.source));
        }
    }
    lines
}

fn agrees(name: &str) {
    let place = place(name);
    let oracle = oracle(name, "oracle.json");
    let tree = tree(&place.join("root"));
    let (mut compared, mut lines) = (0, Vec::new());
    for situation in oracle.as_array().expect("situations") {
        let image = image(situation);
        let found = introspect(&tree, &Context { image: Some(&image), ..Context::default() });
        for truth in situation["cases"].as_array().expect("cases") {
            compared += 1;
            let case = format!("{} of {}", text(situation, "situation"), text(truth, "command"));
            if !truth["error"].is_null() {
                lines.extend(failure(&tree, &found, truth).map(|line| format!("{case}: {line}")));
                continue;
            }
            lines.extend(differences(&tree, &found, truth).into_iter().map(|line| format!("{case}: {line}")));
        }
    }
    let found = introspect(&tree, &Context::default());
    lines.extend(others_agree(name, &found));
    assert!(compared > 100, "{name}: only {compared} cases");
    assert!(lines.is_empty(), "{name}: {} differences in {compared} cases:\n{}", lines.len(), lines.join("\n"));
}

/// Modules of editable installations, by path and by hook, are those that the interpreter itself loads.
#[test]
#[ignore = "needs real interpreters: run `tests/run pythons`"]
fn hooks_of_editables_find_what_they_really_find() {
    let tree = tree(&place("bookworm").join("root"));
    let found = introspect(&tree, &Context::default());
    let mut lines = Vec::new();
    for truth in oracle("bookworm", "finds.json").as_array().expect("a list") {
        let prefix = text(truth, "command").strip_suffix("/bin/python").expect("an environment");
        let environment = found.environments.iter().find(|ours| ours.prefix == prefix).expect("it is found");
        assert!(environment.path_complete.is_complete(), "{:?}", environment.path_complete);
        assert!(environment.modules_complete.is_complete(), "{:?}", environment.modules_complete);
        let names = truth["found"].as_object().expect("names");
        assert!(names.len() > 50, "only {} names", names.len());
        for (name, file) in names {
            let ours = environment.modules.iter().find(|module| module.name == name);
            // A namespace has no file: an empty text, and nothing where there is no such module.
            let ours = ours.map(|module| module.file.clone().unwrap_or_default());
            if ours.as_deref() != file.as_str() {
                lines.push(format!("{name}: {ours:?}, really {file}"));
            }
        }
    }
    assert!(lines.is_empty(), "{} differences:\n{}", lines.len(), lines.join("\n"));
}

#[test]
#[ignore = "needs real interpreters: run `tests/run pythons`"]
fn jython_is_its_archive_and_not_the_script_that_starts_it() {
    let tree = tree(&place("bookworm").join("root"));
    let found = introspect(&tree, &Context::default());
    let jythons: Vec<_> = found.interpreters.iter().filter(|ours| ours.implementation == "Jython").collect();
    let [jython] = jythons.as_slice() else { panic!("{} of them", jythons.len()) };
    // Debian names the archive by its version.
    let version =
        jython.path.strip_prefix("/usr/share/java/jython-").and_then(|rest| rest.strip_suffix(".jar")).expect("a name");
    assert_eq!(jython.version, Fact::Known(version.to_owned()));
    assert_eq!(jython.os_package.as_deref(), Some("jython"));
    assert!(jython.aliases.contains(&"/usr/share/java/jython.jar".to_owned()), "{:?}", jython.aliases);
}

#[test]
#[ignore = "needs real interpreters: run `tests/run pythons`"]
fn debian_12_and_pyenv_are_as_they_say_themselves() {
    agrees("bookworm");
}

#[test]
#[ignore = "needs real interpreters: run `tests/run pythons`"]
fn the_newest_interpreters_are_as_they_say_themselves() {
    agrees("sid");
}

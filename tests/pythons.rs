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
    extract::{FileFacts, assembly_facts, elf_facts, jar_facts, python_facts, script_facts, zip_facts},
    facts::{Completeness, Environment, EnvironmentKind, EnvironmentValue, EnvironmentVariable, Fact, Image},
    filesystem::{Tree, merge},
    image::ImagePath,
    introspect::{Context, Introspection, introspect},
    layer::{ContentHashes, Extract, FileKind, LayerOptions, Workers, read_directory},
    limits::Limits,
    source::{self, Contents, OpenOptions},
};
use serde_json::Value;

struct Extractors;

impl Extract for Extractors {
    fn extract(&self, kind: FileKind, bytes: Vec<u8>) -> FileFacts {
        match kind {
            FileKind::Python => python_facts(&bytes),
            FileKind::Elf => elf_facts(&bytes),
            FileKind::Text => FileFacts::Text(Arc::from(bytes)),
            FileKind::Script => script_facts(&bytes),
            FileKind::Zip => zip_facts(&bytes, &Limits::default().zip),
            FileKind::Jar => jar_facts(&bytes),
            FileKind::Assembly => assembly_facts(&bytes),
        }
    }
}

/// The tree of a root file system, read once for all situations.
fn tree(root: &Path) -> Tree {
    let limits = Limits::default();
    let opened = source::open(&format!("dir:{}", root.display()), &OpenOptions { platform: None, limits: &limits });
    let Contents::Root(root) = opened.expect("a directory opens").contents else { panic!("not a root file system") };
    let workers = Workers::new(&limits).expect("workers");
    let pass =
        LayerOptions { limits: &limits, hashes: ContentHashes::Leave, workers: &workers, extract: &Extractors, progress: None };
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
    // A directory that is named twice is searched once: old virtualenvs do that after a blank line of a `.pth` file. What
    // was started through a link to an environment has that link in its path.
    let (link, target) = (text(truth, "prefix"), resolved(tree, text(truth, "prefix")));
    let mut path: Vec<String> = Vec::new();
    for entry in truth["path"].as_array().expect("a path").iter().map(|each| each.as_str().expect("text")) {
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

fn agrees(name: &str) {
    let place = std::env::var_os("DOUANE_TEST_PYTHONS").expect("DOUANE_TEST_PYTHONS names the roots: run `tests/run pythons`");
    let place = PathBuf::from(place).join(name);
    let oracle: Value =
        serde_json::from_slice(&fs::read(place.join("oracle.json")).expect("the oracle")).expect("the oracle is JSON");
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
    assert!(compared > 100, "{name}: only {compared} cases");
    assert!(lines.is_empty(), "{name}: {} differences in {compared} cases:\n{}", lines.len(), lines.join("\n"));
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

//! Trees of chance, found by this finder and by real interpreters' own; never a tree that was made to fit.
//!
//! Known disagreement: Python 2 opens a directory named `m.py` and fails to load it; such names are not made for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::Arc,
};

use super::{
    finder::modules_on_path,
    runtime::{Runtime, minor_version},
    settled::Settled,
    test_tree::TestTree,
};
use crate::{
    extract::{ZipContent, ZipFacts, ZipMember},
    image::ImagePath,
};

/// Numbers of chance that are the same on every run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

const STEMS: [&str; 5] = ["a", "b", "c", "cmodule", "__init__"];

/// Path to what is there: a type and the target of a link. A parent sorts before what it holds.
type Entries = BTreeMap<String, (&'static str, String)>;

fn fill(chance: &mut Chance, runtime: &Runtime, directory: &str, depth: usize, entries: &mut Entries) {
    let tag = format!(".cpython-3{}{}-x86_64-linux-gnu.so", runtime.minor, if runtime.minor < 8 { "m" } else { "" });
    let endings = [".py", ".pyc", ".so", ".abi3.so", "module.so", &tag, ".cpython-34m-x86_64-linux-gnu.so", ".pyi", ".PY", ""];
    for _ in 0..chance.below(6) {
        let stem = STEMS[chance.below(STEMS.len())];
        let ending = endings[chance.below(endings.len())];
        // A directory named `__init__` is asked about nowhere.
        let stem = if ending.is_empty() && stem == "__init__" { "a" } else { stem };
        let path = format!("{directory}/{stem}{ending}");
        if entries.contains_key(&path) {
            continue;
        }
        match chance.below(10) {
            0..=3 if depth < 3 => {
                let path = format!("{directory}/{}", STEMS[chance.below(STEMS.len() - 1)]);
                if !entries.contains_key(&path) {
                    entries.insert(path.clone(), ("directory", String::new()));
                    fill(chance, runtime, &path, depth + 1, entries);
                }
            }
            4 if runtime.major == 3 => {
                entries.insert(path, ("directory", String::new()));
            }
            5 => {
                let to_directory = chance.below(2) == 0 && (runtime.major == 3 || ending.is_empty());
                let target = format!("{}{}", STEMS[chance.below(STEMS.len())], if to_directory { "" } else { ".py" });
                entries.insert(path, ("link", target));
            }
            _ => {
                entries.insert(path, ("file", String::new()));
            }
        }
    }
}

/// The members of an archive of chance, with entries for some of its directories.
fn members(chance: &mut Chance, directory: &str, depth: usize, names: &mut BTreeSet<String>) {
    for _ in 0..1 + chance.below(5) {
        let stem = STEMS[chance.below(STEMS.len())];
        match chance.below(8) {
            0..=3 if depth < 3 && stem != "__init__" => {
                let below = format!("{directory}{stem}/");
                if chance.below(2) == 0 {
                    names.insert(below.clone());
                }
                members(chance, &below, depth + 1, names);
            }
            kind => {
                names.insert(format!("{directory}{stem}{}", [".py", ".pyc", ".so", ".pyi"][kind % 4]));
            }
        }
    }
}

/// What the archive says, were it read: a source of which nothing is known is as good as any to a finder.
fn archive(names: &str) -> ZipFacts {
    let content = |name: &str| match name {
        name if name.ends_with('/') => Some(ZipContent::Directory),
        name if name.ends_with(".py") => Some(ZipContent::Source(Arc::default())),
        name if name.ends_with(".pyc") => Some(ZipContent::Bytecode { unchecked: false }),
        _ => None,
    };
    let members = names.split_whitespace().filter_map(|name| Some(ZipMember { path: name.into(), content: content(name)? }));
    ZipFacts { members: members.collect(), ..ZipFacts::default() }
}

fn found(runtime: &Runtime, path: &[String], entries: &Entries) -> Vec<String> {
    let mut tree = TestTree::new();
    for (path, (kind, target)) in entries {
        match *kind {
            "link" => tree.symlink(path, target),
            "directory" => tree.directory(path),
            "zip" => tree.zip(path, archive(target)),
            _ => tree.empty(path),
        };
    }
    let path: Vec<_> = path.iter().map(|entry| ImagePath::new(entry).expect("valid")).collect();
    let (modules, complete) = modules_on_path(tree.tree(), &path, &[], runtime, &Settled::default());
    assert!(complete.is_complete(), "{complete:?}");
    let shown = |module: &super::finder::FoundModule| {
        let file = module.file.as_ref().map_or(String::new(), |(path, _)| format!(" {path}"));
        format!("{} {:?}{file}", module.name, module.kind)
    };
    let mut shown: Vec<String> = modules.iter().map(shown).collect();
    shown.sort();
    shown
}

/// Compares so many trees with one interpreter; returns how many modules were found.
fn compare(python: &str, trees: usize) -> usize {
    let version = Command::new(python).args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).output();
    let version = String::from_utf8(version.expect("an interpreter that runs").stdout).expect("a version");
    let (major, minor) = minor_version(&version).expect("a version");
    let runtime = Runtime::cpython(major, minor);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/finder/oracle.py");
    let mut oracle = Command::new(python)
        .args(["-S", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("an interpreter that runs");
    let mut ask = oracle.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(oracle.stdout.take().expect("a pipe"));
    let mut count = 0;
    for seed in 0..trees {
        let mut chance = Chance(seed as u64);
        let mut entries = Entries::new();
        let mut path: Vec<String> = (0..2 + chance.below(3)).map(|number| format!("/p{number}")).collect();
        for entry in &path {
            fill(&mut chance, &runtime, entry, 0, &mut entries);
        }
        // `imp`, which is asked of Python 2, looks into no archive.
        if runtime.major == 3 && chance.below(2) == 0 {
            let mut names = BTreeSet::new();
            members(&mut chance, "", 0, &mut names);
            entries.insert("/lib.zip".to_owned(), ("zip", names.into_iter().collect::<Vec<_>>().join(" ")));
            let entry = if chance.below(4) == 0 { "/lib.zip/a" } else { "/lib.zip" };
            path.insert(chance.below(path.len() + 1), entry.to_owned());
        }
        let listed: Vec<_> = entries.iter().map(|(path, (kind, target))| (kind, path, target)).collect();
        writeln!(ask, "{}", serde_json::json!({ "path": path, "entries": listed })).expect("an oracle that listens");
        let mut answer = String::new();
        answers.read_line(&mut answer).expect("an oracle that answers");
        let expected: Vec<String> = serde_json::from_str(&answer).expect("a list");
        assert_eq!(found(&runtime, &path, &entries), expected, "{python}, tree {seed}: {entries:#?}");
        count += expected.len();
    }
    drop(ask);
    assert!(oracle.wait().expect("an end").success());
    count
}

#[test]
#[ignore = "needs interpreters: tests/run finder"]
#[expect(clippy::print_stderr, reason = "the run says which interpreters it used")]
fn agrees_with_real_interpreters() {
    let pythons = env::var("DOUANE_TEST_PYTHONS").expect("DOUANE_TEST_PYTHONS names interpreters");
    let trees = env::var("DOUANE_TEST_TREES").map_or(1000, |count| count.parse().expect("a number"));
    assert!(pythons.split_whitespace().next().is_some(), "no interpreter to compare with");
    for python in pythons.split_whitespace() {
        let modules = compare(python, trees);
        assert!(modules > trees, "{python}: the trees hold too little to compare");
        eprintln!("{python}: {trees} trees, {modules} modules, no difference");
    }
}

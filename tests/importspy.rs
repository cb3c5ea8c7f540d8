//! Contracts of ImportSpy: our verdicts and codes beside those of ImportSpy 0.5 itself, run in the same environment.
//!
//! `tests/run importspy` makes the virtual environment, names it in `DOUANE_TEST_IMPORTSPY` and runs this. Each case is a contract in
//! `tests/importspy/cases`, with a module of its own or `plugin.py`, and perhaps a `pyproject.toml`.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot run has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use douane::{
    facts::{EnvironmentValue, EnvironmentVariable, Inventory},
    limits::Limits,
    policy::{PolicyText, compile_contract},
    scan::{Home, ModuleFile, ScanOptions, put_module, python_of_machine, scan_home},
};

/// What is found of a case: `ADMIT`, `DENY` or `ERROR`, and the codes.
type Found = (String, BTreeSet<String>);

/// Where ImportSpy and we differ: the case, what we find, and why.
const DIFFERENCES: [(&str, &str, &str); 14] = [
    ("fault-annotation-white-space", "ADMIT", "white space in annotations says nothing"),
    ("fault-dataclass", "ADMIT", "a dataclass has the attributes that its body gives"),
    ("fault-editable-of-index", "ADMIT", "what an index gave is not editable"),
    ("fault-inherited-method", "ADMIT", "a method of a known superclass is a method"),
    ("fault-instance-attribute", "ADMIT", "`self.settings = {}` in the constructor gives an attribute"),
    ("fault-nested-superclass", "ADMIT", "what a known superclass has is known"),
    ("fault-origin-index", "ADMIT", "an installer that writes no `direct_url.json` took it from an index"),
    ("fault-relative-import", "ADMIT", "`from . import name` names the package itself"),
    ("fault-runtime-amd64", "ADMIT", "amd64 is x86_64"),
    ("fault-subscript-assignment", "ADMIT", "`os.environ[\"A\"] = \"1\"` binds no name"),
    ("fault-truth-is-no-number", "DENY S102", "`True` is not 1"),
    ("fault-type-checking", "ADMIT", "an import for type checkers imports nothing"),
    ("module-namespace-unknown", "ADMIT", "what is assigned afterwards is there, whatever `globals()` bound before"),
    ("source-unreadable", "DENY S001 S103", "of what cannot be read the structure is not known either"),
];

#[test]
#[ignore = "needs ImportSpy: tests/run importspy"]
fn verdicts_are_those_of_importspy() {
    let venv = std::env::var_os("DOUANE_TEST_IMPORTSPY").expect("`DOUANE_TEST_IMPORTSPY` names the virtual environment");
    let venv = Path::new(&venv).canonicalize().expect("a directory");
    let scratch = tempfile::tempdir().expect("a directory");
    let cases = lay_out(scratch.path());
    let theirs = ask_importspy(&venv, &cases);
    let options = ScanOptions::new(None, Limits::default()).expect("no platform");
    let python = python_of_machine(&venv).expect("a virtual environment");
    let home = scan_home(&Home::Machine(python, variables()), &options).expect("an environment");
    let mut wrong = String::new();
    for (case, directory) in &cases {
        let ours = shown(&judge(directory, &home, &options));
        let theirs = theirs.get(case).map(shown).expect("a decision");
        let expected = DIFFERENCES.iter().find(|(name, ..)| name == case).map(|(_, found, _)| (*found).to_owned());
        if expected.as_ref().is_some_and(|expected| *expected == theirs) {
            let _ = writeln!(wrong, "{case}: ImportSpy agrees by now, so this is no difference");
        }
        let expected = expected.unwrap_or(theirs);
        if ours != expected {
            let _ = writeln!(wrong, "{case}: expected {expected}, found {ours}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_difference_is_a_case() {
    let names: Vec<String> = case_files().into_keys().collect();
    for (case, ..) in DIFFERENCES {
        assert!(names.iter().any(|name| name == case), "{case}");
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/importspy")
}

/// Every contract of the corpus by its name.
fn case_files() -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir(corpus().join("cases")).expect("the corpus");
    let named = entries.map(|entry| entry.expect("an entry").path()).filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".importspy.yml")?.to_owned();
        Some((name, path))
    });
    named.collect()
}

/// A directory for each case, with the module as `plugin.py`.
fn lay_out(scratch: &Path) -> BTreeMap<String, PathBuf> {
    let mut cases = BTreeMap::new();
    for (case, contract) in case_files() {
        let directory = scratch.join(&case);
        fs::create_dir(&directory).expect("made");
        fs::copy(&contract, directory.join("plugin.importspy.yml")).expect("copied");
        let beside = |ending: &str| corpus().join("cases").join(format!("{case}.{ending}"));
        let module = if beside("py").exists() { beside("py") } else { corpus().join("cases/plugin.py") };
        fs::copy(module, directory.join("plugin.py")).expect("copied");
        if beside("toml").exists() {
            fs::copy(beside("toml"), directory.join("pyproject.toml")).expect("copied");
        }
        cases.insert(case, directory);
    }
    cases
}

fn variables() -> Vec<EnvironmentVariable> {
    [("HOME", "/root"), ("DOUANE_MODE", "fast")]
        .map(|(name, value)| EnvironmentVariable { name: name.into(), value: EnvironmentValue::new(name, value) })
        .into()
}

fn ask_importspy(venv: &Path, cases: &BTreeMap<String, PathBuf>) -> BTreeMap<String, Found> {
    let variables: Vec<_> = variables().into_iter().map(|it| (it.name, it.value.expose().to_owned())).collect();
    let mut command = Command::new(venv.join("bin/python"));
    let asked = command.arg(corpus().join("oracle.py")).args(cases.values()).env_clear().envs(variables).output();
    let asked = asked.expect("Python runs");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let mut decisions = BTreeMap::new();
    for line in String::from_utf8(asked.stdout).expect("text").lines() {
        let decision: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned).expect("text");
        let codes = decision["codes"].as_array().expect("codes").iter().map(text).collect();
        decisions.insert(text(&decision["case"]), (text(&decision["decision"]), codes));
    }
    decisions
}

/// What we find: a contract that does not compile is ImportSpy's `C101`.
fn judge(directory: &Path, home: &Inventory, options: &ScanOptions) -> Found {
    let module = ModuleFile::read(&directory.join("plugin.py"), options).expect("a module");
    let text = fs::read_to_string(directory.join("plugin.importspy.yml")).expect("a contract");
    let contract = PolicyText { name: "plugin.importspy.yml".into(), text };
    let Ok((compiled, _)) = compile_contract(&contract, &module.name) else {
        return ("ERROR".into(), BTreeSet::from(["C101".into()]));
    };
    let mut inventory = home.clone();
    put_module(&mut inventory, &module, options);
    let evaluation = compiled.evaluate(&inventory, jiff::civil::date(2026, 11, 1));
    let failing = evaluation.rules.iter().flat_map(|rule| &rule.violations).filter(|violation| violation.fails);
    let codes: BTreeSet<String> =
        failing.map(|violation| violation.code.clone().unwrap_or_else(|| panic!("without a code: {violation:?}"))).collect();
    (if codes.is_empty() { "ADMIT".into() } else { "DENY".into() }, codes)
}

fn shown((decision, codes): &Found) -> String {
    let mut shown = decision.clone();
    for code in codes {
        let _ = write!(shown, " {code}");
    }
    shown
}

//! Modules against their contracts: where contracts are found, what is said, and exit codes.

use std::{fs, path::Path};

use serde_json::json;

use super::{
    INCOMPLETE, PASS, Run, USAGE, VIOLATIONS, douane,
    fixture::{Image, cpython, docker_archive},
    written,
};

const MODULE: &str = "import json\n\nAPI_VERSION = 2\n\n\nclass Plugin:\n    def run(self, event: str) -> None: ...\n";
const CONTRACT: &str = "filename: plugin.py\nvariables:\n  - {name: API_VERSION, value: 2}\nclasses:\n  - name: Plugin\n    methods: [{name: run}]\n";

struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        Self(written(files))
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn check(&self, more: &[&str]) -> Run {
        douane(&[&["check", &self.path("plugin.py")], more].concat())
    }
}

#[test]
fn a_module_is_judged_by_the_contract_beside_it() {
    let project = Project::new(&[("plugin.py", MODULE), ("plugin.importspy.yml", CONTRACT)]);
    let run = project.check(&[]);
    assert_eq!(run.code, PASS, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("a module by itself"), "{}", run.stdout);
    project.check(&["--strict"]).refused(PASS, &["nothing found"]);
}

#[test]
fn findings_carry_the_codes_of_importspy_and_point_into_the_yaml() {
    let broken = CONTRACT.replace("value: 2", "value: 3").replace("name: run", "name: stop");
    let project = Project::new(&[("plugin.py", MODULE), ("plugin.importspy.yml", &broken)]);
    let report = project.check(&["-f", "json"]).json();
    let findings = report["findings"].as_array().expect("findings");
    let found: Vec<_> = findings.iter().map(|it| json!([it["code"], it["clause"]["line"], it["location"]["line"]])).collect();
    assert_eq!(found, [json!(["S102", 3, 3]), json!(["S101", 6, 6])]);
    project
        .check(&[])
        .refused(VIOLATIONS, &["plugin.importspy.yml:6", "code: S101", "`plugin.API_VERSION` is `2`, expected `3`"]);
}

#[test]
fn a_contract_that_is_none_judges_nothing() {
    let project = Project::new(&[("plugin.py", MODULE), ("plugin.importspy.yml", "filenam: plugin.py\nversion: 1.2\n")]);
    project.check(&[]).refused(USAGE, &["did you mean `filename`?", "`1.2` without quotes is a number", "2 mistakes"]);
    let project = Project::new(&[("plugin.py", MODULE)]);
    project.check(&[]).refused(USAGE, &["has no contract", "plugin.importspy.yml"]);
    project.check(&["--contract", &project.path("gone.yml")]).refused(USAGE, &["gone.yml"]);
    douane(&["check", &project.path("gone.py"), "--contract", &project.path("x.yml")]).refused(USAGE, &["gone.py"]);
}

#[test]
fn a_place_without_python_cannot_be_where_a_module_runs() {
    let contract = "schema_version: 1\nruntime: {os: [linux]}\n";
    let project = Project::new(&[("plugin.py", MODULE), ("plugin.importspy.yml", contract), ("root/etc/os-release", "ID=x\n")]);
    project.check(&["--in", &project.path("root")]).refused(INCOMPLETE, &["holds no Python environment"]);
}

#[test]
fn a_contract_is_converted_and_judges_the_same() {
    let project = Project::new(&[("plugin.py", MODULE), ("plugin.importspy.yml", CONTRACT)]);
    let output = project.path("plugin.douane");
    let run = douane(&["policy", "convert", &project.path("plugin.importspy.yml"), "-o", &output]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    let text = fs::read_to_string(&output).expect("written");
    assert!(text.contains("every module **.plugin has {"), "{text}");
    project.check(&["--contract", &output, "--in", "/nowhere"]).refused(INCOMPLETE, &["/nowhere"]);
    let again = douane(&["policy", "convert", &project.path("plugin.importspy.yml"), "-o", &output]);
    again.refused(USAGE, &["plugin.douane"]);
}

#[test]
fn a_contract_to_begin_with_is_kept_by_its_module() {
    let project = Project::new(&[("pkg/__init__.py", ""), ("pkg/plugin.py", MODULE)]);
    let (module, contract) = (project.path("pkg/plugin.py"), project.path("plugin.douane"));
    let run = douane(&["policy", "new", "--from", &module, "-o", &contract]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    assert!(fs::read_to_string(&contract).expect("written").contains("every module pkg.plugin has {"));
    douane(&["check", &module, "--contract", &contract, "--strict"]).refused(PASS, &["nothing found"]);
    fs::write(Path::new(&module), MODULE.replace("event", "message")).expect("written");
    douane(&["check", &module, "--contract", &contract]).refused(VIOLATIONS, &["lacks the parameter `event`"]);
    fs::write(Path::new(&module), "def f(:\n").expect("written");
    douane(&["policy", "new", "--from", &module]).refused(USAGE, &["line 1"]);
}

/// A contract that asks for where a module runs: this module imports `yaml`.
const ENVIRONMENT: &str = "filename: plugin.py\nruntime:\n  python: \">=3.11\"\n  os: [linux]\n  architecture: [x86_64]\n  \
                           environment: {MODE: fast}\ndependencies:\n  PyYAML: {required: true, version: \">=6\"}\n";

/// Checks a module that imports `yaml` against a contract, in an image with a Python and, beside it, what else is given.
fn in_image(contract: &str, more: &[(&str, &str)]) -> Run {
    let project = Project::new(&[("plugin.py", "import yaml\n"), ("plugin.importspy.yml", contract)]);
    let (python, site) = (cpython("3.11.2"), "usr/lib/python3.11/site-packages");
    let package = format!("{site}/yaml/__init__.py");
    let metadata = format!("{site}/PyYAML-6.0.dist-info/METADATA");
    let record = format!("{site}/PyYAML-6.0.dist-info/RECORD");
    let mut files = vec![
        ("usr/bin/python3.11", python.as_str()),
        ("usr/lib/python3.11/os.py", ""),
        (&package, ""),
        (&metadata, "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0\n"),
        (&record, "yaml/__init__.py,,\n"),
    ];
    files.extend(more);
    let image = Image {
        layers: &[&files],
        modes: &[("usr/bin/python3.11", 0o755)],
        config: json!({ "Entrypoint": ["/usr/bin/python3.11"], "Env": ["MODE=fast"] }),
        ..Image::default()
    };
    let archive = docker_archive(&project.0.path().join("image.tar"), &[("app:1", image)]);
    project.check(&["--in", archive.to_str().expect("UTF-8")])
}

#[test]
fn a_module_is_judged_where_it_would_run_in_an_image() {
    let kept = in_image(ENVIRONMENT, &[]);
    assert_eq!(kept.code, PASS, "{}{}", kept.stdout, kept.stderr);
    for said in ["plugin.py in ", "image.tar · linux/amd64", "CPython 3.11.2", "1 distribution", "runs the entry point"] {
        assert!(kept.stdout.contains(said), "{said}: {}", kept.stdout);
    }
    let broken = ENVIRONMENT.replace(">=3.11", ">=3.12").replace(">=6", ">=7").replace("MODE: fast", "MODE: slow");
    let words = ["code: R102", "code: D104", "code: R103", "plugin.importspy.yml:8", "PyYAML 6.0"];
    in_image(&broken, &[]).refused(VIOLATIONS, &words);
}

#[test]
fn what_is_not_to_be_settled_in_an_image_is_not_said_in_yaml() {
    let hook = [("usr/lib/python3.11/site-packages/hook.pth", "import hook\n")];
    let run = in_image(ENVIRONMENT, &hook);
    assert!(run.stdout.contains("there may be more in `modules` than is known"), "{}", run.stdout);
    let undeclared = in_image("schema_version: 1\nfilename: plugin.py\ndependencies:\n  import:yaml: {declared: true}\n", &[]);
    assert!(undeclared.stdout.contains("it is not known whether `d.declared` holds"), "{}", undeclared.stdout);
}

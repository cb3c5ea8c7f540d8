//! Directories of sources and single modules against policies, where no Python is found: what is said, and exit codes.

use std::fs;

use serde_json::json;

use super::{INCOMPLETE, Run, USAGE, VIOLATIONS, command, run, written};

const POLICY: &str = "edition 1\npackage t\nrule no-pickle error \"No pickle\" { forbid import own -> pickle }\n";

struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        Self(written(files.iter().chain([&("policy.douane", POLICY)])))
    }

    /// The command in the project's directory, on a machine without Python.
    fn run(&self, arguments: &[&str]) -> Run {
        let nowhere = self.0.path().join("no-such-directory");
        let mut command = command();
        run(command.args(arguments).current_dir(self.0.path()).env("PATH", nowhere).env_remove("VIRTUAL_ENV"))
    }

    fn locations(&self, target: &str) -> Vec<serde_json::Value> {
        let report = self.run(&["check", target, "-p", "policy.douane", "-f", "json"]).json();
        let findings = report["findings"].as_array().expect("findings");
        let broken = findings.iter().filter(|it| it["verdict"] == "fail");
        broken.map(|it| json!([it["location"]["path"], it["location"]["line"], it["subject"]["identity"]])).collect()
    }
}

const FILES: [(&str, &str); 5] = [
    ("pyproject.toml", ""),
    ("src/shop/__init__.py", ""),
    ("src/shop/cart.py", "import json\nimport pickle\n"),
    ("tools/1-clean.py", "from pickle import loads\n"),
    (".hidden/x.py", "import pickle\n"),
];

#[test]
fn a_project_a_package_and_a_module_are_judged_by_policies() {
    let project = Project::new(&FILES);
    let all = project.locations(".");
    let paths: Vec<_> = all.iter().map(|it| (it[0].as_str().expect("a path"), it[1].as_u64().expect("a line"))).collect();
    assert_eq!(paths, [("src/shop/cart.py", 2), ("tools/1-clean.py", 1)]);
    assert_eq!(project.locations("src/shop"), all[..1]);
    assert_eq!(project.locations("src/shop/cart.py"), all[..1]);
    assert_eq!(project.locations("code:src"), all[..1]);
    project.run(&["check", "src/shop", "-p", "policy.douane"]).refused(VIOLATIONS, &["src/shop/cart.py:2:8", "shop.cart"]);
}

#[test]
fn what_the_environment_would_say_is_unknown_without_one() {
    let project = Project::new(&FILES);
    fs::write(
        project.0.path().join("policy.douane"),
        "edition 1\npackage t\nrule known error \"Known\" {\n  for i in imports\n  where i.module.owner == \"own\"\n  require i.resolves\n}\n",
    )
    .expect("written");
    let run = project.run(&["check", "src/shop", "-p", "policy.douane"]);
    run.refused(
        VIOLATIONS,
        &["it is not known whether `i.resolves` holds", "there is no Python here", "no Python to run it with"],
    );
}

#[test]
fn a_file_that_does_not_parse_is_a_gap_under_its_own_path() {
    let project = Project::new(&[("app/__init__.py", ""), ("app/broken.py", "def (:\n"), ("app/old.py", "print 'x'\n")]);
    project
        .run(&["check", "app", "-p", "policy.douane", "--strict"])
        .refused(VIOLATIONS, &["2 files do not parse", "app/broken.py", "app/old.py"]);
}

#[test]
fn a_scheme_that_leads_nowhere_is_a_wrong_argument() {
    let project = Project::new(&FILES);
    project.run(&["check", "env:src", "-p", "policy.douane"]).refused(USAGE, &["`src` is not what", "a virtual environment"]);
    project.run(&["check", "code:gone", "-p", "policy.douane"]).refused(USAGE, &["a Python file, or a directory of them"]);
    let missing = project.run(&["check", "src", "-p", "policy.douane", "--in", "gone.tar"]);
    missing.refused(INCOMPLETE, &["gone.tar"]);
}

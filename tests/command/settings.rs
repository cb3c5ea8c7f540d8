//! The settings file as a user meets it: where it is found, what it gives, what the command line says against it.

use std::fs;

use serde_json::Value;

use super::{PASS, Run, USAGE, VIOLATIONS, command, douane, run, scratch, text};

const POLICY: &str = "edition 1\npackage acme.shop\nparam most: Int = 12\nrule few error \"Few\" {\n  require count(binaries) <= most\n}\n\
                      rule gone error \"Gone\" {\n  for i in interpreters\n  require i.path != \"\"\n}\n\
                      test \"few\" {\n  given { }\n  expect few passes\n}\n";

/// A project with a policy, a target, a deep directory to work in, and these settings.
struct Project(tempfile::TempDir);

impl Project {
    fn new(settings: &str) -> Self {
        let scratch = scratch();
        for directory in ["rules", "root/etc", "src/deep"] {
            fs::create_dir_all(scratch.path().join(directory)).expect("made");
        }
        fs::write(scratch.path().join("rules/shop.douane"), POLICY).expect("written");
        fs::write(scratch.path().join("douane.toml"), settings).expect("written");
        Self(scratch)
    }

    /// Runs in a directory two below that of the settings.
    fn run(&self, arguments: &[&str]) -> Run {
        run(command().args(arguments).current_dir(self.0.path().join("src/deep")))
    }

    fn check(&self, more: &[&str]) -> Run {
        self.run(&[&["check", "../../root"], more].concat())
    }
}

fn packages(run: &Run) -> Vec<String> {
    let policies = run.json()["policies"].as_array().cloned().unwrap_or_default();
    policies.iter().filter_map(|policy| policy["package"].as_str().map(str::to_owned)).collect()
}

const SETTINGS: &str = "policies = [\"rules/\", \"douane.image\"]\nstrict = true\n\n[params]\nmost = 40\n";

#[test]
fn settings_above_give_policies_strictness_and_parameters() {
    let project = Project::new(SETTINGS);
    let run = project.check(&["-f", "json"]);
    assert_eq!(packages(&run), ["acme.shop", "douane.image"], "{}", run.stderr);
    let report = run.json();
    assert_eq!((&report["strict"], &report["settings"]), (&Value::Bool(true), &"../../douane.toml".into()));
    assert_eq!((run.code, run.stderr.as_str()), (VIOLATIONS, ""));
    let page = project.check(&[]);
    assert!(page.stdout.contains("\nsettings from ../../douane.toml\n"), "{}", page.stdout);
    let explained = project.run(&["policy", "explain", "few"]);
    assert!(explained.stdout.contains("most = 40, by ../../douane.toml:5"), "{}{}", explained.stdout, explained.stderr);
    let checked = project.run(&["policy", "check"]);
    assert!(checked.stdout.contains("2 policy files"), "{}{}", checked.stdout, checked.stderr);
    assert!(checked.stdout.contains("settings from ../../douane.toml"), "{}", checked.stdout);
    let tested = project.run(&["policy", "test"]);
    assert!(tested.code == PASS && tested.stdout.contains("settings from ../../douane.toml"), "{}", tested.stdout);
    assert!(project.run(&["policy", "doc"]).stdout.contains("## `acme.shop`"));
}

#[test]
fn limits_are_those_of_the_settings_and_the_command_line_goes_before_them() {
    let project = Project::new("policies = [\"rules/\"]\n[limits]\nentries = 1\n");
    let run = project.check(&["-f", "json"]);
    assert_eq!((run.code, &run.json()["verdict"]), (VIOLATIONS, &"unknown".into()), "{}", run.stderr);
    assert_eq!(run.json()["gaps"][0]["code"], "too-many-entries");
    let page = project.check(&[]);
    assert!(page.stdout.contains("UNKNOWN") && page.stdout.contains("1 gap may hide something"), "{}", page.stdout);
    assert_eq!(project.check(&["--limit", "entries=1000"]).code, PASS);
    let listed = project.run(&["limits"]);
    assert!(listed.code == PASS && listed.stdout.contains("entries") && listed.stdout.contains("30min"), "{}", listed.stdout);
    project.check(&["--limit", "entry=1"]).refused(USAGE, &["no limit `entry`", "douane limits"]);
}

#[test]
fn the_command_line_goes_before_settings() {
    let project = Project::new(SETTINGS);
    let run = project.check(&["-p", "douane.python", "-f", "json"]);
    assert_eq!(packages(&run), ["douane.python"], "{}", run.stderr);
    let loose = project.check(&["--strict=false", "-f", "json"]);
    assert_eq!((loose.code, &loose.json()["strict"]), (PASS, &Value::Bool(false)), "{}", loose.stderr);
    let explained = project.run(&["policy", "explain", "few", "--param", "most=3"]);
    assert!(explained.stdout.contains("most = 3, by --param\n"), "{}", explained.stdout);
    assert!(!explained.stdout.contains("40"), "{}", explained.stdout);
    let without = project.check(&["--no-config", "-f", "json"]);
    assert_eq!((packages(&without).len(), &without.json()["settings"]), (5, &Value::Null), "{}", without.stdout);
}

#[test]
fn a_file_is_named_or_left_out() {
    let project = Project::new("policies = 3\n");
    let other = project.0.path().join("other.toml");
    fs::write(&other, "policies = [\"rules/shop.douane\"]\n").expect("written");
    let run = project.check(&["--config", text(&other), "-f", "json"]);
    assert_eq!(packages(&run), ["acme.shop"], "{}", run.stderr);
    project.check(&["--config", "gone.toml"]).refused(USAGE, &["cannot read the settings `gone.toml`"]);
    project.check(&["--config", text(&other), "--no-config"]).refused(USAGE, &["--no-config"]);
    project.run(&["policy", "check", "--no-config"]).refused(USAGE, &["name policies", "douane.toml"]);
}

#[test]
fn every_mistake_in_settings_is_shown_and_nothing_is_done() {
    let project = Project::new("policies = [\"rule/\"]\nstrct = true\n[params]\nmost = 3.5\n");
    let wrong = ["douane.toml:1:13", "`rule/` is no policy", "did you mean `strict`?", "write \"3.5\"", "3 mistakes in"];
    for command in [&["check", "../../root"][..], &["policy", "check"], &["policy", "test"], &["policy", "doc"]] {
        project.run(command).refused(USAGE, &wrong);
    }
    // Commands that work on no policies of a run read none.
    assert_eq!(project.run(&["inspect", "../../root"]).code, PASS);
}

#[test]
fn a_wrong_value_points_into_the_settings() {
    let project = Project::new(&SETTINGS.replace("40", "\"many\""));
    project.check(&[]).refused(USAGE, &["douane.toml:5:9", "not a whole number", "shop.douane:3:7"]);
    let project = Project::new(&SETTINGS.replace("most", "mots"));
    project.run(&["policy", "check"]).refused(PASS, &["warning[unknown-param]", "douane.toml:5:1", "did you mean `most`?"]);
    project.run(&["policy", "check", "--deny-warnings"]).refused(USAGE, &["1 warning"]);
    let elsewhere = Project::new(&SETTINGS.replace("most", "lowest_port"));
    elsewhere.run(&["policy", "check"]).refused(PASS, &["no policy has a parameter `lowest_port`"]);
    let named = elsewhere.run(&["policy", "check", "../../rules"]);
    assert_eq!((named.code, named.stderr.as_str()), (PASS, ""));
}

#[test]
fn a_contract_beside_a_module_goes_before_settings() {
    let project = Project::new("policies = [\"rules/imports.douane\"]\n");
    let path = |name: &str| project.0.path().join(name);
    let rule = "edition 1\npackage acme.imports\nrule no-pickle error \"P\" {\n  forbid import own -> pickle\n}\n";
    fs::write(path("rules/imports.douane"), rule).expect("written");
    fs::write(path("src/deep/plugin.py"), "import pickle\n").expect("written");
    let check = || project.run(&["check", "plugin.py", "--in", "../../root", "-f", "json"]);
    assert!(check().stderr.contains("holds no Python environment"), "{}", check().stderr);
    assert_eq!(packages(&check()), ["acme.imports"]);
    fs::write(path("src/deep/plugin.importspy.yml"), "filename: plugin.py\n").expect("written");
    assert_eq!(packages(&check()), ["importspy.plugin"], "{}", check().stderr);
}

#[test]
fn settings_are_in_no_report_where_there_are_none() {
    let scratch = scratch();
    fs::create_dir(scratch.path().join("etc")).expect("made");
    let run = douane(&["check", text(scratch.path()), "--no-config"]);
    assert!(!run.stdout.contains("settings"), "{}", run.stdout);
}

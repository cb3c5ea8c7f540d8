//! The command as a user meets it: results, messages and exit codes on good and bad input, on images made in code.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot make its fixture has failed"
)]

#[path = "command/code.rs"]
mod code;
#[path = "command/fixture.rs"]
mod fixture;
#[path = "command/modules.rs"]
mod modules;
#[path = "command/policies.rs"]
mod policies;
#[path = "command/registry.rs"]
mod registry;
#[expect(dead_code, reason = "the library's own tests use all of it")]
#[path = "registry/server.rs"]
mod server;
#[path = "command/settings.rs"]
mod settings;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use fixture::{Image, cpython, docker_archive, oci_layout, zipapp};
use serde_json::{Value, json};
use tempfile::TempDir;

const PASS: i32 = 0;
const VIOLATIONS: i32 = 1;
const USAGE: i32 = 2;
const INCOMPLETE: i32 = 3;

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    /// Asserts the exit code, and that each of the words is said: in the report of a target, or on standard error.
    fn refused(&self, code: i32, words: &[&str]) {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert_eq!(self.code, code, "{said}");
        for word in words {
            assert!(said.contains(word), "`{word}` is not in:\n{said}");
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

fn douane(arguments: &[&str]) -> Run {
    run(command().args(arguments))
}

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_douane"))
}

fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("the command runs");
    Run {
        code: status.code().expect("no signal"),
        stdout: String::from_utf8(stdout).expect("UTF-8"),
        stderr: String::from_utf8(stderr).expect("UTF-8"),
    }
}

/// A scratch directory with these files.
fn written<'f>(files: impl IntoIterator<Item = &'f (&'f str, &'f str)>) -> TempDir {
    let directory = scratch();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    directory
}

fn scratch() -> TempDir {
    tempfile::tempdir().expect("a scratch directory")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

const PICKLE: &str = "edition 1\npackage t\nrule no-pickle error \"No pickle\" {\n  forbid import own -> pickle\n}\n";

#[test]
fn a_missing_file_is_named() {
    douane(&["check", "/no/such/image.tar"]).refused(INCOMPLETE, &["/no/such/image.tar", "there is no file"]);
}

#[test]
fn a_file_that_is_no_image_is_refused() {
    let scratch = scratch();
    let path = scratch.path().join("notes.txt");
    fs::write(&path, "these are notes, not an image").expect("written");
    douane(&["check", text(&path)]).refused(INCOMPLETE, &["notes.txt", "not"]);
}

#[test]
fn a_truncated_archive_is_never_a_pass() {
    let scratch = scratch();
    let path = docker_archive(
        &scratch.path().join("image.tar"),
        &[("app:1", Image { layers: &[&[("srv/app/main.py", "import os\n")]], ..Image::default() })],
    );
    let bytes = fs::read(&path).expect("read");
    for length in [bytes.len() / 2, 700, 100] {
        fs::write(&path, &bytes[..length]).expect("written");
        let run = douane(&["check", text(&path)]);
        assert_eq!(run.code, INCOMPLETE, "{length} bytes: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn a_layer_that_does_not_match_its_digest_is_an_error() {
    let scratch = scratch();
    let layout = oci_layout(scratch.path(), &[Image { layers: &[&[("a", "hello")], &[("a", "jello")]], ..Image::default() }]);
    let manifest = fs::read_to_string(layout.join("index.json")).expect("read");
    let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    let digest = |value: &Value| value["digest"].as_str().expect("a digest").trim_start_matches("sha256:").to_owned();
    let blob = |name: &str| layout.join("blobs/sha256").join(name);
    let image = fs::read_to_string(blob(&digest(&manifest["manifests"][0]))).expect("read");
    let image: Value = serde_json::from_str(&image).expect("JSON");
    // The second layer's bytes in place of the first's: a whole gzip stream of the same length, but another one.
    let (first, second) = (digest(&image["layers"][0]), digest(&image["layers"][1]));
    fs::copy(blob(&second), blob(&first)).expect("copied");
    douane(&["check", text(&layout)]).refused(INCOMPLETE, &[&first, "digest"]);
}

#[test]
fn a_platform_that_is_not_there_lists_those_that_are() {
    let scratch = scratch();
    let one = |architecture| Image { layers: &[&[("a", "b")]], platform: ("linux", architecture), ..Image::default() };
    let layout = oci_layout(scratch.path(), &[one("amd64"), one("arm64")]);
    douane(&["check", text(&layout), "--platform", "linux/s390x"])
        .refused(INCOMPLETE, &["linux/s390x", "linux/amd64", "linux/arm64"]);
    let run = douane(&["inspect", text(&layout), "--platform", "linux/arm64", "-f", "json"]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    assert_eq!(run.json()["target"]["platform"], "linux/arm64");
}

#[test]
fn an_archive_of_several_images_wants_a_choice_and_lists_them() {
    let scratch = scratch();
    let app = Image { layers: &[&[("a", "app")]], ..Image::default() };
    let tools = Image { layers: &[&[("a", "tools")]], ..Image::default() };
    let path = docker_archive(&scratch.path().join("two.tar"), &[("app:1", app), ("acme/tools:2.0", tools)]);
    douane(&["inspect", text(&path)]).refused(INCOMPLETE, &["app:1", "acme/tools:2.0"]);
    let chosen = format!("docker-archive:{}:acme/tools:2.0", text(&path));
    let run = douane(&["inspect", &chosen, "-f", "json"]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    let absent = format!("docker-archive:{}:web:9", text(&path));
    douane(&["inspect", &absent]).refused(INCOMPLETE, &["web:9", "app:1"]);
}

#[test]
fn an_image_without_python_is_said_to_have_none() {
    let scratch = scratch();
    let layout = oci_layout(scratch.path(), &[Image { layers: &[&[("etc/motd", "hello")]], ..Image::default() }]);
    let run = douane(&["inspect", text(&layout)]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    assert!(run.stdout.contains("no Python"), "{}", run.stdout);
    let run = douane(&["inspect", text(&layout), "-f", "json", "--modules", "**"]);
    assert_eq!(run.json()["interpreters"], json!([]));
}

#[test]
fn five_mistakes_in_a_policy_are_five_messages_in_one_run() {
    let scratch = scratch();
    let path = scratch.path().join("five.douane");
    let policy = r#"edition 1
package t
param floor: Version = "3.x.y"
rule a error "unknown field" {
  for i in interpreters
  require i.verison >= "3.9"
}
rule b error "unknown relation" {
  for i in interpretters
  require i.path != ""
}
rule c error "types do not fit" {
  for i in interpreters
  require i.path > 3
}
rule d error "a clause misspelt" {
  for d in distributions
  requrie d.name != ""
}
"#;
    fs::write(&path, policy).expect("written");
    let run = douane(&["policy", "check", text(&path)]);
    run.refused(
        USAGE,
        &["3.x.y", "verison", "version", "interpretters", "interpreters", "requrie", "require", "five.douane:14"],
    );
    assert!(run.stderr.matches("error[").count() >= 5, "{}", run.stderr);
    douane(&["check", "/no/such/image.tar", "-p", text(&path)]).refused(USAGE, &["verison"]);
}

#[test]
fn an_unknown_policy_name_is_a_usage_error() {
    douane(&["check", "/", "-p", "douane.pyhton"]).refused(USAGE, &["douane.pyhton", "douane.python"]);
    douane(&["check"]).refused(USAGE, &["TARGET"]);
}

#[test]
fn a_root_directory_is_checked_and_gaps_are_shown() {
    let scratch = scratch();
    let root = scratch.path();
    fs::create_dir_all(root.join("etc")).expect("made");
    fs::write(root.join("etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n").expect("written");
    let run = douane(&["inspect", &format!("dir:{}", text(root)), "-f", "json"]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    assert_eq!(run.json()["os"]["version_id"], "12");
    assert_eq!(run.json()["image"], Value::Null);
}

#[test]
fn secrets_of_the_environment_are_never_printed() {
    let scratch = scratch();
    let config = json!({ "Env": ["DB_PASSWORD=hunter2-not-to-be-seen", "PATH=/usr/bin"], "User": "1000" });
    let layout = oci_layout(scratch.path(), &[Image { layers: &[&[("a", "b")]], config, ..Image::default() }]);
    for arguments in [
        &["inspect", text(&layout)][..],
        &["inspect", text(&layout), "-f", "json"],
        &["check", text(&layout)],
        &["check", text(&layout), "-f", "json"],
    ] {
        let run = douane(arguments);
        assert!(run.stdout.contains("DB_PASSWORD") || run.stdout.contains("secret"), "{}", run.stdout);
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("hunter2"), "{arguments:?}: {}", run.stdout);
    }
    assert_eq!(douane(&["check", text(&layout)]).code, VIOLATIONS);
}

#[test]
fn results_go_to_files_as_asked_and_are_the_same_run_after_run() {
    let scratch = scratch();
    let layout = oci_layout(&scratch.path().join("image"), &[Image { layers: &[&[("a", "b")]], ..Image::default() }]);
    let policy = scratch.path().join("t.douane");
    fs::write(&policy, PICKLE).expect("written");
    let result = scratch.path().join("result.json");
    let output = format!("json={}", text(&result));
    let mut seen = Vec::new();
    for _ in 0..2 {
        let run = douane(&["check", text(&layout), "-p", text(&policy), "-o", &output]);
        assert_eq!(run.code, PASS, "{}{}", run.stdout, run.stderr);
        let mut value: Value = serde_json::from_slice(&fs::read(&result).expect("written")).expect("JSON");
        assert_eq!(value["verdict"], "pass");
        value.as_object_mut().expect("an object").remove("elapsed_ms");
        seen.push(value);
    }
    assert_eq!(seen[0], seen[1]);
}

/// Two layers: the upper one brings a program with its owner's rights and a file that everybody may write to.
const FILES: &[&[(&str, &str)]] =
    &[&[("usr/bin/su", "#!"), ("etc/motd", "hello")], &[("usr/local/bin/tool", "#!"), ("srv/notes", "x")]];
const MODES: &[(&str, u32)] = &[("usr/bin/su", 0o755), ("usr/local/bin/tool", 0o4755), ("srv/notes", 0o666)];

#[test]
fn files_are_judged_by_mode_and_layer() {
    let scratch = scratch();
    let layout = oci_layout(&scratch.path().join("image"), &[Image { layers: FILES, modes: MODES, ..Image::default() }]);
    let policy = scratch.path().join("t.douane");
    let rules = "edition 1\npackage t\n\
        rule no-setuid error \"t\" {\n  for f in files\n  forbid f.setuid\n  message \"{f.path} {f.mode} {f.layer ?? 0}\"\n}\n\
        rule no-writable error \"t\" {\n  for f in files where f.kind == \"file\"\n  forbid f.world_writable\n}\n";
    fs::write(&policy, rules).expect("written");
    let run = douane(&["check", text(&layout), "-p", text(&policy), "-f", "json"]);
    assert_eq!(run.code, VIOLATIONS, "{}", run.stderr);
    let report = run.json();
    let findings = report["findings"].as_array().expect("a list");
    let messages: Vec<&str> = findings.iter().filter_map(|finding| finding["message"].as_str()).collect();
    assert_eq!(messages, ["/usr/local/bin/tool 4755 1", "`f.world_writable` is forbidden"]);
    assert_eq!((&findings[1]["location"]["path"], &findings[1]["layer"]["index"]), (&json!("/srv/notes"), &json!(1)));
}

#[test]
fn files_are_listed_where_they_are_asked_for() {
    let scratch = scratch();
    let layout = oci_layout(scratch.path(), &[Image { layers: FILES, modes: MODES, ..Image::default() }]);
    let without = douane(&["inspect", text(&layout), "-f", "json"]).json();
    assert_eq!(without["files"], json!([]));
    assert!(without["files_complete"]["incomplete"].is_array());
    let with = douane(&["inspect", text(&layout), "-f", "json", "--files", "/usr/*/bin/*", "--files", "/srv"]).json();
    let paths: Vec<_> = with["files"].as_array().expect("a list").iter().map(|file| file["path"].as_str()).collect();
    assert_eq!(paths, [Some("/srv"), Some("/usr/local/bin/tool")]);
    assert_eq!((&with["files"][1]["mode"], &with["files_complete"]), (&json!("4755"), &json!("complete")));
    let page = douane(&["inspect", text(&layout), "--files", "**/tool"]).stdout;
    assert!(page.contains("4755") && page.contains("/usr/local/bin/tool  layer 1"), "{page}");
}

#[test]
fn a_waiver_keeps_its_findings_from_failing_until_its_day() {
    let scratch = scratch();
    let layout = oci_layout(&scratch.path().join("image"), &[Image { layers: &[&[("a", "b")]], ..Image::default() }]);
    let rule = scratch.path().join("rule.douane");
    fs::write(&rule, "edition 1\npackage t\nrule not-root error \"t\" {\n  require image.user.uid != 0\n}\n").expect("written");
    let waived_until = |day: &str, strict: &[&str]| {
        let waiver = scratch.path().join("waiver.douane");
        let clauses = format!("owner \"a@acme.example\"\n  reason \"T-1: soon\"\n  expires {day}");
        fs::write(&waiver, format!("edition 1\npackage w\nuse t\nwaive not-root {{\n  {clauses}\n}}\n")).expect("written");
        let policies = ["check", text(&layout), "-p", text(&rule), "-p", text(&waiver), "-f", "json"];
        let run = douane(&[&policies, strict].concat());
        let status = run.json()["waivers"][0]["status"].as_str().expect("a status").to_owned();
        (run.code, status, run.json()["totals"]["waived"].as_u64())
    };
    assert_eq!(waived_until("9999-12-31", &["--strict"]), (PASS, "in_force".into(), Some(1)));
    assert_eq!(waived_until("2001-01-01", &[]), (VIOLATIONS, "expired".into(), Some(0)));
}

#[test]
fn codes_are_explained_with_a_wrong_and_a_right_example() {
    let run = douane(&["explain", "may-be-absent"]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    for words in ["may-be-absent: ", "\nWrong:\n\n    rule", "\nRight:\n\n    rule", "d.version ?? "] {
        assert!(run.stdout.contains(words), "`{words}` is not in:\n{}", run.stdout);
    }
    // As it stands in a message.
    assert_eq!(douane(&["explain", "error[may-be-absent]"]).stdout, run.stdout);
    douane(&["explain", "may-be-abscent"]).refused(USAGE, &["no code `may-be-abscent`", "did you mean `may-be-absent`?"]);
    douane(&["explain", "nothing-like-it"]).refused(USAGE, &["no code `nothing-like-it`", "douane explain"]);
    let list = douane(&["explain"]).stdout;
    assert!(list.lines().count() > 70 && list.lines().any(|line| line.starts_with("unknown-field ")), "{list}");
}

#[test]
fn schemas_are_printed() {
    let schema = douane(&["schema", "inventory"]).json();
    for field in ["schema_version", "target", "image", "layers", "os", "interpreters", "environments", "gaps"] {
        assert!(!schema["properties"][field].is_null(), "{field}");
    }
}

const TESTS: &str = r#"edition 1
package acme.tests
use acme

test "pickle fails" {
  given { module shop { import pickle } }
  expect no-pickle fails at shop
}

test "json passes" {
  given { module shop { import json } }
  expect no-pickle passes
}
"#;

/// A directory with a policy and, in a directory of their own, its tests.
fn tested(tests: &str) -> TempDir {
    let scratch = scratch();
    let policy = "edition 1\npackage acme\nrule no-pickle error \"t\" {\n  forbid import own -> pickle\n}\n";
    fs::write(scratch.path().join("acme.douane"), policy).expect("written");
    fs::create_dir(scratch.path().join("tests")).expect("made");
    fs::write(scratch.path().join("tests/acme.douane"), tests).expect("written");
    scratch
}

#[test]
fn tests_of_policies_pass_or_say_what_came_instead() {
    let directory = tested(TESTS);
    let run = douane(&["policy", "test", text(directory.path())]);
    assert_eq!(run.code, PASS, "{}{}", run.stdout, run.stderr);
    for said in ["  ok  pickle fails", "1 rule seen broken and kept", "2 tests: 2 passed"] {
        assert!(run.stdout.contains(said), "`{said}` is not in:\n{}", run.stdout);
    }
    let directory = tested(&TESTS.replace("import json", "import pickle"));
    let run = douane(&["policy", "test", text(directory.path()), "--coverage"]);
    run.refused(
        VIOLATIONS,
        &["FAIL  json passes", "error[failed-expectation]: `no-pickle` fails", "`forbid import own -> pickle` is never kept"],
    );
    let run = douane(&["policy", "test", text(directory.path()), "--filter", "pickle fails"]);
    assert_eq!((run.code, run.stdout.contains("1 left out")), (PASS, true), "{}", run.stdout);
}

#[test]
fn tests_of_policies_are_reported_as_json_and_junit() {
    let directory = tested(&TESTS.replace("import json", "import pickle"));
    let xml = directory.path().join("tests.xml");
    let output = format!("junit={}", text(&xml));
    let run = douane(&["policy", "test", text(directory.path()), "-f", "json", "-o", &output]);
    assert_eq!(run.code, VIOLATIONS);
    let report = run.json();
    assert_eq!(report["totals"], json!({ "tests": 2, "passed": 1, "failed": 1, "skipped": 0, "expectations": 2 }));
    assert_eq!(report["tests"][1]["failures"][0]["message"], "`no-pickle` fails");
    assert_eq!(report["coverage"]["rules"][0]["missing"][0]["missing"], "is never kept");
    let xml = fs::read_to_string(xml).expect("a report");
    assert!(xml.contains(r#"<testcase classname="acme.tests" name="pickle fails""#), "{xml}");
    assert!(xml.contains(r#"<failure message="`no-pickle` fails" type="failed-expectation">"#), "{xml}");
    let report = douane(&["policy", "test", text(directory.path()), "-f", "junit"]).stdout;
    assert_eq!(report, xml);
}

#[test]
fn tests_that_cannot_be_run_are_a_usage_error() {
    let directory = tested(TESTS);
    douane(&["policy", "test", text(directory.path()), "--filter", "nonesuch"]).refused(USAGE, &["`nonesuch`"]);
    douane(&["policy", "test", "douane.image"]).refused(USAGE, &["there is no test in `douane.image`"]);
    let mistyped = tested(&TESTS.replace("expect no-pickle fails", "expect no-pickel fails"));
    douane(&["policy", "test", text(mistyped.path())]).refused(USAGE, &["unknown-rule", "did you mean `no-pickle`?"]);
    douane(&["policy", "check", text(mistyped.path())]).refused(USAGE, &["unknown-rule"]);
    let under = douane(&["policy", "test", text(directory.path()), "--fail-under", "100"]);
    assert_eq!(under.code, PASS, "{}", under.stdout);
    let one = tested(TESTS.split("test \"json").next().expect("a test"));
    douane(&["policy", "test", text(one.path()), "--fail-under", "80"]).refused(VIOLATIONS, &["50 %", "below 80 %"]);
}

#[test]
fn a_program_in_an_archive_is_judged_like_any_other() {
    let scratch = scratch();
    let (python, policy) = (cpython("3.11.2"), scratch.path().join("policy.douane"));
    fs::write(&policy, PICKLE).expect("written");
    let check = |app: &str| {
        let image = Image {
            layers: &[&[("usr/bin/python3.11", python.as_str()), ("usr/lib/python3.11/os.py", "")], &[("srv/app.pyz", app)]],
            modes: &[("usr/bin/python3.11", 0o755), ("srv/app.pyz", 0o755)],
            config: json!({ "Entrypoint": ["/srv/app.pyz"] }),
            ..Image::default()
        };
        let path = docker_archive(&scratch.path().join("image.tar"), &[("app:1", image)]);
        douane(&["check", text(&path), "--policy", text(&policy), "--strict"])
    };
    check(&zipapp("/usr/bin/python3.11", "import os, pickle\n")).refused(VIOLATIONS, &["/srv/app.pyz/__main__.py:1"]);
    check(&zipapp("/usr/bin/python3.11", "import os\n")).refused(PASS, &["nothing found"]);
    let whole = zipapp("/usr/bin/python3.11", "import os\n");
    check(&whole.replace("PK\u{1}\u{2}", "PK\u{1}\u{3}"))
        .refused(VIOLATIONS, &["what cannot be settled", "the archive `/srv/app.pyz` on the path"]);
}

//! What is printed: nothing of an image steers a terminal, and no secret is told, in any format.

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::Strategy, sample::select, strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;

use super::{
    archive::{Archive, Member, record},
    fixture::cpython,
    image::{CONFIG, LAYER, Layout, digest},
    run,
};

/// Images that are tried.
const TRIES: usize = if cfg!(debug_assertions) { 12 } else { 100 };

/// What steers terminals, or leaves its place in the formats of reports.
const EVIL: [&str; 14] = [
    "\u{1b}[31m",
    "\u{1b}]0;owned\u{7}",
    "\u{9b}2J",
    "\r",
    "\n",
    "\u{8}",
    "\u{202e}",
    "\u{200b}",
    "</script>",
    "]]>",
    "\"&<>'",
    "::error::x",
    "\u{7f}",
    "\u{feff}",
];

/// What must never be printed.
const SECRET: &str = "hunter2hunter2";

fn evil() -> impl Strategy<Value = String> {
    vec(select(EVIL.to_vec()).prop_map(str::to_owned).boxed().prop_union("[a-z]{1,3}".boxed()), 1..4)
        .prop_map(|parts| parts.concat())
}

/// An image in which everything that has a name or says something has one of these.
fn image(here: &Path, words: &[String]) -> String {
    let word = |at: usize| words[at % words.len()].as_str();
    let python = cpython("3.11.2");
    let program = Member { path: b"usr/bin/python3.11", content: python.as_bytes(), mode: 0o755, ..Member::default() };
    let site = "usr/lib/python3.11/site-packages";
    let named =
        |archive: Archive, path: String, content: &[u8]| archive.pax(&record("path", path.as_bytes())).file("short", content);
    let mut archive = Archive::default().member(&program).file("usr/lib/python3.11/os.py", b"");
    archive =
        archive.file("etc/os-release", format!("ID=\"{0}\"\nPRETTY_NAME=\"{0}\"\nVERSION_ID=\"{0}\"\n", word(0)).as_bytes());
    archive = named(archive, format!("{site}/{}.py", word(1).replace(['/', '\0'], "")), b"import pickle\nimport (\n");
    archive = named(archive, format!("{site}/m.py"), format!("import pickle # {}\nx = '{}'\n", word(2), word(3)).as_bytes());
    let metadata = format!("Metadata-Version: 2.1\nName: a{0}\nVersion: 1\nLicense: {0}\n", word(4).replace(['\n', '\r'], ""));
    archive = named(archive, format!("{site}/a-1.dist-info/METADATA"), metadata.as_bytes());
    archive = named(archive, format!("srv/{}", word(5).replace('\0', "")), b"");
    archive = archive.hard_link("srv/broken", "gone");
    let layer = archive.end();
    let config = json!({
        "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": [digest(&layer)] },
        "history": [{ "created_by": format!("ENV API_TOKEN={SECRET} {}", word(6)) }],
        "config": {
            "User": word(0), "WorkingDir": word(1), "Cmd": ["serve", format!("--password={SECRET}"), word(2)],
            "Env": [format!("DB_PASSWORD={SECRET}"), format!("AWS_SECRET_ACCESS_KEY={SECRET}"), format!("NAME={}", word(3)),
                    format!("URL=https://user:{SECRET}@host/{}", word(4))],
            "Labels": { "a": word(5), "url": format!("https://u:{SECRET}@h") },
        },
    });
    let layout = Layout::new(here);
    let config = layout.blob(CONFIG, config.to_string().as_bytes());
    let manifest = layout.manifest(&config, &[layout.blob(LAYER, &layer)]);
    layout.index(&[manifest])
}

const POLICY: &str = "edition 1\npackage t\nrule no-pickle error \"No pickle\" {\n  forbid import ** -> pickle\n}\n\
                      rule env error \"Env\" {\n  for e in image.env\n  forbid e.name matches \"*\"\n  message \"{e.name} is {e.value}\"\n}\n\
                      rule os error \"Os\" {\n  require os.id == \"debian\"\n}\n\
                      rule files error \"Files\" {\n  for f in files\n  forbid f.path matches \"/srv/**\"\n  message \"{f.path}\"\n}\n";

/// Text for people: lines without anything that could steer what shows them.
fn harmless(what: &str, text: &str) {
    let harmful = |character: &char| {
        character.is_control() && *character != '\n' || matches!(character, '\u{202e}' | '\u{200b}' | '\u{feff}')
    };
    if let Some(character) = text.chars().find(harmful) {
        panic!("{what} holds {character:?}:\n{}", text.escape_debug());
    }
}

#[test]
fn no_format_lets_an_image_steer_a_terminal_or_tells_its_secrets() {
    let mut runner = TestRunner::deterministic();
    let policies = tempfile::tempdir().expect("a scratch directory");
    let policy = policies.path().join("t.douane");
    fs::write(&policy, POLICY).expect("written");
    let policy = policy.display().to_string();
    for _ in 0..TRIES {
        let words = vec(evil(), 7).new_tree(&mut runner).expect("a value").current();
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let target = image(scratch.path(), &words);
        let checks: [&[&str]; 2] = [
            &["check", &target, "--no-config", "-p", &policy],
            &["inspect", &target, "--files", "**", "--modules", "**", "--integrity"],
        ];
        for arguments in checks {
            for format in ["human", "json"] {
                let ended = run(&[arguments, &["-f", format, "--color", "never"]].concat());
                assert!(matches!(ended.code, Some(0 | 1)), "{words:?}: {}{}", ended.stdout, ended.stderr);
                harmless("standard error", &ended.stderr);
                // JSON escapes control characters by itself; what reads it decides what becomes of the others.
                let controls = ended.stdout.chars().find(|character| character.is_control() && *character != '\n');
                assert_eq!(controls, None, "{words:?}: {format}");
                if format == "human" {
                    harmless("a report", &ended.stdout);
                } else {
                    let _: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
                }
                for told in [&ended.stdout, &ended.stderr] {
                    assert!(!told.contains(SECRET), "{words:?}: {format} tells a secret:\n{told}");
                }
            }
        }
    }
}

#[test]
fn an_error_of_an_image_does_not_steer_a_terminal() {
    for word in EVIL {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let layout = Layout::new(scratch.path());
        let tagged = |word: &str| {
            let mut descriptor = layout.blob("application/vnd.oci.image.manifest.v1+json", word.as_bytes());
            descriptor["annotations"] = json!({ "org.opencontainers.image.ref.name": word });
            descriptor
        };
        let manifests = [tagged(word), tagged("b")];
        let target = Layout(layout.0.clone()).index(&manifests);
        for format in ["human", "json"] {
            let ended = run(&["check", &target, "--no-config", "-f", format]);
            assert_eq!(ended.code, Some(3), "{}", ended.stderr);
            harmless("standard error", &ended.stderr);
            harmless("a report", if format == "human" { &ended.stdout } else { "" });
        }
    }
}

/// Pages about policies: whatever stands in their texts, it is text in HTML and XML.
#[test]
fn texts_of_policies_stay_text_in_pages_and_test_reports() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let policy = scratch.path().join("t.douane");
    for word in
        ["<script>alert(1)</script>", "\" onload=\"x", "]]>", "&amp;<b>", "</title>", "`<img src=x>`", "[a](javascript:x)"]
    {
        let quoted = word.replace('\\', "\\\\").replace('"', "\\\"");
        let text = format!(
            "/// {word}\nedition 1\npackage t\n\n/// {word}\nrule a error \"{quoted}\" {{\n  require count(layers) < 3\n  help \"{quoted}\"\n  owner \"{quoted}\"\n}}\n\n\
             test \"{quoted}\" {{\n  given {{ }}\n  expect a fails\n}}\n"
        );
        let text = text.trim_start_matches(&format!("/// {word}\n")).to_owned();
        fs::write(&policy, text).expect("written");
        let policy = policy.display().to_string();
        let page = run(&["policy", "doc", &policy, "-f", "html", "--no-config"]);
        assert_eq!(page.code, Some(0), "{word}: {}", page.stderr);
        let tags = ["<script>alert", "<img", "<b>", "onload=\"x", "href=\"javascript"];
        assert_eq!(tags.iter().find(|tag| page.stdout.contains(**tag)), None, "{word}");
        assert!(page.stdout.matches("</title>").count() <= 1, "{word}");
        let report = run(&["policy", "test", &policy, "-f", "junit", "--no-config"]);
        assert_eq!(report.code, Some(1), "{word}: {}", report.stderr);
        let mut reader = quick_xml::Reader::from_str(&report.stdout);
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{word}: {error}\n{}", report.stdout)) {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    let name = tag.name();
                    assert!(matches!(name.as_ref(), "testsuites" | "testsuite" | "testcase" | "failure"), "{word}: {tag:?}");
                }
                _ => {}
            }
        }
    }
}

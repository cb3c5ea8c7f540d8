//! The language reference as a test: its examples compile or fail as they say, and its tables of fields and codes are whole.

use std::fmt::Write as _;

use crate::{
    diagnostic::{Style, render},
    facts::schema::{Kind, fields},
    policy::{NoDataFiles, PolicyText, codes, compile, testing::Suite},
};

const REFERENCE: &str = include_str!("../../grammar/README.md");

/// The blocks of a language, as texts.
fn blocks(language: &str) -> Vec<PolicyText> {
    let fence = format!("```{language}\n");
    let after = REFERENCE.split(&fence).skip(1);
    after
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| PolicyText { name: "grammar/README.md".into(), text: block.into() })
        .collect()
}

#[test]
fn every_example_compiles() {
    let examples = blocks("douane");
    assert!(examples.len() >= 2);
    for example in examples {
        let shown = |errors: Vec<_>| errors.iter().map(|error| render(error, Style::Plain)).collect::<Vec<_>>().join("\n");
        let compiled = compile(std::slice::from_ref(&example), &[]).unwrap_or_else(|errors| panic!("{}", shown(errors)));
        assert_eq!(compiled.warnings(), [], "{}", example.text);
    }
}

#[test]
fn every_test_in_an_example_passes() {
    let mut tests = 0;
    for example in blocks("douane").into_iter().filter(|example| example.text.contains("\ntest ")) {
        let shown = |errors: &[_]| errors.iter().map(|error| render(error, Style::Plain)).collect::<Vec<_>>().join("\n");
        let suite = Suite::read(&[example], &[], &NoDataFiles).unwrap_or_else(|errors| panic!("{}", shown(&errors)));
        for test in suite.run(None).tests {
            assert!(test.failures.is_empty(), "{}\n{}", test.title, shown(&test.failures));
            tests += 1;
        }
    }
    assert!(tests > 0);
}

#[test]
fn every_counter_example_fails() {
    let examples = blocks("douane,fails");
    assert!(!examples.is_empty());
    for example in examples {
        assert!(Suite::read(std::slice::from_ref(&example), &[], &NoDataFiles).is_err(), "{}", example.text);
    }
}

#[test]
fn the_fields_are_those_of_the_schema() {
    for kind in Kind::ALL {
        let mut row = format!("| `{}` |", kind.type_name());
        for field in fields(kind) {
            let _ = write!(row, " `{}: {}`,", field.name, field.ty);
        }
        let row = format!("{} |", row.trim_end_matches(','));
        assert!(REFERENCE.contains(&row), "the reference lacks this line:\n{row}");
    }
}

/// What stands before a code in the sources.
const BEFORE_A_CODE: [&str; 8] =
    ["self.wrong(", "Diagnostic::new(", "Message::new(", "error(", "region,", "},", "code:", "code ="];

/// The codes that the sources of a directory give, read as text.
fn codes_in(directory: &std::path::Path, found: &mut std::collections::BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            codes_in(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if ["tests.rs", "slips.rs", "soundness.rs", "reference.rs"].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let pieces: Vec<&str> = text.split('"').collect();
        for pair in pieces.windows(2) {
            let before = pair[0].trim_end();
            let is_code = !pair[1].is_empty() && pair[1].chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
            let is_code = is_code && (pair[1].contains('-') || matches!(pair[1], "syntax" | "recursion"));
            if is_code && BEFORE_A_CODE.iter().any(|context| before.ends_with(context)) {
                found.insert(pair[1].to_owned());
            }
        }
    }
}

#[test]
fn every_code_is_explained_and_in_the_reference() {
    let mut found = std::collections::BTreeSet::new();
    codes_in(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy"), &mut found);
    let explained: Vec<&str> = codes::all().map(|explanation| explanation.code).collect();
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), explained, "the sources and grammar/codes.md");
    let table = REFERENCE.split("## Codes of mistakes").nth(1).expect("the appendix");
    let listed: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    let row = |code: &str, summary: &str| format!("| `{code}` | {} |", summary.replace('|', "\\|"));
    let rows: Vec<String> = codes::all().map(|explanation| row(explanation.code, explanation.summary)).collect();
    assert_eq!(listed, rows, "grammar/README.md and the summaries of grammar/codes.md");
}

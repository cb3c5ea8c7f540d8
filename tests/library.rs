//! The policies of the library against their own tests in `policies/tests`: all pass, and nothing of a rule is left unshown.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use douane::{
    diagnostic::{Diagnostic, Style, render},
    policy::{
        Compiled, GivenParam, NoDataFiles, PolicyText, compile, library,
        testing::{Suite, Tested},
    },
};

fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|one| render(one, Style::Plain)).collect::<Vec<_>>().join("\n\n")
}

/// The files of `policies/tests`, sorted.
fn tests() -> Vec<PolicyText> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/tests");
    let mut files: Vec<_> =
        fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| PolicyText {
        name: path.display().to_string(),
        text: fs::read_to_string(path).expect("a readable test"),
    };
    files.iter().map(read).collect()
}

fn tested(params: &[(String, String)]) -> Tested {
    let texts: Vec<PolicyText> = library::all().into_iter().chain(tests()).collect();
    Suite::read(&texts, &GivenParam::pairs(params), &NoDataFiles)
        .unwrap_or_else(|mistakes| panic!("{}", shown(&mistakes)))
        .run(None)
}

fn whole_library() -> Compiled {
    compile(&library::all(), &[]).unwrap_or_else(|mistakes| panic!("{}", shown(&mistakes)))
}

#[test]
fn every_test_of_the_library_passes() {
    let tested = tested(&[]);
    assert!(tested.tests.len() > 60);
    let failed = tested.tests.iter().filter(|test| !test.failures.is_empty());
    let failed: Vec<String> =
        failed.map(|test| format!("{}:{}: {}\n{}", test.file, test.line, test.title, shown(&test.failures))).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn every_rule_is_seen_broken_and_kept_and_every_clause_decides() {
    let coverage = tested(&[]).coverage;
    assert_eq!(coverage.rules.len(), whole_library().identities().iter().map(|one| one.rules.len()).sum::<usize>());
    for rule in &coverage.rules {
        assert!(rule.fails && rule.passes, "{}: broken {}, kept {}", rule.rule, rule.fails, rule.passes);
        for clause in &rule.clauses {
            assert_eq!(clause.missing(), None, "{}:{}: {}", clause.file, clause.line, clause.text);
        }
    }
    assert_eq!(coverage.percent(), 100);
}

#[test]
fn a_parameter_of_the_command_line_changes_what_tests_come_to_and_not_those_that_give_it() {
    let failed = |params: &[(String, String)]| -> Vec<String> {
        let tested = tested(params);
        tested.tests.into_iter().filter(|test| !test.failures.is_empty()).map(|test| test.title).collect()
    };
    let failed = failed(&[("douane.python.floor".into(), "3.12".into())]);
    let has = |title: &str| failed.iter().any(|failed| failed == title);
    assert!(has("the floor itself passes") && !has("the floor is a parameter"), "{failed:?}");
}

#[test]
fn every_rule_says_what_to_do_about_it() {
    for text in library::all() {
        for rule in text.text.split("\nrule ").skip(1) {
            let name = rule.split_whitespace().next().unwrap_or_default();
            let help = rule.split("\n  help \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            assert!(help.len() > 10, "{}: {name}", text.name);
        }
    }
}

#[test]
fn tests_beside_policies_take_no_part_in_a_check() {
    let texts: Vec<PolicyText> = library::all().into_iter().chain(tests()).collect();
    let compiled = compile(&texts, &[]).expect("the library compiles");
    assert_eq!(compiled.identities(), whole_library().identities());
    assert!(compile(&tests(), &[]).expect("tests alone compile").identities().is_empty());
}

#[test]
fn the_readme_names_every_rule_and_its_examples_compile() {
    const README: &str = include_str!("../policies/README.md");
    for text in library::all() {
        let parameters =
            text.text.lines().filter_map(|line| line.strip_prefix("param ")?.split_once(':').map(|(name, _)| name));
        for name in parameters {
            assert!(README.contains(&format!("`{name}`")), "the parameter {name} of {} is not told", text.name);
        }
    }
    for identity in whole_library().identities() {
        assert!(README.contains(&format!("## `{}`", identity.package)), "{}", identity.package);
        for rule in &identity.rules {
            assert!(README.contains(&format!("| `{rule}` |")), "{rule} is not told");
        }
    }
    let examples: Vec<&str> = README.split("```douane\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
    assert_eq!(examples.len(), 1);
    for text in examples {
        let example = PolicyText { name: "policies/README.md".into(), text: text.into() };
        assert_eq!(compile(std::slice::from_ref(&example), &[]).expect("the example compiles").warnings(), []);
        let tested =
            Suite::read(&[example], &[], &NoDataFiles).unwrap_or_else(|mistakes| panic!("{}", shown(&mistakes))).run(None);
        assert!(tested.tests.iter().all(|test| test.failures.is_empty()));
    }
}

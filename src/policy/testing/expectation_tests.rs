//! What is said of expectations that are not met or cannot be, and what coverage counts.

use super::tests::{RULE, read, run};
use crate::diagnostic::{Style, render};

/// What the tests of a text that do not come as expected say.
fn failures(text: &str) -> String {
    let failed = run(text).tests.into_iter().flat_map(|test| test.failures);
    failed.map(|failure| render(&failure, Style::Plain)).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn mistakes_in_expectations_are_told_before_anything_runs() {
    let text = format!(
        "{RULE}test \"one\" {{\n  given {{ }}\n  param flor = \"3\"\n  expect rr passes\n  expect r vacuous at x\n  expect python-floor passes\n}}\n\
         test \"one\" {{\n  given {{ }}\n}}\n"
    );
    insta::assert_snapshot!(read(&text).expect_err("mistakes"), @r##"
error[unknown-param]: there is no parameter `flor` here
 --> a.douane:8:9
  |
8 |   param flor = "3"
  |         ^^^^ not known
  |
  = note: a test gives the parameters of its package and of those that it uses
  = help: name the rules' package with `use`

error[unknown-rule]: there is no rule `rr`
 --> a.douane:9:10
  |
9 |   expect rr passes
  |          ^^ not known here
  |
  = help: known are `r`

error[misplaced-clause]: a rule is vacuous as a whole
  --> a.douane:10:23
   |
10 |   expect r vacuous at x
   |                       ^ has no meaning here
   |
   = help: remove `at`

error[unknown-rule]: there is no rule `python-floor`
  --> a.douane:11:10
   |
11 |   expect python-floor passes
   |          ^^^^^^^^^^^^ not known here
   |
   = help: known are `r`

error[duplicate-name]: two tests are called `one`
  --> a.douane:13:6
   |
 6 | test "one" {
   |      ----- the first one
...
13 | test "one" {
   |      ^^^^^ the second one
   |
   = help: say what is different in this one

error[empty-test]: the test `one` expects nothing
  --> a.douane:13:6
   |
13 | test "one" {
   |      ^^^^^ says what is given and not what is to come of it
   |
   = help: add `expect rule fails`, or `passes`, `unknown`, `vacuous`, `waived`
"##);
}

const PYTHON: &str = "param floor: Version = \"3.11\"\nrule python error \"t\" {\n  for i in interpreters where i.language == \"python\"\n  \
    require i.version >= floor unless i.os_package is present\n  message \"{i.path} is old\"\n}\n";

fn python(test: &str) -> String {
    failures(&format!("{PYTHON}test \"t\" {{\n  given {{ interpreter CPython \"3.10.1\" }}\n  {test}\n}}\n"))
}

#[test]
fn what_was_expected_stands_beside_what_came() {
    insta::assert_snapshot!(python("expect python passes"), @r##"
error[failed-expectation]: `python` fails
  --> a.douane:11:3
   |
 6 |   require i.version >= floor unless i.os_package is present
   |   --------------------------------------------------------- broken here
...
11 |   expect python passes
   |   ^^^^^^^^^^^^^^^^^^^^ expected to pass
   |
   = note: /usr/bin/python3.10: /usr/bin/python3.10 is old
             because `i.version` is 3.10.1, /usr/bin/python3.10
             because `floor` is 3.11
             because `i.os_package` is absent
"##);
}

#[test]
fn a_place_that_nothing_is_called_never_passes() {
    assert_eq!(python("expect python fails at \"/usr/bin/python3.10\" message \"* is old\""), "");
    assert_eq!(python("expect python fails at \"/usr/bin/*\""), "");
    insta::assert_snapshot!(python("expect python passes at \"/usr/bin/python3.11\""), @r##"
error[failed-expectation]: nothing at `/usr/bin/python3.11`: `python` judged no such thing
  --> a.douane:11:27
   |
 6 |   require i.version >= floor unless i.os_package is present
   |   --------------------------------------------------------- broken elsewhere
...
11 |   expect python passes at "/usr/bin/python3.11"
   |                           ^^^^^^^^^^^^^^^^^^^^^ neither a subject of the rule nor anything that is given
   |
   = note: elsewhere, /usr/bin/python3.10: /usr/bin/python3.10 is old
             because `i.version` is 3.10.1, /usr/bin/python3.10
             because `floor` is 3.11
             because `i.os_package` is absent
   = help: did you mean `/usr/bin/python3.10`?
"##);
}

#[test]
fn a_message_is_compared_where_one_is_given() {
    insta::assert_snapshot!(python("expect python fails message \"* is new\""), @r##"
error[failed-expectation]: `python` fails as expected, and says something else
  --> a.douane:11:3
   |
 6 |   require i.version >= floor unless i.os_package is present
   |   --------------------------------------------------------- broken here
...
11 |   expect python fails message "* is new"
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not the message
   |
   = note: /usr/bin/python3.10: /usr/bin/python3.10 is old
             because `i.version` is 3.10.1, /usr/bin/python3.10
             because `floor` is 3.11
             because `i.os_package` is absent
"##);
}

#[test]
fn a_test_gives_parameters_of_its_own() {
    assert_eq!(python("param floor = \"3.10\"\n  expect python passes"), "");
    assert!(read(&format!("{PYTHON}test \"t\" {{\n  param floor = 3\n  expect python passes\n}}\n")).is_err());
}

#[test]
fn a_waived_rule_is_neither_broken_nor_kept() {
    let waiver = "waive python {\n  owner \"a@acme\"\n  reason \"T-1\"\n  expires 2027-03-31\n}\n";
    let on = |day: &str, verdict: &str| {
        let test = format!(
            "test \"t\" {{\n  given {{ interpreter CPython \"3.10\" }}\n  today {day}\n  expect python {verdict}\n}}\n"
        );
        failures(&format!("{PYTHON}{waiver}{test}"))
    };
    assert_eq!(on("2027-03-31", "waived"), "");
    assert_eq!(on("2027-04-01", "fails"), "");
    assert!(on("2027-03-31", "fails").contains("`python` is waived"));
    assert!(on("2027-04-01", "waived").contains("`python` fails"));
}

/// What coverage says is missing after a test that gives these interpreters.
fn missing(given: &str) -> Vec<String> {
    let text = format!("{PYTHON}test \"t\" {{\n  given {{ {given} }}\n  expect python fails\n}}\n");
    let coverage = run(&text).coverage;
    let clauses = coverage.rules.iter().flat_map(|rule| &rule.clauses);
    clauses.filter_map(|clause| Some(format!("{} {}", clause.text, clause.missing()?))).collect()
}

#[test]
fn coverage_names_what_never_decided() {
    let old = "interpreter CPython \"3.10\"";
    assert_eq!(
        missing(old),
        [
            "i.language == \"python\" is never false",
            "require i.version >= floor unless i.os_package is present is never kept",
            "i.os_package is present never excepts anything"
        ]
    );
    let packaged = "interpreter CPython \"3.9\" (os_package = \"python3.9\")";
    assert_eq!(missing(&format!("{old} {packaged}")), ["i.language == \"python\" is never false"]);
}

#[test]
fn a_rule_that_no_test_speaks_of_is_not_covered_by_being_evaluated() {
    let text = format!("{PYTHON}{RULE}test \"t\" {{\n  given {{ interpreter CPython \"3.10\" }}\n  expect r passes\n}}\n");
    let coverage = run(&text).coverage;
    let seen: Vec<_> = coverage.rules.iter().map(|rule| (rule.rule.as_str(), rule.fails, rule.passes)).collect();
    assert_eq!(seen, [("a/python", false, false), ("a/r", false, true)]);
    assert_eq!(coverage.outcomes(), (1, 7));
}

#[test]
fn a_contract_is_broken_at_its_members() {
    let rule = "rule c error \"t\" {\n  every module m has {\n    X: int\n    def f()\n  }\n}\n";
    let text = format!("{rule}test \"t\" {{\n  given {{ module m {{ X: int }} }}\n  expect c passes\n}}\n");
    insta::assert_snapshot!(failures(&text), @r##"
error[failed-expectation]: `c` fails
  --> a.douane:11:3
   |
 6 |     def f()
   |     ------- broken here
...
11 |   expect c passes
   |   ^^^^^^^^^^^^^^^ expected to pass
   |
   = note: m: `m` has no function `f`
"##);
    let clause = &run(&text).coverage.rules[0].clauses[0];
    assert_eq!((clause.held, clause.refuted), (false, true));
}

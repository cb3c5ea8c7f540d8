//! What a waiver must say, and which rule it means.

use crate::{
    diagnostic::{Style, render},
    policy::{PolicyText, compile},
};

const RULES: &str = "edition 1\npackage acme.rules\n\
    rule no-pickle error \"No pickle\" {\n  forbid import own -> pickle\n}\n\
    rule not-root error \"Nobody is root\" {\n  require image.user.uid != 0\n}\n";

/// All that is said of these files and the rules that waivers are for.
fn said(files: &[&str]) -> String {
    let mut texts = vec![PolicyText { name: "rules.douane".into(), text: RULES.into() }];
    texts.extend(files.iter().enumerate().map(|(at, text)| PolicyText {
        name: format!("{}.douane", ["a", "b", "c"][at]),
        text: format!("edition 1\n{text}\n"),
    }));
    let found = match compile(&texts, &[]) {
        Ok(compiled) => compiled.warnings().to_vec(),
        Err(errors) => errors,
    };
    found.iter().map(|one| render(one, Style::Plain)).collect::<Vec<_>>().join("\n")
}

const ANSWERED: &str = "owner \"a@acme\"\n  reason \"T-1: soon\"\n  expires 2027-03-31";

/// What is said of one waiver in a package of its own.
fn waiver(rule: &str, clauses: &str) -> String {
    said(&[&format!("package acme.waivers\nuse acme.rules\nwaive {rule} {{\n  {clauses}\n  {ANSWERED}\n}}")])
}

#[test]
fn names_the_rule_by_its_own_its_used_or_its_full_name() {
    for right in ["no-pickle", "acme.rules/no-pickle"] {
        assert_eq!(waiver(right, ""), "", "{right}");
    }
    assert_eq!(said(&[&format!("package acme.rules\nwaive no-pickle {{\n  {ANSWERED}\n}}")]), "");
    assert_eq!(said(&[&format!("package x\nwaive acme.rules/no-pickle {{\n  {ANSWERED}\n}}")]), "");
    assert_eq!(said(&[&format!("package x\nuse douane.image\nwaive not-root {{\n  {ANSWERED}\n}}")]), "");
}

#[test]
fn a_rule_that_is_not_there_is_an_error() {
    insta::assert_snapshot!(waiver("no-pikcle", ""), @r##"
error[unknown-rule]: there is no rule `no-pikcle`
 --> a.douane:4:7
  |
4 | waive no-pikcle {
  |       ^^^^^^^^^ waives nothing
  |
  = help: did you mean `no-pickle`?
"##);
    insta::assert_snapshot!(waiver("acme.rules/pickles", ""), @r##"
error[unknown-rule]: there is no rule `acme.rules/pickles`
 --> a.douane:4:7
  |
4 | waive acme.rules/pickles {
  |       ^^^^^^^^^^^^^^^^^^ waives nothing
  |
  = help: known here are `no-pickle`, `not-root`
"##);
    insta::assert_snapshot!(said(&[&format!("package x\nwaive no-pickle {{\n  {ANSWERED}\n}}")]), @r##"
error[unknown-rule]: there is no rule `no-pickle`
 --> a.douane:3:7
  |
3 | waive no-pickle {
  |       ^^^^^^^^^ waives nothing
  |
  = help: write `acme.rules/no-pickle`
"##);
    insta::assert_snapshot!(waiver("acme.ruels/no-pickle", ""), @r##"
error[unknown-package]: there is no package `acme.ruels` in this run
 --> a.douane:4:7
  |
4 | waive acme.ruels/no-pickle {
  |       ^^^^^^^^^^^^^^^^^^^^ waives nothing
  |
  = help: did you mean `acme.rules`?
"##);
    insta::assert_snapshot!(waiver("douane.image/not-root", ""), @r##"
error[unknown-package]: there is no package `douane.image` in this run
 --> a.douane:4:7
  |
4 | waive douane.image/not-root {
  |       ^^^^^^^^^^^^^^^^^^^^^ waives nothing
  |
  = help: add `use douane.image`
"##);
}

#[test]
fn a_rule_with_an_error_is_not_called_unknown_as_well() {
    let found = said(&[&format!("package x\nrule no-y error {{\n}}\nwaive no-y {{\n  {ANSWERED}\n}}")]);
    assert_eq!(found.matches("error[").count(), 1, "{found}");
}

#[test]
fn a_name_of_two_used_packages_is_ambiguous() {
    let other = "package acme.other\nrule no-pickle error \"t\" {\n  forbid import own -> pickle\n}";
    let waiver = format!("package x\nuse acme.other\nuse acme.rules\nwaive no-pickle {{\n  {ANSWERED}\n}}");
    insta::assert_snapshot!(said(&[other, &waiver]), @r##"
error[ambiguous-rule]: several packages have a rule `no-pickle`
 --> b.douane:5:7
  |
5 | waive no-pickle {
  |       ^^^^^^^^^ which of them?
  |
 ::: rules.douane:3:6
  |
3 | rule no-pickle error "No pickle" {
  |      --------- one of them
  |
 ::: a.douane:3:6
  |
3 | rule no-pickle error "t" {
  |      --------- one of them
  |
  = help: write `acme.rules/no-pickle` or `acme.other/no-pickle`
"##);
    let other = other.replace("pickle\n}", "marshal\n}");
    let own = format!("{other}\nuse acme.rules\nwaive no-pickle {{\n  {ANSWERED}\n}}");
    assert_eq!(said(&[&own]), "");
}

#[test]
fn owner_reason_and_end_are_asked_for_at_once() {
    insta::assert_snapshot!(said(&["package acme.rules\nwaive no-pickle {\n  reason \" \"\n}"]), @r##"
error[missing-clause]: the waiver of `no-pickle` does not say its owner
 --> a.douane:3:1
  |
3 | waive no-pickle {
  | ^^^^^^^^^^^^^^^ has no `owner`
  |
  = help: add `owner` and who answers for it
error[missing-clause]: the waiver of `no-pickle` never ends
 --> a.douane:3:1
  |
3 | waive no-pickle {
  | ^^^^^^^^^^^^^^^ has no `expires`
  |
  = help: add `expires` and the last day on which it is in force, such as `expires 2027-03-31`
error[missing-clause]: the `reason` of a waiver is empty
 --> a.douane:4:10
  |
4 |   reason " "
  |          ^^^ says nothing
  |
  = help: add `reason` and why, such as a ticket
"##);
}

#[test]
fn what_a_waiver_is_limited_to_is_checked() {
    for right in [
        "only import acme.** -> pickle only import {a, own} -> stdlib",
        "only module acme.** only path {\"/srv/**\", \"/app/*.py\"} only subject \"acme.* -> pickle\"",
        "where image.reference matches \"registry/**\" where any l in layers: l.index > 3",
        "at most 1",
    ] {
        assert_eq!(waiver("no-pickle", right), "", "{right}");
    }
    insta::assert_snapshot!(waiver("not-root", "only import acme.** -> pickle"), @r##"
error[wrong-only]: `only import` never meets what `not-root` finds
 --> a.douane:5:15
  |
5 |   only import acme.** -> pickle
  |               ^^^^^^^^^^^^^^^^^ speaks of imports
  |
 ::: rules.douane:6:6
  |
6 | rule not-root error "Nobody is root" {
  |      -------- forbids none
  |
  = help: write `only module`, `only path` or `only subject`, or remove it
"##);
    insta::assert_snapshot!(waiver("no-pickle", "only import acme.**.**.x -> pickle"), @r##"
error[invalid-module-pattern]: `acme.**.**.x` is no module pattern: `**.**` says no more than `**`
 --> a.douane:5:23
  |
5 |   only import acme.**.**.x -> pickle
  |                       ^^ `**.**` says no more than `**`
  |
  = help: patterns look like `acme`, `acme.*` or `acme.**`; `own`, `third_party` and `stdlib` are classes
"##);
    insta::assert_snapshot!(waiver("no-pickle", "only path {\"/srv/**\", \"/srv/[a\"}"), @r##"
error[invalid-glob]: not a glob: unclosed character class; missing ']'
 --> a.douane:5:26
  |
5 |   only path {"/srv/**", "/srv/[a"}
  |                          ^^^^^^^ unclosed character class; missing ']'
  |
  = help: close it with `]`; a bracket itself is written `[[]`
"##);
    insta::assert_snapshot!(waiver("no-pickle", "where image.referense matches \"x\" and importer.name == \"a\""), @r#"
    error[unknown-field]: `Image` has no field `referense`
     --> a.douane:5:15
      |
    5 |   where image.referense matches "x" and importer.name == "a"
      |               ^^^^^^^^^ not a field
      |
      = note: its fields are `reference`, `digest`, `platform`, `user`, `env`, `labels`, `entrypoint`, `cmd`, `workdir`, `exposed_ports`, `created`, `history`
      = help: did you mean `reference`?
    error[unknown-name]: `importer` is not defined
     --> a.douane:5:41
      |
    5 |   where image.referense matches "x" and importer.name == "a"
      |                                         ^^^^^^^^ not known here
      |
      = help: did you mean `imports`?
    "#);
    insta::assert_snapshot!(waiver("no-pickle", "where image.reference"), @r##"
error[type-mismatch]: a condition is true or false, and this is text
 --> a.douane:5:9
  |
5 |   where image.reference
  |         ^^^^^^^^^^^^^^^ of type `String`
  |
  = help: compare it with something
"##);
    insta::assert_snapshot!(waiver("no-pickle", "at most 0"), @r##"
error[invalid-limit]: a waiver that may take 0 findings waives nothing
 --> a.douane:5:11
  |
5 |   at most 0
  |           ^ less than 1
  |
  = help: give at least 1, or remove the waiver
"##);
}

#[test]
fn the_same_waiver_twice_is_a_warning_in_whatever_order_it_is_written() {
    let waiver = |only: &str| format!("waive no-pickle {{\n  only module {only}\n  {ANSWERED}\n}}\n");
    let both = |left: &str, right: &str| said(&[&format!("package acme.rules\n{}{}", waiver(left), waiver(right))]);
    insta::assert_snapshot!(both("{a, b}", "{ b,\n a }"), @r##"
warning[repeated-waiver]: two waivers of `no-pickle` say the same
 --> a.douane:9:7
  |
3 | waive no-pickle {
  |       --------- the first time
...
9 | waive no-pickle {
  |       ^^^^^^^^^ the second time
  |
  = help: remove one of them
"##);
    assert_eq!(both("a", "b"), "");
}

#[test]
fn the_longest_waiver_is_a_number_of_days_and_never_unused() {
    assert_eq!(said(&["package acme.rules\nparam max_waiver_days: Int = 90"]), "");
    insta::assert_snapshot!(said(&["package acme.rules\nparam max_waiver_days: String = \"90\""]), @r##"
error[type-mismatch]: `max_waiver_days` bounds how long waivers last: a number of days, and this is of type `String`
 --> a.douane:3:7
  |
3 | param max_waiver_days: String = "90"
  |       ^^^^^^^^^^^^^^^ not a number
  |
  = help: write `param max_waiver_days: Int = 90`
"##);
}

#[test]
fn slips_in_a_waiver_are_told() {
    insta::assert_snapshot!(waiver("no-pickle", "onwer \"x\""), @r#"
    error[misspelt-word]: `onwer` begins no clause
     --> a.douane:5:3
      |
    5 |   onwer "x"
      |   ^^^^^ not known
      |
      = help: did you mean `owner`?
    "#);
    insta::assert_snapshot!(waiver("no-pickle", "owner \"x\""), @r##"
error[repeated-item]: `owner` is said twice
 --> a.douane:6:3
  |
6 |   owner "a@acme"
  |   ^^^^^^^^^^^^^^ the second time
  |
  = help: remove one of them
"##);
    insta::assert_snapshot!(waiver("no-pickle", "only imports a -> b"), @r##"
error[misspelt-word]: `imports` is not expected here
 --> a.douane:5:8
  |
5 |   only imports a -> b
  |        ^^^^^^^ not known
  |
  = help: did you mean `import`?
"##);
}

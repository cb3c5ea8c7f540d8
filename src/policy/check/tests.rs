//! Types and names, right and wrong.

use std::fmt::Write as _;

use crate::{
    diagnostic::{Diagnostic, Style, render},
    policy::{PolicyText, compile},
};

fn diagnostics(text: &str, params: &[(&str, &str)]) -> Vec<Diagnostic> {
    let texts = [PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage a\n{text}\n") }];
    let params: Vec<_> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    match compile(&texts, &params) {
        Ok(compiled) => compiled.warnings().to_vec(),
        Err(diagnostics) => diagnostics,
    }
}

/// Every diagnostic as `code: message @ underlined text (help)`.
fn found(text: &str) -> String {
    diagnostics(text, &[]).iter().fold(String::new(), |mut all, diagnostic| {
        let label = &diagnostic.labels[0].span;
        let underlined = label.source.text.get(label.start..label.end).expect("inside the text");
        let help = diagnostic.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        let _ = writeln!(all, "{}: {} @ [{underlined}]{help}", diagnostic.code, diagnostic.message);
        all
    })
}

/// What is found in one clause of a rule over interpreters, distributions, modules and images.
fn clause(text: &str) -> String {
    found(&format!(
        "rule r error \"t\" {{\n  for i in interpreters\n  for e in environments\n  for d in e.distributions\n  for m in e.modules\n  {text}\n}}"
    ))
}

#[test]
fn accepts_what_the_schema_knows() {
    for right in [
        "require i.version >= \"3.11\" and i.implementation == \"CPython\"",
        "require d matches {\"urllib3 <1.26.19\", \"requests >=2,<2.31\"}",
        "require m.name matches {\"acme.**\", \"test_*\"} or m matches \"a\"",
        "require image.user.uid != 0 and image.labels has {\"a\"} and image.labels[\"x\"] ?? \"\" == \"y\"",
        "forbid any v in image.env: v.name matches {\"*_TOKEN\"} and v.value != \"\"",
        "require count(e.modules) > 3 and count(x in e.modules where x.owner == \"own\") == 0",
        "require os.id == \"debian\" and os.libc.name != \"musl\" unless os is absent",
        "require days_between(image.created ?? today, today) < 90 and image.created != 2027-01-01",
        "require all f in m.functions: f.name in {\"a\", \"b\"} and not starts_with(lower(f.name), \"_\")",
        "require image.cmd == [\"python\", \"-m\"] and image.cmd[0] == \"python\"",
    ] {
        assert_eq!(clause(right), "", "{right}");
    }
}

#[test]
fn names_are_a_closed_world() {
    insta::assert_snapshot!(clause("require i.verison >= \"3\""), @"unknown-field: `Interpreter` has no field `verison` @ [verison] (did you mean `version`?)");
    insta::assert_snapshot!(clause("require interpeters is absent"), @"unknown-name: `interpeters` is not defined @ [interpeters] (did you mean `interpreters`?)");
    insta::assert_snapshot!(clause("require start_with(i.path, \"/\")"), @"unknown-function: there is no function `start_with` @ [start_with] (did you mean `starts_with`?)");
    insta::assert_snapshot!(clause("require starts_with(i.path)"), @"wrong-arguments: `starts_with` takes 2 values and is given one value @ [starts_with(i.path)] (call it as `starts_with(String, String)`)");
    insta::assert_snapshot!(clause("require i.implementation == \"Cpython\""), @r#"unknown-value: this is never "Cpython": it is one of "CPython", "PyPy", "Pyston", "GraalPy", "Jython", "IronPython", "MicroPython", "RustPython" @ [Cpython] (did you mean "CPython"?)"#);
    insta::assert_snapshot!(clause("forbid any i in e.modules: true"), @"shadowed-name: `i` already means something else here @ [i] (choose another name)");
    insta::assert_snapshot!(found("use douane.pyton\nrule r error \"\" {\n  require true\n}"), @"unknown-package: there is no package `douane.pyton` @ [douane.pyton] (did you mean `douane.python`?)");
    insta::assert_snapshot!(found("param a: Verison = \"3\"\nrule r error \"\" {\n  require a == \"3\"\n}"), @"unknown-type: there is no type `Verison` @ [Verison] (did you mean `Version`?)");
}

#[test]
fn types_must_fit() {
    insta::assert_snapshot!(clause("require i.version == 3"), @r##"type-mismatch: a version is never equal to a number @ [i.version] (versions and text stand in quotes: "3")"##);
    insta::assert_snapshot!(clause("require i.path >= \"a\""), @"type-mismatch: `>=` does not compare text with text @ [i.path] (numbers, versions and dates have an order)");
    insta::assert_snapshot!(clause("require i"), @"type-mismatch: a condition is true or false, and this is a record of type `Interpreter` @ [i] (compare it with something)");
    insta::assert_snapshot!(clause("require e.modules"), @"type-mismatch: a condition is true or false, and this is a `List<Module>` @ [e.modules] (ask `any x in ...: condition`, or `count(...) > 0`)");
    insta::assert_snapshot!(clause("require e.modules.name == \"a\""), @"no-fields: a `List<Module>` has no fields @ [name] (ask each of them: `any x in e.modules: x.name ...`)");
    insta::assert_snapshot!(clause("require image.labels.team == \"a\""), @r##"no-fields: a map of text has no fields @ [team] (write `image.labels["team"]`)"##);
    insta::assert_snapshot!(clause("require any x in os: true"), @"not-a-relation: `os` is a record of type `Os`, not a list to range over @ [os]");
    insta::assert_snapshot!(clause("require i.version matches \"3.11\""), @r#"invalid-version: not a range of versions: failed to parse version: Unexpected end of version specifier, expected operator @ [3.11] (ranges look like ">=3.11,<4" (PEP 440))"#);
    insta::assert_snapshot!(clause("require i.path in \"abc\""), @"type-mismatch: text is never in text @ [i.path] (ask with `contains(text, part)`)");
    insta::assert_snapshot!(clause("require i.path in {\"a\", 3}"), @"type-mismatch: the elements of a set or list are of one type @ [3]");
    insta::assert_snapshot!(clause("require d.version < \"2\""), @"may-be-absent: `d.version` may be absent @ [d.version] (say what then counts: `(d.version ?? ...)`)");
    insta::assert_snapshot!(clause("require i.path is absent"), @"never-absent: `i.path` is never absent @ [i.path] (remove the question)");
    insta::assert_snapshot!(clause("require i.path ?? \"x\" == \"y\""), @"never-absent: `i.path` is never absent @ [i.path] (remove the question)");
    insta::assert_snapshot!(clause("require d.version ?? 3 == 3"), @"type-mismatch: `??` joins a version and a number @ [3]");
}

#[test]
fn literals_are_checked_inside() {
    insta::assert_snapshot!(clause("require i.version >= \"3.x\""), @r##"invalid-version: not a version: after parsing `3`, found `.x`, which is not part of a valid version @ [3.x] (versions look like "3.11" or "2.0rc1" (PEP 440))"##);
    insta::assert_snapshot!(clause("require d matches \"urllib3 <<2\""), @r##"invalid-requirement: not a requirement: no such comparison operator "<<", must be one of ~= == != <= >= < > === @ [<<2] (requirements look like "requests" or "urllib3 >=1.26,<2" (PEP 508))"##);
    insta::assert_snapshot!(clause("require d matches \"urllib3; python_version > '3'\""), @r##"invalid-requirement: a marker has no meaning in a policy: a name and versions only @ [urllib3; python_version > '3'] (requirements look like "requests" or "urllib3 >=1.26,<2" (PEP 508))"##);
    insta::assert_snapshot!(clause("require m.name matches \"acme..b\""), @r##"invalid-module-pattern: not a module pattern: a segment is empty @ [.] (patterns look like "acme", "acme.*" or "acme.**")"##);
    insta::assert_snapshot!(clause("require i.path matches \"/usr/[a\""), @"invalid-glob: not a glob: unclosed character class; missing ']' @ [/usr/[a] (close it with `]`; a bracket itself is written `[[]`)");
    insta::assert_snapshot!(found("rule r error \"\" {\n  forbid import acme.x** -> pickle ignoring type_cheking\n}"), @r##"
invalid-module-pattern: `acme.x**` is no module pattern: `**` stands for whole segments @ [x**] (patterns look like `acme`, `acme.*` or `acme.**`; `own`, `third_party` and `stdlib` are classes)
unknown-choice: `type_cheking` is no kind of import @ [type_cheking] (did you mean `type_checking`?)
"##);
}

#[test]
fn rules_say_first_whom_they_judge() {
    insta::assert_snapshot!(found("rule r error \"\" {\n  require true\n  for i in interpreters\n}"), @"misplaced-clause: `for` stands after a `require` or `forbid` @ [for i in interpreters] (move it up, or make it a rule of its own)");
    insta::assert_snapshot!(found("rule r error \"\" {\n  for i in interpreters\n}"), @"empty-rule: the rule `r` asks for nothing @ [r] (add a `require` or a `forbid`)");
    insta::assert_snapshot!(found("rule r error \"\" {\n  message \"x\"\n  require true\n}"), @r##"misplaced-clause: this speaks for no `require` or `forbid` @ [message "x"] (put it below the clause that it explains)"##);
    insta::assert_snapshot!(found("rule r error \"\" {\n  require true\n}\nrule r error \"\" {\n  require true\n}"), @"duplicate-name: the rule `r` is defined twice @ [r] (rename one of them)");
    insta::assert_snapshot!(clause("forbid import own -> pickle"), @"import-ban-in-loop: this ranges over modules by itself @ [forbid import own -> pickle] (make it a rule of its own)");
}

#[test]
fn no_function_reaches_itself() {
    insta::assert_snapshot!(
        found("fn a(x: Int) -> Bool = b(x)\nfn b(x: Int) -> Bool = x == 1 or a(x)\nrule r error \"\" {\n  require a(1)\n}"),
        @"recursion: the function `a` reaches itself @ [a] (range over a relation with `any`, `all` or `count`)"
    );
    let mut chain = String::from("fn f0() -> Bool = today == today\n");
    for number in 1..40 {
        let _ = writeln!(chain, "fn f{number}() -> Bool = f{0}() or f{0}()", number - 1);
    }
    let all = found(&format!("{chain}rule r error \"\" {{\n  require f39()\n}}"));
    assert!(all.starts_with("function-too-large"), "{all}");
}

#[test]
fn what_is_never_used_is_a_warning() {
    insta::assert_snapshot!(found("param a: Int = 1\nfn f(x: Int) -> Bool = x == 1\nrule r error \"\" {\n  require count(layers) < 9\n}"), @r##"
unused-definition: the parameter `a` is never used @ [a] (use it or remove it)
unused-definition: the function `f` is never used @ [f] (use it or remove it)
"##);
}

#[test]
fn the_command_line_is_checked_like_a_literal() {
    let rule = "param floor: Version = \"3.10\"\nparam names: Set<Glob> = {\"a\"}\nrule r error \"\" {\n  for i in interpreters\n  require i.version >= floor and i.path matches names\n}";
    assert_eq!(diagnostics(rule, &[("floor", "3.12"), ("a.names", "x*, y")]), []);
    let wrong = diagnostics(rule, &[("floor", "3.x"), ("names", "a,[b"), ("flor", "3")]);
    insta::assert_snapshot!(wrong.iter().map(|diagnostic| render(diagnostic, Style::Plain)).collect::<Vec<_>>().join("\n\n"), @r##"
error[unknown-param]: no policy has a parameter `flor`
 --> --param:1:1
  |
1 | flor=3
  | ^^^^ not known
  |
  = help: did you mean `floor`?

error[invalid-version]: the value of the parameter `floor` is not a version: after parsing `3`, found `.x`, which is not part of a valid version
 --> --param:1:7
  |
1 | floor=3.x
  |       ^^^ should be of type `Version`
  |
 ::: a.douane:3:7
  |
3 | param floor: Version = "3.10"
  |       ----- defined here
  |
  = help: versions look like "3.11" or "2.0rc1" (PEP 440)

error[invalid-glob]: the value of the parameter `names` is not a glob: unclosed character class; missing ']'
 --> --param:1:9
  |
1 | names=a,[b
  |         ^^ should be of type `Set<Glob>`
  |
 ::: a.douane:4:7
  |
4 | param names: Set<Glob> = {"a"}
  |       ----- defined here
  |
  = help: close it with `]`; a bracket itself is written `[[]`
"##);
}

#[test]
fn five_mistakes_are_five_diagnostics() {
    let text = "edition 1
package acme.platform

param floor: Version = \"3.1l\"

rule python-floor error \"Images run a supported Python\" {
  for i in interpreters
  require i.verison >= floor
  forbid i.path = \"/usr/bin/python2\"
}

rule roots error \"Nobody is root\" {
  require image.user.uid != \"0\"
  mesage \"root\"
}
";
    let texts = [PolicyText { name: "acme.douane".into(), text: text.into() }];
    let found = compile(&texts, &[]).expect_err("it has mistakes");
    let codes: Vec<_> = found.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["invalid-version", "unknown-field", "assignment-in-condition", "type-mismatch", "misspelt-word"]);
    insta::assert_snapshot!(found.iter().map(|diagnostic| render(diagnostic, Style::Plain)).collect::<Vec<_>>().join("\n\n"), @r#"
    error[invalid-version]: not a version: after parsing `3.1`, found `l`, which is not part of a valid version
     --> acme.douane:4:25
      |
    4 | param floor: Version = "3.1l"
      |                         ^^^^ after parsing `3.1`, found `l`, which is not part of a valid version
      |
      = help: versions look like "3.11" or "2.0rc1" (PEP 440)

    error[unknown-field]: `Interpreter` has no field `verison`
     --> acme.douane:8:13
      |
    8 |   require i.verison >= floor
      |             ^^^^^^^ not a field
      |
      = note: its fields are `path`, `aliases`, `language`, `implementation`, `version`, `implementation_version`, `platform`, `debug`, `free_threaded`, `abi`, `soabi`, `linkage`, `libc`, `source`, `os_package`, `conda_package`, `layer`
      = help: did you mean `version`?

    error[assignment-in-condition]: `=` does not compare
     --> acme.douane:9:17
      |
    9 |   forbid i.path = "/usr/bin/python2"
      |                 ^ compares nothing
      |
      = help: write `==`

    error[type-mismatch]: a number is never equal to text
      --> acme.douane:13:11
       |
    13 |   require image.user.uid != "0"
       |           ^^^^^^^^^^^^^^    ^^^ `String`
       |           |
       |           `Int`
       |
       = help: numbers stand without quotes: 0

    error[misspelt-word]: `mesage` begins no clause
      --> acme.douane:14:3
       |
    14 |   mesage "root"
       |   ^^^^^^ not known
       |
       = help: did you mean `message`?
    "#);
}

#[test]
fn a_file_says_its_edition_and_package() {
    let codes = |text: &str| {
        let found = compile(&[PolicyText { name: "a.douane".into(), text: text.into() }], &[]).expect_err("it has mistakes");
        found.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(""), ["missing-edition", "missing-package"]);
    assert_eq!(codes("edition 2\npackage a\n"), ["unknown-edition"]);
}

#[test]
fn a_used_package_brings_its_rules_and_parameters() {
    let text = "edition 1\npackage a\nuse douane.python\nrule r note \"t\" {\n  for i in interpreters\n  require i.version >= floor\n}\n";
    let compiled = compile(&[PolicyText { name: "a.douane".into(), text: text.into() }], &[("floor".into(), "3.12".into())]);
    let compiled = compiled.expect("it compiles");
    let rules: Vec<_> = compiled.identities().iter().flat_map(|identity| identity.rules.iter().map(String::as_str)).collect();
    assert_eq!(rules, ["r", "supported-python", "supported-pypy"]);
}

#[test]
fn what_an_error_broke_is_not_reported_again() {
    insta::assert_snapshot!(found("param a: = 3\nfn f( = 1\nrule r error \"\" {\n  require a == 3 and f(a)\n}"), @r##"
syntax: expected a word, found `=` @ [=]
unclosed-bracket: `(` is never closed @ [(] (add the missing `)`)
"##);
}

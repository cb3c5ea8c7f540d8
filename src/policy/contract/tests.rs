//! Contracts as a whole: what is wrong with them, shown in the YAML.

use std::sync::Arc;

use super::{module_name, package_name, parse};
use crate::{
    diagnostic::{SourceText, Style, render},
    policy::{PolicyText, compile},
};

/// Every mistake of a contract, as a person sees it.
fn mistakes(text: &str) -> String {
    let contract = PolicyText { name: "plugin.importspy.yml".into(), text: text.into() };
    match compile(&[contract], &[]) {
        Ok(_) => "no mistakes".into(),
        Err(diagnostics) => {
            diagnostics.iter().map(|diagnostic| render(diagnostic, Style::Plain)).collect::<Vec<_>>().join("\n\n")
        }
    }
}

#[test]
fn every_mistake_is_shown_in_one_run() {
    insta::assert_snapshot!(mistakes("filename: 3\nversoin: \"1.0\"\nfunctions:\n  - nmae: run\n    arguments: {name: x}\nclasses:\n  - name: Plugin\n    attributes:\n      - name: x\n        type: klass\n"), @r#"
    error[type-mismatch]: `filename` is text, and `3` without quotes is a number
     --> plugin.importspy.yml:1:11
      |
    1 | filename: 3
      |           ^ a number, no text
      |
      = help: write "3"

    error[unknown-key]: a contract has no key `versoin`
     --> plugin.importspy.yml:2:1
      |
    2 | versoin: "1.0"
      | ^^^^^^^ not known here
      |
      = help: did you mean `version`?

    error[unknown-key]: a function has no key `nmae`
     --> plugin.importspy.yml:4:5
      |
    4 |   - nmae: run
      |     ^^^^ not known here
      |
      = help: did you mean `name`?

    error[missing-key]: a function has no `name`
     --> plugin.importspy.yml:4:5
      |
    4 |   - nmae: run
      |     ^^^^ needs `name`

    error[type-mismatch]: `arguments` is a list, and this is a mapping
     --> plugin.importspy.yml:5:16
      |
    5 |     arguments: {name: x}
      |                ^^^^^^^^^ a mapping

    error[unknown-choice]: `klass` cannot stand for `type`
      --> plugin.importspy.yml:10:15
       |
    10 |         type: klass
       |               ^^^^^ not one of its words
       |
       = note: its words are `class`, `instance`
       = help: did you mean `class`?
    "#);
}

#[test]
fn what_is_no_yaml_is_shown_where_it_stops() {
    insta::assert_snapshot!(mistakes("filename: plugin.py\nvariables: [\n"), @"
    error[yaml-syntax]: the contract is no YAML: unclosed bracket '['
     --> plugin.importspy.yml:2:12
      |
    2 | variables: [
      |            ^ cannot be read from here on
    ");
    insta::assert_snapshot!(mistakes("filename: a\nfilename: b\n"), @"
    error[duplicate-name]: the key `filename` stands twice in a mapping
     --> plugin.importspy.yml:2:1
      |
    1 | filename: a
      | -------- the first time
    2 | filename: b
      | ^^^^^^^^ the second time
      |
      = help: join them, or remove one
    ");
    insta::assert_snapshot!(mistakes("# nothing\n"), @"
    error[yaml-syntax]: the contract holds nothing
     --> plugin.importspy.yml:1:1
      |
    1 | # nothing
      | ^^^^^^^^^ expected keys such as `filename`
      |
      = help: `douane policy new --from module.py` writes a contract to begin with
    ");
    insta::assert_snapshot!(mistakes("variables: !!python/object:x []\n"), @"
    error[yaml-syntax]: a tag that contracts do not have
     --> plugin.importspy.yml:1:30
      |
    1 | variables: !!python/object:x []
      |                              ^ has a tag
      |
      = help: remove the tag
    ");
}

#[test]
fn admission_is_checked_as_far_as_the_text_goes() {
    insta::assert_snapshot!(mistakes("schema_version: 2\nruntime:\n  python: \">=3.x\"\n  environment: {PORT: 8080}\ndependencies:\n  Foo_Bar: {allowed: maybe}\n  foo-bar: {}\n  import:a.b: {}\n  requests:\n    origin: {type: pypi, url: github.com/x}\ndependency_options: {unresolved: never}\n"), @r#"
    error[unknown-edition]: this schema of contracts is not known
     --> plugin.importspy.yml:1:17
      |
    1 | schema_version: 2
      |                 ^ not 1
      |
      = help: write `schema_version: 1`

    error[invalid-version]: `>=3.x` is no range of versions: Failed to parse version: after parsing `3`, found `.x`, which is not part of a valid version
     --> plugin.importspy.yml:3:11
      |
    3 |   python: ">=3.x"
      |           ^^^^^^^ no range of versions
      |
      = help: ranges look like ">=3.11,<4" (PEP 440)

    error[type-mismatch]: `PORT` is text, and `8080` without quotes is a number
     --> plugin.importspy.yml:4:23
      |
    4 |   environment: {PORT: 8080}
      |                       ^^^^ a number, no text
      |
      = help: write "8080"

    error[type-mismatch]: `allowed` is `true` or `false`, and this is text
     --> plugin.importspy.yml:6:22
      |
    6 |   Foo_Bar: {allowed: maybe}
      |                      ^^^^^ text

    error[duplicate-name]: `Foo_Bar` and `foo-bar` name the same distribution
     --> plugin.importspy.yml:7:3
      |
    6 |   Foo_Bar: {allowed: maybe}
      |   ------- the first time
    7 |   foo-bar: {}
      |   ^^^^^^^ the second time
      |
      = help: join them

    error[invalid-dependency]: `a.b` is not the name of a top-level module
     --> plugin.importspy.yml:8:3
      |
    8 |   import:a.b: {}
      |   ^^^^^^^^^^ not one name
      |
      = help: write `import:` and a name without points, such as `import:yaml`

    error[unknown-choice]: `pypi` cannot stand for `type`
      --> plugin.importspy.yml:10:20
       |
    10 |     origin: {type: pypi, url: github.com/x}
       |                    ^^^^ not one of its words
       |
       = help: write one of `unknown`, `index`, `vcs`, `local`, `archive`

    error[invalid-url]: `url` is the whole address of where a distribution comes from
      --> plugin.importspy.yml:10:31
       |
    10 |     origin: {type: pypi, url: github.com/x}
       |                               ^^^^^^^^^^^^ no such address
       |
       = help: write one such as "https://github.com/acme/tool"

    error[unknown-choice]: `never` cannot stand for `unresolved`
      --> plugin.importspy.yml:11:34
       |
    11 | dependency_options: {unresolved: never}
       |                                  ^^^^^ not one of its words
       |
       = help: write one of `allow`, `deny`
    "#);
}

#[test]
fn aliases_cannot_blow_a_contract_up() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    assert!(mistakes(&text).contains("policy-too-large"));
    let deep = format!("a: {}{}\n", "[".repeat(500), "]".repeat(500));
    insta::assert_snapshot!(mistakes(&deep).lines().next().unwrap_or_default(), @"error[nested-too-deeply]: the contract nests deeper than 48 levels");
    let blocks: String = (0..500).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    insta::assert_snapshot!(mistakes(&blocks).lines().next().unwrap_or_default(), @"error[nested-too-deeply]: the contract nests deeper than 48 levels");
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let text = "x: 1\n";
    assert!(mistakes(text).contains("unknown-key"));
    let text = "functions:\n  - &run {name: run, return_annotation: None}\n  - <<: *run\n    name: stop\n";
    let source = Arc::new(SourceText { name: "a.yml".into(), text: text.into() });
    let (file, diagnostics) = parse(&source, None).into_parts();
    assert_eq!(diagnostics, []);
    assert_eq!(file.rules.len(), 2);
}

#[test]
fn names_of_files_and_policies_become_names_of_modules_and_packages() {
    assert_eq!(module_name("plugins/my-tool.importspy.yml"), "my_tool");
    assert_eq!(module_name("2048.py"), "_2048");
    assert_eq!(package_name("com.acme/plugins-1"), "com.acme.plugins_1");
    assert_eq!(package_name("..."), "importspy.contract");
}

//! Contracts as a whole: what is wrong with them, shown in the YAML.

use std::sync::Arc;

use super::{convert, module_name, package_name, parse};
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
    error[yaml-syntax]: the file is no YAML: unclosed bracket '['
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
    error[yaml-syntax]: a tag that has no meaning here
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
    insta::assert_snapshot!(mistakes(&deep).lines().next().unwrap_or_default(), @"error[nested-too-deeply]: the file nests deeper than 48 levels");
    let blocks: String = (0..500).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    insta::assert_snapshot!(mistakes(&blocks).lines().next().unwrap_or_default(), @"error[nested-too-deeply]: the file nests deeper than 48 levels");
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

/// A contract with something of everything.
const WHOLE: &str = include_str!("whole.importspy.yml");

#[test]
fn a_contract_reads_as_a_policy() {
    let contract = PolicyText { name: "contracts/whole.importspy.yml".into(), text: WHOLE.into() };
    let text = convert(&contract).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    insta::assert_snapshot!(text, @r#"
    // From `whole.importspy.yml`.
    edition 1
    package com.acme.plugins

    rule source error "the module's source can be read" {
      for m in modules where m.name matches "**.plugin"
      require m.parses
      message "the source of `{m.name}` cannot be read: {m.file}"
      code "S001"
    }

    rule structure error "the module has the structure that the contract says" {
      every module **.plugin has {
        __version__ = "1.2"
        API_VERSION: int = 2
        default = None
        def initialize with (config: dict[str, "Any"], verbose = False) -> None
        class Plugin(Base(Root) { def close }) {
          name: str = "it's \"x\""
          self.settings
          def run
        }
      }
      code "S101" different "S102" unknown "S103"
    }

    rule filename error "the module's file has its name" {
      for m in modules where m.name matches "**.plugin"
      require m.file matches {"plugin.py", "**/plugin.py"}
      message "`{m.name}` is in {m.file}, not in a file `plugin.py`"
      code "S102"
    }

    rule deployment-01 error "the module is as its deployment says" {
      where any n in modules where n.name matches "**.plugin":
          any i in interpreters where i.path == n.environment.interpreter:
            i.platform matches {"linux/amd64", "linux/amd64/*"}
            and i.version == "3.11.4"
            and i.implementation matches "CPython"
      alternative "1" of "deployments"
      every module **.plugin has { def start }
      code "S101" different "S102" unknown "S103"
    }

    rule deployment-01-environment error "the module is as its deployment says" {
      for m in modules where m.name matches "**.plugin"
      where any i in interpreters where i.path == m.environment.interpreter:
          i.platform matches {"linux/amd64", "linux/amd64/*"}
          and i.version == "3.11.4"
          and i.implementation matches "CPython"
      alternative "1" of "deployments"
      require m.file matches {"plugin.py", "**/plugin.py"}
      message "`{m.name}` is in {m.file}, not in a file `plugin.py`"
      code "S102"
      require any v in target.env: v.name == "MODE" and v.value == "fast"
      message "the variable `MODE` is not set to what the contract says"
      code "R103"
      require any v in target.env: v.name == "API_TOKEN"
      message "the variable `API_TOKEN` is not set"
      code "R103"
    }

    rule deployment-02-environment error "the module is as its deployment says" {
      for m in modules where m.name matches "**.plugin"
      where any i in interpreters where i.path == m.environment.interpreter:
          i.platform matches {"linux/amd64", "linux/amd64/*"} and i.implementation matches "PyPy"
      alternative "2" of "deployments"
      require any v in target.env: v.name == "MODE" and v.value == "fast"
      message "the variable `MODE` is not set to what the contract says"
      code "R103"
      require any v in target.env: v.name == "API_TOKEN"
      message "the variable `API_TOKEN` is not set"
      code "R103"
    }

    rule deployment error "a deployment of the contract is for this target" {
      for m in modules where m.name matches "**.plugin"
      require any i in interpreters where i.path == m.environment.interpreter:
          (i.platform matches {"linux/amd64", "linux/amd64/*"}
            and i.version == "3.11.4"
            and i.implementation matches "CPython")
          or (i.platform matches {"linux/amd64", "linux/amd64/*"} and i.implementation matches "PyPy")
      message "no deployment is for where `{m.name}` runs"
      code "R104"
    }

    rule runtime error "the module runs where the contract says" {
      for m in modules where m.name matches "**.plugin"
      for i in interpreters where i.path == m.environment.interpreter
      require i.platform matches "linux/**"
      message "`{m.name}` runs on {i.platform}; the operating system must be linux"
      code "R101"
      require i.platform matches {"*/amd64", "*/amd64/*", "*/arm64", "*/arm64/*"}
      message "`{m.name}` runs on {i.platform}; the architecture must be x86_64 or aarch64"
      code "R101"
      require i.version matches ">=3.11,<4"
      message "`{m.name}` runs with {i.implementation} {i.version}, not >=3.11,<4"
      code "R102"
      require i.implementation matches "CPython"
      message "`{m.name}` runs with {i.implementation}, not with CPython"
      code "R101"
    }

    rule environment error "the environment is as the contract says" {
      for m in modules where m.name matches "**.plugin"
      require any v in target.env: v.name == "MODE" and v.value == "fast"
      message "the variable `MODE` is not set to what the contract says"
      code "R103"
      require any v in target.env: v.name == "HOME"
      message "the variable `HOME` is not set"
      code "R103"
    }

    rule dependency-requests error "`requests` is as the contract says" {
      for m in modules where m.name matches "**.plugin"
      for i in m.imports where i.kind != "type_checking"
      for d in i.distributions where d.normalized_name == "requests"
      require d.version matches ">=2.31"
      message "`{m.name}` uses {d.name} {d.version}, and `requests` must be >=2.31"
      code "D104"
      require d.declared
      message "`{m.name}` uses {d.name}, which the project does not declare"
      code "D105"
      require not d.editable
      message "`{m.name}` uses {d.name}, which is installed in editable mode"
      code "D107"
      require d.origin.type == "vcs"
      message "`{m.name}` uses {d.name}, whose origin must have the type vcs"
      code "D106"
      require d.origin.repository == "https://github.com/psf/requests"
      message "`{m.name}` uses {d.name}, whose origin must have the repository https://github.com/psf/requests.git"
      code "D106"
      require d.origin.commit == "abc"
      message "`{m.name}` uses {d.name}, whose origin must have the commit abc"
      code "D106"
      require evidence("distribution.provenance", d.name)
      message "nobody has proved where {d.name} comes from"
      code "P101"
    }

    rule requires-requests error "`requests` is imported" {
      for m in modules where m.name matches "**.plugin"
      require any i in m.imports where i.kind != "type_checking": any d in i.distributions: d.normalized_name == "requests"
      message "`{m.name}` does not import `requests`, which it must"
      code "D103"
    }

    rule import-pickle error "imports of `pickle` are as the contract says" {
      for m in modules where m.name matches "**.plugin"
      for i in m.imports where i.target matches "pickle.**" and i.kind != "type_checking"
      forbid i.target matches "pickle.**"
      message "`{m.name}` imports `{i.target}`, which is not allowed"
      code "D101"
    }

    rule import-yaml error "imports of `yaml` are as the contract says" {
      for m in modules where m.name matches "**.plugin"
      for i in m.imports where i.target matches "yaml.**" and i.kind != "type_checking"
      require any x in i.distributions: true
      message "no distribution is known to provide `{i.target}`"
      code "D104"
    }

    rule provider-of-yaml error "what provides `yaml` is as the contract says" {
      for m in modules where m.name matches "**.plugin"
      for i in m.imports where i.target matches "yaml.**" and i.kind != "type_checking"
      for d in i.distributions
      require d.version matches ">=6"
      message "`{m.name}` uses {d.name} {d.version}, and `import:yaml` must be >=6"
      code "D104"
    }

    rule dependency-legacy-tool error "`legacy-tool` is as the contract says" {
      for m in modules where m.name matches "**.plugin"
      for i in m.imports where i.kind != "type_checking"
      for d in i.distributions where d.normalized_name == "legacy-tool"
      forbid d.normalized_name == "legacy-tool"
      message "`{m.name}` uses {d.name}, which is not allowed"
      code "D101"
      require d.origin is absent and d.installer is present and d.os_package is absent
      message "`{m.name}` uses {d.name}, whose origin must have the type index"
      code "D106"
    }

    rule imports-resolve error "imports can be resolved" {
      for m in modules where m.name matches "**.plugin"
      for i in m.imports where i.kind != "type_checking"
      require i.resolves
      message "`{i.target}` cannot be found in the environment of `{m.name}`"
      code "D102"
    }

    rule dependencies-are-declared error "dependencies are declared" {
      for m in modules where m.name matches "**.plugin"
      for i in m.imports where i.kind != "type_checking"
      for d in i.distributions
      require d.declared
      message "`{m.name}` uses {d.name}, which the project does not declare"
      code "D105"
    }

    rule dependencies-are-listed error "dependencies are listed" {
      for m in modules where m.name matches "**.plugin"
      for i in m.imports where i.kind != "type_checking"
      for d in i.distributions
      require d.normalized_name in {"requests", "legacy-tool"}
      message "`{m.name}` uses {d.name}, which the contract does not list"
      code "D108"
    }

    rule evidence error "the evidence that the contract asks for is there" {
      require evidence("sbom.verified", "plugin")
      message "`sigstore` gave no evidence of `sbom.verified` for `plugin`"
      code "P101"
    }
    "#);
    let shown = |mistakes: Vec<_>| mistakes.iter().map(|mistake| render(mistake, Style::Plain)).collect::<String>();
    let again = compile(&[PolicyText { name: "whole.douane".into(), text }], &[]);
    let again = again.unwrap_or_else(|mistakes| panic!("{}", shown(mistakes)));
    let first = compile(&[contract], &[]).unwrap_or_else(|mistakes| panic!("{}", shown(mistakes)));
    assert_eq!(again.identities()[0].rules, first.identities()[0].rules);
}

#[test]
fn what_python_cannot_call_a_member_is_no_name() {
    for name in ["tool-ind1", "a.b", "\"*\"", "gr\u{f6}\u{df}e", "\"\"", "class", "\"a b\""] {
        for text in [
            format!("variables:\n  - name: {name}\n"),
            format!("functions:\n  - name: {name}\n"),
            format!("classes:\n  - name: A\n    superclasses:\n      - name: {name}\n"),
            format!("classes:\n  - name: A\n    attributes:\n      - {{type: class, name: {name}}}\n"),
        ] {
            assert!(mistakes(&text).contains("error[type-mismatch]: `name` is what Python code calls it"), "{text}");
        }
    }
}

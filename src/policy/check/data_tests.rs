//! What `data` items take from files, and what they refuse.

use crate::{
    diagnostic::{Style, render},
    policy::{DataFiles, PolicyText, compile_with},
};

struct Files(&'static [(&'static str, &'static str)]);

impl DataFiles for Files {
    fn read(&self, policy: &str, path: &str) -> Result<String, String> {
        assert_eq!(policy, "rules/a.douane");
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "No such file or directory (os error 2)".to_owned())
    }
}

/// The mistakes of a policy that asks `condition` of a data item of this type from a file of this text.
fn mistakes(ty: &str, file: &'static str, text: &'static str, from: &str, condition: &str) -> String {
    let files: &'static [(&'static str, &'static str)] = Box::leak(Box::new([(file, text)]));
    let text =
        format!("edition 1\npackage a\ndata known: {ty} from \"{file}\" {from}\nrule r error \"t\" {{\n  {condition}\n}}\n");
    let texts = [PolicyText { name: "rules/a.douane".into(), text }];
    match compile_with(&texts, &[], &Files(files)) {
        Ok(_) => "compiles".to_owned(),
        Err(errors) => errors.iter().map(|error| render(error, Style::Plain)).collect::<Vec<_>>().join("\n\n"),
    }
}

const LISTED: &str = "for d in distributions\n  require any r in known: d matches r";

#[test]
fn every_format_gives_the_same_list() {
    for (file, text, from) in [
        ("a.json", "[\"urllib3 >=1.26\", \"requests\"]", ""),
        ("a.json", "{\"tool\": {\"list\": [\"urllib3 >=1.26\"]}}", "key \"tool.list\""),
        ("a.yaml", "# approved\n- urllib3 >=1.26\n- requests\n", ""),
        ("a.yml", "known:\n  - urllib3 >=1.26\nother: 3\n", ""),
        ("a.toml", "known = [\"urllib3 >=1.26\"]\nother = 3\n", ""),
        ("a.csv", "name,owner\nurllib3 >=1.26,me\nrequests,you\n", "column \"name\""),
        ("a.csv", "name\nrequests\n", ""),
    ] {
        assert_eq!(mistakes("Set<Requirement>", file, text, from, LISTED), "compiles", "{file}: {text}");
    }
}

#[test]
fn other_types_are_read_too() {
    for (ty, text, condition) in [
        ("Map", "{\"a\": \"b\"}", "require image.reference in known or (known[\"a\"] ?? \"\") == \"b\""),
        ("Int", "3", "require count(layers) < known"),
        ("Bool", "true", "require known"),
        ("Date", "\"2027-03-31\"", "require today < known"),
        ("List<Int>", "[1, 2]", "require image.user.uid in known"),
        ("Set<Glob>", "[\"*_TOKEN\"]", "forbid any e in image.env: e.name matches known"),
        ("Set<ModulePattern>", "[\"acme.**\"]", "require all m in modules: m.name matches known"),
    ] {
        assert_eq!(mistakes(ty, "a.json", text, "", condition), "compiles", "{ty}");
    }
    assert_eq!(mistakes("Version", "a.yaml", "3.10", "", "require all i in interpreters: i.version >= known"), "compiles");
    assert_eq!(mistakes("Map", "a.csv", "team,owner\na,b\n", "", "require image.reference in known"), "compiles");
}

#[test]
fn what_does_not_fit_its_type_is_shown_in_the_file() {
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.json", "[\"urllib3 >>1\",\n 3, {\"a\": 1}]", "", LISTED), @r#"
    error[invalid-requirement]: not a requirement: no such comparison operator ">>", must be one of ~= == != <= >= < > ===
     --> a.json:1:2
      |
    1 | ["urllib3 >>1",
      |  ^^^^^^^^^^^^^ in this value
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.json" 
      |      ----- read for this
      |
      = help: requirements look like "requests" or "urllib3 >=1.26,<2" (PEP 508)

    error[data-mismatch]: expected a requirement, found a number
     --> a.json:2:2
      |
    2 |  3, {"a": 1}]
      |  ^ a number
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.json" 
      |      ----- read for this

    error[data-mismatch]: expected a requirement, found a mapping
     --> a.json:2:5
      |
    2 |  3, {"a": 1}]
      |     ^^^^^^^^ a mapping
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.json" 
      |      ----- read for this
    "#);
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.toml", "a = [\"x\"]\nb = 3\n", "", LISTED), @r#"
    error[data-mismatch]: expected a list, found a mapping
     --> a.toml:1:1
      |
    1 | a = ["x"]
      | ^ a mapping
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.toml" 
      |      ----- read for this
      |
      = help: name the key under which it stands: `from "file.json" key "name"`
    "#);
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.csv", "nmae,owner\na,b\n", "column \"name\"", LISTED), @r#"
    error[unknown-data-key]: there is no column `name`
     --> a.csv:2:1
      |
    2 | a,b
      | ^^^ has no such column
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.csv" column "name"
      |      ----- read for this
      |
      = help: did you mean `nmae`?
    "#);
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.yaml", "tool:\n  lists: [a]\n", "key \"tool.list\"", LISTED), @r#"
    error[unknown-data-key]: there is no key `list`
     --> a.yaml:2:3
      |
    2 |   lists: [a]
      |   ^^^^^^^^^^ has no such key
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.yaml" key "tool.list"
      |      ----- read for this
      |
      = help: did you mean `lists`?
    "#);
    insta::assert_snapshot!(mistakes("Date", "a.json", "\"2027-02-31\"", "", "require today < known"), @r#"
    error[data-mismatch]: expected a date, found text
     --> a.json:1:1
      |
    1 | "2027-02-31"
      | ^^^^^^^^^^^^ text
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Date from "a.json" 
      |      ----- read for this
      |
      = help: a date is a day of the calendar, such as 2027-03-31
    "#);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.json", "[\"a\",", "", LISTED), @r#"
    error[data-syntax]: the file is no JSON: EOF while parsing a value
     --> a.json:1:5
      |
    1 | ["a",
      |     ^ cannot be read from here on
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.json" 
      |      ----- read for this
    "#);
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.toml", "a = [\n\"x\"", "", LISTED), @r#"
    error[data-syntax]: the file is no TOML: unclosed array, expected `]`
     --> a.toml:2:4
      |
    2 | "x"
      |    ^ cannot be read from here on
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.toml" 
      |      ----- read for this
    "#);
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.csv", "a,b\n1,2\n3\n", "column \"a\"", LISTED), @r#"
    error[data-syntax]: cells in this line: 1, names in the first line: 2
     --> a.csv:3:1
      |
    3 | 3
      | ^ cannot be read from here on
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.csv" column "a"
      |      ----- read for this
    "#);
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.yaml", "a: [b\n", "", LISTED), @r#"
    error[yaml-syntax]: the file is no YAML: unclosed bracket '['
     --> a.yaml:1:4
      |
    1 | a: [b
      |    ^ cannot be read from here on
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.yaml" 
      |      ----- read for this
    "#);
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.yaml", "", "", LISTED), @r#"
    error[data-syntax]: the file holds nothing
     --> a.yaml:1:1
      |
    1 |
      | ^ empty
      |
     ::: rules/a.douane:3:6
      |
    3 | data known: Set<Requirement> from "a.yaml" 
      |      ----- read for this
    "#);
    insta::assert_snapshot!(mistakes("Set<Requirement>", "a.txt", "a", "", LISTED), @r#"
    error[unknown-data-format]: `a.txt` is no data file
     --> rules/a.douane:3:35
      |
    3 | data known: Set<Requirement> from "a.txt" 
      |                                   ^^^^^^^ its name tells no format
      |
      = help: data files end in `.json`, `.yaml`, `.toml` or `.csv`
    "#);
    insta::assert_snapshot!(mistakes("Set<Distribution>", "a.json", "[]", "", "require true"), @r#"
    warning[unused-definition]: the parameter `known` is never used
     --> rules/a.douane:3:6
      |
    3 | data known: Set<Distribution> from "a.json" 
      |      ^^^^^ defined here
      |
      = help: use it or remove it

    error[invalid-data-type]: records come from the target, not from a file
     --> rules/a.douane:3:13
      |
    3 | data known: Set<Distribution> from "a.json" 
      |             ^^^^^^^^^^^^^^^^^ of type `Set<Distribution>`
      |
      = help: write a type such as `Set<String>`, `List<Requirement>` or `Map`
    "#);
    let texts = [PolicyText {
        name: "rules/a.douane".into(),
        text: "edition 1\npackage a\ndata known: Bool from \"gone.json\"\nrule r error \"t\" {\n  require known\n}\n".into(),
    }];
    let errors = compile_with(&texts, &[], &Files(&[])).expect_err("no file");
    insta::assert_snapshot!(errors.iter().map(|error| render(error, Style::Plain)).collect::<String>(), @r#"
    error[unread-data]: the data file `gone.json` cannot be read
     --> rules/a.douane:3:23
      |
    3 | data known: Bool from "gone.json"
      |                       ^^^^^^^^^^^ No such file or directory (os error 2)
      |
      = help: the path is taken from the directory of the policy file
    "#);
}

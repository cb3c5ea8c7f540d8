//! Verdicts of each of the three values on small inventories.

use std::{fmt::Write as _, sync::Arc};

use jiff::civil::{Date, date};

use crate::{
    diagnostic::{Style, render},
    facts::{
        Certainty, Completeness, ComputedImport, Distribution, Environment, EnvironmentKind, EnvironmentValue,
        EnvironmentVariable, Fact, Image, Import, ImportEdge, ImportKind, Interpreter, Inventory, Module, ModuleKind,
        OsPackage, Owner, PythonSource, SCHEMA_VERSION, SourceError, Target,
    },
    policy::{Evaluation, PolicyText, ViolationCertainty, compile},
};

pub(in crate::policy) const TODAY: Date = date(2026, 11, 1);

pub(in crate::policy) fn inventory() -> Inventory {
    Inventory {
        schema_version: SCHEMA_VERSION,
        target: Target { reference: "app:1".into(), platform: Some("linux/amd64".into()), ..Target::default() },
        image: Some(Image { user: Some("1000".into()), uid: Fact::Known(1000), ..Image::default() }),
        ..Inventory::default()
    }
}

fn interpreter(path: &str, version: Fact<String>) -> Interpreter {
    Interpreter {
        path: path.into(),
        language: "python".into(),
        implementation: "CPython".into(),
        version,
        platform: "linux/amd64".into(),
        layer: Some(1),
        ..Interpreter::default()
    }
}

pub(in crate::policy) fn environment(prefix: &str, modules: Vec<Module>) -> Environment {
    Environment {
        interpreter: "/usr/bin/python3".into(),
        prefix: prefix.into(),
        kind: EnvironmentKind::System,
        entry_point: true,
        path: Vec::new(),
        path_complete: Completeness::Complete,
        distributions: Vec::new(),
        modules,
        ..Environment::default()
    }
}

pub(in crate::policy) fn module(name: &str, owner: Owner, targets: &[&str]) -> Module {
    let imports = targets.iter().enumerate().map(|(index, target)| Import {
        target: (*target).into(),
        names: Vec::new(),
        bound: Vec::new(),
        level: 0,
        line: index as u32 + 1,
        column: 8,
        width: target.len() as u32,
        kind: ImportKind::TopLevel,
        text: format!("import {target}").into(),
    });
    let source = PythonSource { imports: imports.collect(), ..PythonSource::default() };
    let mut edges = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let ends = target.match_indices('.').map(|(at, _)| at).chain([target.len()]);
        edges.extend(ends.map(|end| ImportEdge {
            target: target.get(..end).expect("a boundary").into(),
            import: index as u32,
            certainty: Certainty::Must,
        }));
    }
    edges.sort();
    Module {
        name: name.into(),
        kind: ModuleKind::Source,
        file: Some(format!("/app/{}.py", name.replace('.', "/"))),
        owner,
        distribution: None,
        layer: Some(2),
        shadows: Vec::new(),
        reachable: Fact::Absent,
        vendored: None,
        source: Arc::new(source),
        edges,
    }
}

pub(super) fn computed(name: &str, prefix: &str) -> Module {
    let mut module = module(name, Owner::Own, &[]);
    let import = ComputedImport { prefix: prefix.into(), line: 7, column: 5, width: 20, text: "import_module(name)".into() };
    let mut source = PythonSource { computed_imports: vec![import], ..PythonSource::default() };
    source.imports_complete.lacks("a computed import");
    module.source = Arc::new(source);
    module
}

fn evaluate(text: &str, inventory: &Inventory) -> Evaluation {
    let texts = [PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage a\n{text}\n") }];
    match compile(&texts, &[]) {
        Ok(compiled) => compiled.evaluate(inventory, TODAY),
        Err(errors) => panic!("{}", errors.iter().map(|error| render(error, Style::Plain)).collect::<Vec<_>>().join("\n")),
    }
}

/// Each violation as `broken|undecided[, fails] subject: message [evidence]`, after the number of subjects.
pub(super) fn verdicts(clauses: &str, inventory: &Inventory) -> String {
    let evaluation = evaluate(&format!("rule r error \"t\" {{\n{clauses}\n}}"), inventory);
    shown(&evaluation)
}

pub(super) fn shown(evaluation: &Evaluation) -> String {
    let mut all = String::new();
    for rule in &evaluation.rules {
        let _ = writeln!(all, "{}: {} subjects", rule.name, rule.subjects);
        for violation in &rule.violations {
            let certainty = match (violation.certainty, violation.fails) {
                (ViolationCertainty::Broken, _) => "broken",
                (ViolationCertainty::Undecided, true) => "undecided, fails",
                (ViolationCertainty::Undecided, false) => "undecided",
            };
            let line = violation.subject.line.map(|line| format!(":{line}")).unwrap_or_default();
            let evidence: Vec<_> = violation.evidence.iter().map(|fact| fact.text.as_str()).collect();
            let _ = writeln!(
                all,
                "  {certainty} {} {}{line}: {} [{}]",
                violation.subject.kind,
                violation.subject.identity,
                violation.message,
                evidence.join("; ")
            );
        }
    }
    all
}

#[test]
fn require_passes_fails_or_cannot_be_proved() {
    let mut inventory = inventory();
    inventory.interpreters = vec![
        interpreter("/usr/bin/python3.12", Fact::Known("3.12.1".into())),
        interpreter("/usr/bin/python3.9", Fact::Known("3.9.2".into())),
        interpreter("/opt/python", Fact::Unknown("the bytes name no version".into())),
        interpreter("/opt/odd", Fact::Known("three".into())),
    ];
    let rule = "for i in interpreters require i.version >= \"3.10\" message \"{i.path} is {i.version}\"";
    insta::assert_snapshot!(verdicts(rule, &inventory), @r##"
r: 4 subjects
  undecided, fails interpreter /opt/odd: it is not known whether `i.version >= "3.10"` holds [`three` is not a version by PEP 440]
  undecided, fails interpreter /opt/python: it is not known whether `i.version >= "3.10"` holds [the bytes name no version]
  broken interpreter /usr/bin/python3.9: /usr/bin/python3.9 is 3.9.2 [`i.version` is 3.9.2]
"##);
    insta::assert_snapshot!(verdicts(&format!("{rule} on unknown warn"), &inventory), @r##"
r: 4 subjects
  undecided interpreter /opt/odd: it is not known whether `i.version >= "3.10"` holds [`three` is not a version by PEP 440]
  undecided interpreter /opt/python: it is not known whether `i.version >= "3.10"` holds [the bytes name no version]
  broken interpreter /usr/bin/python3.9: /usr/bin/python3.9 is 3.9.2 [`i.version` is 3.9.2]
"##);
    insta::assert_snapshot!(verdicts(&format!("{rule} on unknown pass"), &inventory), @r##"
r: 4 subjects
  broken interpreter /usr/bin/python3.9: /usr/bin/python3.9 is 3.9.2 [`i.version` is 3.9.2]
"##);
}

#[test]
fn forbid_that_cannot_be_refuted_is_shown_and_does_not_fail() {
    let mut inventory = inventory();
    inventory.interpreters = vec![interpreter("/opt/python", Fact::Unknown("no version".into()))];
    insta::assert_snapshot!(verdicts("for i in interpreters forbid i.version < \"3.10\"", &inventory), @r##"
r: 1 subjects
  undecided interpreter /opt/python: it is not known whether `i.version < "3.10"`, which is forbidden [no version]
"##);
    insta::assert_snapshot!(verdicts("for i in interpreters forbid i.version < \"3.10\" on unknown fail", &inventory), @r##"
r: 1 subjects
  undecided, fails interpreter /opt/python: it is not known whether `i.version < "3.10"`, which is forbidden [no version]
"##);
}

#[test]
fn an_unknown_where_turns_a_fail_into_unknown() {
    let mut inventory = inventory();
    inventory.interpreters = vec![interpreter("/opt/python", Fact::Unknown("no version".into()))];
    insta::assert_snapshot!(verdicts("for i in interpreters where i.version < \"3.10\" require i.path == \"/x\"", &inventory), @r##"
r: 1 subjects
  undecided, fails interpreter /opt/python: it is not known whether `i.path == "/x"` holds [no version]
"##);
    insta::assert_snapshot!(verdicts("for i in interpreters where i.version < \"3.10\" forbid i.path == \"/x\"", &inventory), @"r: 1 subjects");
}

#[test]
fn a_rule_about_the_image_has_no_subject_without_one() {
    let mut inventory = inventory();
    insta::assert_snapshot!(verdicts("require image.user.uid != 0", &inventory), @"r: 1 subjects");
    inventory.image = Some(Image::default());
    insta::assert_snapshot!(verdicts("require image.user.uid != 0", &inventory), @r##"
r: 1 subjects
  broken image app:1: `image.user.uid != 0` does not hold [`image.user.uid` is 0]
"##);
    inventory.image = Some(Image { user: Some("app".into()), ..Image::default() });
    insta::assert_snapshot!(verdicts("require image.user.uid != 0", &inventory), @r##"
r: 1 subjects
  undecided, fails image app:1: it is not known whether `image.user.uid != 0` holds [no file says who the user `app` is]
"##);
    inventory.image = None;
    insta::assert_snapshot!(verdicts("require image.user.uid != 0", &inventory), @"r: 0 subjects");
    insta::assert_snapshot!(verdicts("require image.user.uid != 0\nrequire count(interpreters) > 0", &inventory), @r##"
r: 1 subjects
  broken image app:1: `count(interpreters) > 0` does not hold [`count(interpreters)` is 0]
"##);
}

#[test]
fn absent_differs_from_everything() {
    let mut inventory = inventory();
    let distribution =
        Distribution { name: "A".into(), normalized_name: "a".into(), location: "/a".into(), ..Distribution::default() };
    inventory.environments = vec![Environment { distributions: vec![distribution], ..environment("/usr", Vec::new()) }];
    let holds =
        |condition: &str| verdicts(&format!("for d in distributions require {condition}"), &inventory) == "r: 1 subjects\n";
    for right in [
        "d.version is absent",
        "d.installer is not present",
        "d.version != \"1\"",
        "not (d.installer == \"pip\")",
        "d.installer not in {\"pip\"}",
        "not (d.installer matches \"*\")",
        "(d.version ?? \"0\") < \"1\"",
        "os is absent and os.id is absent and os.libc.name is absent",
        "image.labels[\"x\"] is absent",
    ] {
        assert!(holds(right), "{right}");
        assert!(!holds(&format!("not ({right})")), "{right}");
    }
    assert!(verdicts("for d in distributions require d matches \"a >1\"", &inventory).contains("undecided"));
    assert!(holds("d matches \"A\""));
}

#[test]
fn any_has_a_witness_and_a_secret_is_never_shown() {
    let mut inventory = inventory();
    let variable =
        |name: &str, value: &str| EnvironmentVariable { name: name.into(), value: EnvironmentValue::new(name, value) };
    inventory.image = Some(Image { env: vec![variable("PATH", "/bin"), variable("API_TOKEN", "hunter2")], ..Image::default() });
    let rule = "forbid any e in image.env: e.name matches \"*_TOKEN\" and lower(e.value) != \"\"";
    insta::assert_snapshot!(verdicts(rule, &inventory), @r##"
r: 1 subjects
  broken image app:1: `any e in image.env: e.name matches "*_TOKEN" and lower(e.value) != ""` is forbidden [`API_TOKEN` of `image.env`; `e.name` is API_TOKEN; `lower(e.value)` is <redacted>]
"##);
    let rule = "for e in image.env where e.name matches \"*_TOKEN\" forbid e.value == \"hunter2\" message \"{e.name} is {e.value}, {lower(e.value)}\"";
    insta::assert_snapshot!(verdicts(rule, &inventory), @r##"
r: 1 subjects
  broken environment_variable API_TOKEN: API_TOKEN is <redacted>, <redacted> [`e.value` is <redacted>]
"##);
}

#[test]
fn quantifiers_and_counts_know_what_is_missing() {
    let mut inventory = inventory();
    inventory.os_packages = vec![OsPackage { name: "bash".into(), manager: "dpkg".into(), ..OsPackage::default() }];
    let value = |inventory: &Inventory, condition: &str| {
        let require = verdicts(&format!("require {condition} on unknown fail"), inventory);
        match (require.contains("broken"), require.contains("undecided")) {
            (false, false) => "true",
            (true, false) => "false",
            _ => "unknown",
        }
    };
    let cases = [
        ("any p in os_packages: p.name == \"bash\"", "true", "true"),
        ("any p in os_packages: p.name == \"gcc\"", "false", "unknown"),
        ("all p in os_packages: p.name == \"bash\"", "true", "unknown"),
        ("all p in os_packages: p.name == \"gcc\"", "false", "false"),
        ("all p in os_packages where p.name == \"gcc\": false", "true", "unknown"),
        ("count(os_packages) >= 1", "true", "true"),
        ("count(os_packages) == 1", "true", "unknown"),
        ("count(os_packages) < 1", "false", "false"),
        ("count(p in os_packages where p.name == \"gcc\") == 0", "true", "unknown"),
    ];
    for (condition, whole, partial) in cases {
        inventory.os_packages_complete = Completeness::Complete;
        assert_eq!(value(&inventory, condition), whole, "{condition}");
        inventory.os_packages_complete.lacks("the database is damaged");
        assert_eq!(value(&inventory, condition), partial, "{condition}");
    }
    insta::assert_snapshot!(verdicts("for p in os_packages require p.name == \"bash\"", &inventory), @r##"
r: 1 subjects
  undecided image app:1: there may be more in `os_packages` than is known [the database is damaged]
"##);
}

#[test]
fn import_bans_find_the_line_once() {
    let mut inventory = inventory();
    let shop = module("shop.store", Owner::Own, &["os.path", "pickle", "xml.dom.minidom"]);
    inventory.environments = vec![
        environment(
            "/usr",
            vec![module("lib", Owner::Distribution, &["pickle"]), module("pickle", Owner::Stdlib, &[]), shop.clone()],
        ),
        environment("/venv", vec![shop]),
    ];
    insta::assert_snapshot!(verdicts("forbid import own -> {pickle, shelve.**}", &inventory), @r##"
r: 1 subjects
  broken import shop.store -> pickle:2: `shop.store` imports `pickle` [`shop.store` imports `pickle`]
"##);
    insta::assert_snapshot!(verdicts("forbid import ** -> xml.** message \"{importer.name}, {imported}\"", &inventory), @r##"
r: 3 subjects
  broken import shop.store -> xml.dom.minidom:3: shop.store, xml.dom.minidom [`shop.store` imports `xml.dom.minidom`]
"##);
    insta::assert_snapshot!(verdicts("forbid import own -> stdlib except shop.* -> pickle", &inventory), @r##"
r: 1 subjects
  undecided import shop.store -> os.path:1: `shop.store` may import `os.path` [`os.path` is not in the environment: whose module it is cannot be told]
  undecided import shop.store -> xml.dom.minidom:3: `shop.store` may import `xml.dom.minidom` [`xml.dom.minidom` is not in the environment: whose module it is cannot be told]
"##);
    insta::assert_snapshot!(verdicts("forbid import nobody.** -> pickle", &inventory), @"r: 0 subjects");
}

#[test]
fn what_a_module_computes_is_unknown_unless_its_beginning_tells() {
    let mut inventory = inventory();
    let mut broken = module("shop.broken", Owner::Own, &[]);
    let mut source =
        PythonSource { error: Some(SourceError { message: "expected a name".into(), line: 3 }), ..PythonSource::default() };
    source.imports_complete.lacks("it does not parse");
    broken.source = Arc::new(source);
    let extension = Module { kind: ModuleKind::Extension, ..module("shop.fast", Owner::Own, &[]) };
    inventory.environments =
        vec![environment("/usr", vec![computed("shop.any", ""), computed("shop.plugins", "plugins."), broken, extension])];
    insta::assert_snapshot!(verdicts("forbid import own -> pickle", &inventory), @r##"
r: 4 subjects
  undecided module shop.any:7: not everything that `shop.any` imports is known [the target of an import is computed when the program runs]
  undecided module shop.broken: not everything that `shop.broken` imports is known [the module does not parse: expected a name]
  undecided module shop.fast: not everything that `shop.fast` imports is known [an extension module has no source]
"##);
    insta::assert_snapshot!(verdicts("forbid import own -> plugins.bad on unknown fail", &inventory), @r##"
r: 4 subjects
  undecided, fails module shop.any:7: not everything that `shop.any` imports is known [the target of an import is computed when the program runs]
  undecided, fails module shop.broken: not everything that `shop.broken` imports is known [the module does not parse: expected a name]
  undecided, fails module shop.fast: not everything that `shop.fast` imports is known [an extension module has no source]
  undecided, fails module shop.plugins:7: not everything that `shop.plugins` imports is known [the target of an import begins with `plugins.`, the rest is computed when the program runs]
"##);
}

#[test]
fn type_checking_imports_can_be_ignored_and_uncertain_ones_are_unknown() {
    let mut inventory = inventory();
    let mut typed = module("shop.typed", Owner::Own, &["pickle"]);
    Arc::make_mut(&mut typed.source).imports[0].kind = ImportKind::TypeChecking;
    let mut unsure = module("shop.unsure", Owner::Own, &["acme.x"]);
    for edge in &mut unsure.edges {
        edge.certainty = if edge.target == "acme.x" { Certainty::May } else { Certainty::Must };
    }
    inventory.environments = vec![environment("/usr", vec![typed, unsure])];
    insta::assert_snapshot!(verdicts("forbid import own -> pickle", &inventory), @r##"
r: 2 subjects
  broken import shop.typed -> pickle:1: `shop.typed` imports `pickle` [`shop.typed` imports `pickle`]
"##);
    insta::assert_snapshot!(verdicts("forbid import own -> pickle ignoring {type_checking}", &inventory), @"r: 2 subjects");
    insta::assert_snapshot!(verdicts("forbid import own -> acme.x", &inventory), @r##"
r: 2 subjects
  undecided import shop.unsure -> acme.x:1: `shop.unsure` may import `acme.x` [`acme.x` may be a module or a name inside one: its package is not in the environment]
"##);
    insta::assert_snapshot!(verdicts("forbid import own -> acme.**", &inventory), @r##"
r: 2 subjects
  broken import shop.unsure -> acme:1: `shop.unsure` imports `acme` [`shop.unsure` imports `acme`]
"##);
    insta::assert_snapshot!(verdicts("forbid import own -> third_party", &inventory), @r##"
r: 2 subjects
  undecided import shop.typed -> pickle:1: `shop.typed` may import `pickle` [`pickle` is not in the environment: whose module it is cannot be told]
  undecided import shop.unsure -> acme.x:1: `shop.unsure` may import `acme.x` [`acme.x` is not in the environment: whose module it is cannot be told]
"##);
}

#[test]
fn an_exception_that_matches_nothing_is_a_warning() {
    let mut inventory = inventory();
    inventory.environments = vec![environment("/usr", vec![module("shop", Owner::Own, &["pickle"])])];
    let text =
        "edition 1\npackage a\nrule r error \"t\" {\n  forbid import own -> pickle except shpo -> pickle, shop -> pickle\n}\n";
    let compiled = compile(&[PolicyText { name: "a.douane".into(), text: text.into() }], &[]).expect("it compiles");
    let (evaluation, warnings) = compiled.evaluate_with_warnings(&inventory, TODAY);
    assert_eq!(shown(&evaluation), "r: 1 subjects\n");
    insta::assert_snapshot!(warnings.iter().map(|warning| render(warning, Style::Plain)).collect::<String>(), @r##"
warning[unmatched-exception]: an exception of `r` matched no import
 --> a.douane:4:38
  |
4 |   forbid import own -> pickle except shpo -> pickle, shop -> pickle
  |                                      ^^^^^^^^^^^^^^ excepts nothing
  |
  = help: remove it, or correct its patterns
"##);
}

#[test]
fn versions_are_matched_with_ranges() {
    let mut inventory = inventory();
    inventory.interpreters = vec![interpreter("/usr/bin/python3", Fact::Known("3.11.2".into()))];
    let verdict = |range: &str| verdicts(&format!("for i in interpreters\nrequire i.version matches \"{range}\""), &inventory);
    for range in [">=3.11,<4", "~=3.11", "==3.11.*"] {
        assert_eq!(verdict(range), "r: 1 subjects\n", "{range}");
    }
    for range in [">3.11.2", "==3.11", "!=3.11.*"] {
        assert!(verdict(range).contains("broken"), "{range}");
    }
}

#[test]
fn evidence_that_nobody_gave_is_unknown() {
    insta::assert_snapshot!(verdicts("require evidence(\"distribution.provenance\", \"requests\")", &inventory()), @r#"
    r: 1 subjects
      undecided, fails image app:1: it is not known whether `evidence("distribution.provenance", "requests")` holds [nobody has given evidence of `distribution.provenance` for `requests`]
    "#);
}

#[test]
fn dates_are_compared_with_today() {
    let mut inventory = inventory();
    inventory.image = Some(Image { created: Some("2026-10-02T10:00:00Z".into()), ..Image::default() });
    assert_eq!(
        verdicts("require days_between(image.created ?? today, today) == 30 and today >= 2026-11-01", &inventory),
        "r: 1 subjects\n"
    );
}

#[test]
fn cost_follows_the_facts() {
    let mut text = String::from("edition 1\npackage a\n");
    for number in 0..2_000 {
        let _ = writeln!(text, "rule r{number} error \"t\" {{\n  forbid import a{number}.** -> b{number}.**\n}}");
    }
    let compiled = compile(&[PolicyText { name: "a.douane".into(), text }], &[]).expect("it compiles");
    let mut inventory = inventory();
    let modules = (0..2_000).map(|number| module(&format!("a{number}.m"), Owner::Own, &[&format!("b{number}.x"), "os"]));
    inventory.environments = vec![environment("/usr", modules.collect())];
    let evaluation = compiled.evaluate(&inventory, TODAY);
    assert!(evaluation.rules.iter().all(|rule| rule.violations.len() == 1 && rule.subjects == 1));
}

#[test]
fn of_alternatives_the_nearest_is_reported_and_one_is_enough() {
    let mut inventory = inventory();
    inventory.interpreters = vec![interpreter("/usr/bin/python3", Fact::Known("3.11.2".into()))];
    let rule = |name: &str, alternative: &str, clauses: &str| {
        format!(
            "rule {name} error \"t\" {{\n  for i in interpreters\n  alternative \"{alternative}\" of \"g\"\n  {clauses}\n}}\n"
        )
    };
    let two = rule("a", "1", "require i.version < \"3\"\n  require i.implementation == \"PyPy\"");
    let one = rule("b", "2", "require i.version < \"3.11\"\n  code \"X2\"");
    let not_meant = rule("c", "3", "require true").replace("in interpreters", "in interpreters where i.version > \"4\"");
    let nearest = evaluate(&format!("{two}{one}{not_meant}"), &inventory);
    let failing = |evaluation: &Evaluation| -> Vec<String> {
        evaluation.rules.iter().filter(|rule| !rule.violations.is_empty()).map(|rule| rule.name.clone()).collect()
    };
    assert_eq!(failing(&nearest), ["b"]);
    assert_eq!(nearest.rules[1].violations[0].code.as_deref(), Some("X2"));
    let kept = rule("d", "4", "require i.version >= \"3\"");
    assert_eq!(failing(&evaluate(&format!("{two}{one}{kept}"), &inventory)), Vec::<String>::new());
    let half = rule("e", "1", "require i.version < \"2\"");
    assert_eq!(failing(&evaluate(&format!("{two}{half}"), &inventory)), ["a", "e"]);
}

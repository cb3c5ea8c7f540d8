//! Golden reports of hand-made facts and outcomes.

use std::time::Duration;

use crate::{
    diagnostic::Severity,
    facts::{
        Completeness, Environment, EnvironmentKind, Fact, Gap, Image, Interpreter, Inventory, Layer, Libc, Module, ModuleKind,
        OperatingSystem, Owner, SCHEMA_VERSION, Target,
    },
    finding::{CheckReport, PolicyIdentity, RunContext, ScanFailure, Strictness, Verdict},
    policy::{ClausePlace, Evaluation, Evidence, RuleOutcome, Subject, Violation, ViolationCertainty},
    report::{HumanReport, JsonReport, Look, Report},
};

fn module(name: &str, owner: Owner) -> Module {
    Module {
        name: name.into(),
        kind: ModuleKind::Source,
        file: Some(format!("/srv/app/{}.py", name.replace('.', "/"))),
        owner,
        distribution: None,
        layer: Some(1),
        source: Default::default(),
        shadows: Vec::new(),
        reachable: Fact::Absent,
        vendored: None,
        edges: Vec::new(),
    }
}

fn environment(interpreter: &str, prefix: &str, kind: EnvironmentKind) -> Environment {
    Environment {
        interpreter: interpreter.into(),
        prefix: prefix.into(),
        kind,
        entry_point: kind == EnvironmentKind::Venv,
        path: Vec::new(),
        path_complete: Completeness::Complete,
        distributions: Vec::new(),
        modules: vec![module("json", Owner::Stdlib), module("shop.main", Owner::Own)],
        ..Environment::default()
    }
}

fn layer(index: u32, created_by: &str) -> Layer {
    Layer { index, digest: format!("sha256:{index:064}"), created_by: Some(created_by.into()), ..Layer::default() }
}

pub(in crate::report) fn inventory() -> Inventory {
    Inventory {
        schema_version: SCHEMA_VERSION,
        target: Target {
            reference: "acme/shop:1.0".into(),
            source: "docker-archive".into(),
            digest: Some("sha256:4f1c9be200000000".into()),
            platform: Some("linux/amd64".into()),
            env: None,
        },
        image: Some(Image { user: Some("1000".into()), ..Image::default() }),
        layers: vec![layer(0, "/bin/sh -c #(nop) ADD rootfs.tar / "), layer(1, "COPY src /srv/app # buildkit")],
        os: Some(OperatingSystem {
            id: "debian".into(),
            version_id: Some("12".into()),
            name: "Debian GNU/Linux 12 (bookworm)".into(),
            libc: Fact::Known(Libc {
                name: "glibc".into(),
                version: Fact::Known("2.36".into()),
                path: "/lib/libc.so.6".into(),
            }),
        }),
        os_packages: Vec::new(),
        os_packages_complete: Completeness::Complete,
        conda_packages: Vec::new(),
        conda_packages_complete: Completeness::Complete,
        binaries: Vec::new(),
        binaries_complete: Completeness::Complete,
        interpreters: vec![Interpreter {
            path: "/usr/bin/python3.11".into(),
            aliases: vec!["/usr/bin/python3".into()],
            language: "python".into(),
            implementation: "CPython".into(),
            version: Fact::Known("3.11.2".into()),
            platform: "linux/amd64".into(),
            os_package: Some("python3.11-minimal".into()),
            conda_package: None,
            layer: Some(0),
            ..Interpreter::default()
        }],
        interpreters_complete: Completeness::Complete,
        environments: vec![
            environment("/usr/bin/python3.11", "/usr", EnvironmentKind::System),
            environment("/usr/bin/python3.11", "/opt/venv", EnvironmentKind::Venv),
        ],
        environments_complete: Completeness::Complete,
        files: Vec::new(),
        files_complete: Completeness::Complete,
        gaps: Vec::new(),
    }
}

fn clause() -> ClausePlace {
    ClausePlace {
        file: "policies/imports.douane".into(),
        line: 14,
        column: 25,
        width: 6,
        text: "  forbid import own -> {pickle, marshal, shelve.**}".into(),
    }
}

pub(super) fn broken(module: &str, line: u32) -> Violation {
    Violation {
        certainty: ViolationCertainty::Broken,
        fails: true,
        subject: Subject {
            kind: "module",
            identity: module.into(),
            path: Some(format!("/srv/app/{}.py", module.replace('.', "/"))),
            line: Some(line),
            column: Some(8),
            width: Some(6),
            text: Some("import pickle".into()),
            layer: Some(1),
        },
        message: format!("`{module}` imports `pickle`"),
        help: Some("use shop.serde.loads".into()),
        evidence: vec![Evidence {
            text: "reached from the entry point: shop.main -> shop.jobs -> shop.infra.store".into(),
            path: None,
            line: None,
            layer: None,
        }],
        clause: clause(),
        code: None,
        waived: None,
        stands_for: 1,
    }
}

pub(super) fn undecided(module: &str, line: u32) -> Violation {
    let reason = "the target of an import is computed when the program runs";
    let mut violation = broken(module, line);
    violation.certainty = ViolationCertainty::Undecided;
    violation.fails = false;
    violation.evidence = vec![Evidence { text: reason.into(), path: None, line: None, layer: None }];
    violation
}

pub(super) fn rule(name: &str, severity: Severity, violations: Vec<Violation>) -> RuleOutcome {
    RuleOutcome {
        rule: format!("acme.platform/{name}"),
        name: name.into(),
        severity,
        title: "Untrusted bytes are never unpickled".into(),
        documentation: String::new(),
        metadata: crate::policy::RuleMetadata::default(),
        subjects: 40,
        violations,
    }
}

fn gap(place: &str, code: &str, reason: &str) -> Gap {
    Gap { place: place.into(), code: code.into(), reason: reason.into(), layer: Some(1) }
}

pub(super) fn context(strictness: Strictness) -> RunContext {
    let policy =
        PolicyIdentity { package: "acme.platform".into(), name: "policies/imports.douane".into(), digest: "sha256:00".into() };
    RunContext { policies: vec![policy], strictness, settings: None, elapsed: Duration::from_millis(912) }
}

pub(super) fn judged(inventory: &Inventory, rules: Vec<RuleOutcome>, strictness: Strictness) -> CheckReport {
    CheckReport::new(inventory, &Evaluation { rules, ..Evaluation::default() }, context(strictness))
}

pub(super) fn written(report: &CheckReport) -> String {
    let mut out = Vec::new();
    HumanReport { look: Look::plain(100) }.write(report, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("text")
}

fn vacuous(name: &str) -> RuleOutcome {
    RuleOutcome { subjects: 0, ..rule(name, Severity::Error, Vec::new()) }
}

#[test]
fn a_finding_says_where_and_why_and_what_to_do() {
    let rules = vec![rule("no-pickle", Severity::Error, vec![broken("shop.infra.store", 1)]), vacuous("pypy-floor")];
    let report = judged(&inventory(), rules, Strictness::Ordinary);
    insta::assert_snapshot!(written(&report), @r#"
    acme/shop:1.0 · linux/amd64 · sha256:4f1c9be2 · from a docker archive
    Debian GNU/Linux 12 (bookworm) · glibc 2.36 · 2 layers · USER 1000
      /usr/bin/python3.11   CPython 3.11.2   0 distributions   2 modules, 1 own
      /opt/venv             CPython 3.11.2   0 distributions   2 modules, 1 own   runs the entry point

    error[no-pickle]: Untrusted bytes are never unpickled
       --> /srv/app/shop/infra/store.py:1:8  in layer 1: COPY src /srv/app
        |
      1 | import pickle
        |        ^^^^^^ `shop.infra.store` imports `pickle`
        = reached from the entry point: shop.main -> shop.jobs -> shop.infra.store
        |
       ::: policies/imports.douane:14:25
        |
     14 |   forbid import own -> {pickle, marshal, shelve.**}
        |                         ------ forbidden here
        = fix: use shop.serde.loads

    1 error · 0 of 2 rules passed, from 1 policy
    1 rule matched nothing: pypy-floor
    FAIL in 0.9 s
    "#);
}

#[test]
fn repeats_are_folded_and_counted() {
    let violations = (1..=16).map(|line| broken(&format!("shop.part{line:02}"), line)).collect();
    let report = judged(&inventory(), vec![rule("no-pickle", Severity::Warning, violations)], Strictness::Ordinary);
    insta::assert_snapshot!(written(&report), @r#"
    acme/shop:1.0 · linux/amd64 · sha256:4f1c9be2 · from a docker archive
    Debian GNU/Linux 12 (bookworm) · glibc 2.36 · 2 layers · USER 1000
      /usr/bin/python3.11   CPython 3.11.2   0 distributions   2 modules, 1 own
      /opt/venv             CPython 3.11.2   0 distributions   2 modules, 1 own   runs the entry point

    warning[no-pickle]: Untrusted bytes are never unpickled · 16 findings
       --> /srv/app/shop/part01.py:1:8  in layer 1: COPY src /srv/app
        |
      1 | import pickle
        |        ^^^^^^ `shop.part01` imports `pickle`
        = reached from the entry point: shop.main -> shop.jobs -> shop.infra.store
        |
       --> /srv/app/shop/part02.py:2:8  in layer 1: COPY src /srv/app
        |
      2 | import pickle
        |        ^^^^^^ `shop.part02` imports `pickle`
        = reached from the entry point: shop.main -> shop.jobs -> shop.infra.store
        |
       --> /srv/app/shop/part03.py:3:8  in layer 1: COPY src /srv/app
        |
      3 | import pickle
        |        ^^^^^^ `shop.part03` imports `pickle`
        = reached from the entry point: shop.main -> shop.jobs -> shop.infra.store
        |
       ::: policies/imports.douane:14:25
        |
     14 |   forbid import own -> {pickle, marshal, shelve.**}
        |                         ------ forbidden here
        = fix: use shop.serde.loads
        |
       ... and 13 more like it:
           /srv/app/shop/part04.py:4   `shop.part04` imports `pickle`
           /srv/app/shop/part05.py:5   `shop.part05` imports `pickle`
           /srv/app/shop/part06.py:6   `shop.part06` imports `pickle`
           /srv/app/shop/part07.py:7   `shop.part07` imports `pickle`
           /srv/app/shop/part08.py:8   `shop.part08` imports `pickle`
           /srv/app/shop/part09.py:9   `shop.part09` imports `pickle`
           /srv/app/shop/part10.py:10  `shop.part10` imports `pickle`
           /srv/app/shop/part11.py:11  `shop.part11` imports `pickle`
           /srv/app/shop/part12.py:12  `shop.part12` imports `pickle`
           /srv/app/shop/part13.py:13  `shop.part13` imports `pickle`
           and 3 more like it: -o json=FILE has them all

    16 warnings · 0 of 1 rules passed, from 1 policy
    PASS, with 16 warnings, in 0.9 s
    "#);
}

#[test]
fn what_cannot_be_settled_is_told_by_its_cause_and_is_no_failure() {
    let violations: Vec<_> = (1..=5).map(|line| undecided(&format!("lib.part{line}"), line)).collect();
    let rules = vec![
        rule("no-marshal", Severity::Error, violations.clone()),
        rule("no-pickle", Severity::Error, violations),
        rule("other", Severity::Error, Vec::new()),
    ];
    let mut inventory = inventory();
    inventory.gaps = vec![
        gap("/srv/a.py", "python-syntax", "line 1: expected a parameter name"),
        gap("/srv/b.py", "python-syntax", "line 7: unexpected indentation"),
        gap("/srv/c.py", "python-syntax", "line 9: expected `:`"),
        gap("/srv/big.so", "binary-too-large", "612 MB are more than the limit of 537 MB"),
    ];
    let report = judged(&inventory, rules, Strictness::Ordinary);
    assert_eq!(report.verdict, Verdict::Pass);
    insta::assert_snapshot!(written(&report), @r#"
    acme/shop:1.0 · linux/amd64 · sha256:4f1c9be2 · from a docker archive
    Debian GNU/Linux 12 (bookworm) · glibc 2.36 · 2 layers · USER 1000
      /usr/bin/python3.11   CPython 3.11.2   0 distributions   2 modules, 1 own
      /opt/venv             CPython 3.11.2   0 distributions   2 modules, 1 own   runs the entry point

    unknown: not to be settled from what is there, and not counted as failures
      no-marshal, no-pickle
          5 modules: the target of an import is computed when the program runs
              /srv/app/lib/part1.py:1, /srv/app/lib/part2.py:2, /srv/app/lib/part3.py:3 and 2 more

    10 not to be settled · 1 of 3 rules passed, from 1 policy
    4 gaps:
      3 files do not parse: /srv/a.py, /srv/b.py and 1 more
      /srv/big.so (binary-too-large): 612 MB are more than the limit of 537 MB
    PASS, with 10 not settled and 4 gaps, in 0.9 s
    "#);
}

#[test]
fn a_pass_says_what_was_looked_at() {
    let report = judged(&inventory(), vec![rule("other", Severity::Error, Vec::new())], Strictness::Ordinary);
    insta::assert_snapshot!(written(&report), @r#"
    acme/shop:1.0 · linux/amd64 · sha256:4f1c9be2 · from a docker archive
    Debian GNU/Linux 12 (bookworm) · glibc 2.36 · 2 layers · USER 1000
      /usr/bin/python3.11   CPython 3.11.2   0 distributions   2 modules, 1 own
      /opt/venv             CPython 3.11.2   0 distributions   2 modules, 1 own   runs the entry point

    nothing found · 1 of 1 rules passed, from 1 policy
    PASS in 0.9 s
    "#);
}

#[test]
fn findings_on_the_image_itself_and_long_messages() {
    let mut on_image = broken("x", 1);
    on_image.subject = Subject::new("image", "acme/shop:1.0");
    on_image.message = "the image runs as `root`: a process that breaks out of it is root on the host as well, unless user \
                        namespaces are switched on"
        .into();
    on_image.clause = ClausePlace {
        file: "image.douane".into(),
        line: 9,
        column: 11,
        width: 19,
        text: "  require image.user.uid != 0".into(),
    };
    on_image.evidence.clear();
    on_image.help = Some("add `USER 1000` after the last `RUN` that needs root".into());
    let mut on_file = on_image.clone();
    on_file.subject.path = Some("/usr/bin/python3.9".into());
    on_file.subject.kind = "interpreter";
    on_file.subject.layer = Some(0);
    on_file.message = "/usr/bin/python3.9 is CPython 3.9.2; the floor is 3.11".into();
    let rules = vec![rule("image-user", Severity::Error, vec![on_image]), rule("floor", Severity::Warning, vec![on_file])];
    insta::assert_snapshot!(written(&judged(&inventory(), rules, Strictness::Ordinary)), @r#"
    acme/shop:1.0 · linux/amd64 · sha256:4f1c9be2 · from a docker archive
    Debian GNU/Linux 12 (bookworm) · glibc 2.36 · 2 layers · USER 1000
      /usr/bin/python3.11   CPython 3.11.2   0 distributions   2 modules, 1 own
      /opt/venv             CPython 3.11.2   0 distributions   2 modules, 1 own   runs the entry point

    error[image-user]: Untrusted bytes are never unpickled
       --> the image
        |
        = the image runs as `root`: a process that breaks out of it is root on the host as well, unless
          user namespaces are switched on
        |
       ::: image.douane:9:11
        |
      9 |   require image.user.uid != 0
        |           ------------------- required here
        = fix: add `USER 1000` after the last `RUN` that needs root

    warning[floor]: Untrusted bytes are never unpickled
       --> /usr/bin/python3.9  in layer 0: ADD rootfs.tar /
        |
        = /usr/bin/python3.9 is CPython 3.9.2; the floor is 3.11
        |
       ::: image.douane:9:11
        |
      9 |   require image.user.uid != 0
        |           ------------------- required here
        = fix: add `USER 1000` after the last `RUN` that needs root

    1 error, 1 warning · 0 of 2 rules passed, from 1 policy
    FAIL in 0.9 s
    "#);
}

#[test]
fn strict_counts_what_is_unsettled_empty_or_unread() {
    let mut inventory = inventory();
    let unknown = judged(&inventory, vec![rule("no-pickle", Severity::Error, vec![undecided("a", 1)])], Strictness::Strict);
    assert_eq!((unknown.verdict, unknown.verdict.exit_code()), (Verdict::Unknown, 1));
    insta::assert_snapshot!(written(&unknown), @r#"
    acme/shop:1.0 · linux/amd64 · sha256:4f1c9be2 · from a docker archive
    Debian GNU/Linux 12 (bookworm) · glibc 2.36 · 2 layers · USER 1000
      /usr/bin/python3.11   CPython 3.11.2   0 distributions   2 modules, 1 own
      /opt/venv             CPython 3.11.2   0 distributions   2 modules, 1 own   runs the entry point

    unknown[no-pickle]: Untrusted bytes are never unpickled
       --> /srv/app/a.py:1:8  in layer 1: COPY src /srv/app
        |
      1 | import pickle
        |        ^^^^^^ `a` imports `pickle`
        = the target of an import is computed when the program runs
        = what cannot be settled counts as a failure here
        |
       ::: policies/imports.douane:14:25
        |
     14 |   forbid import own -> {pickle, marshal, shelve.**}
        |                         ------ forbidden here
        = fix: use shop.serde.loads

    1 unknown · 0 of 1 rules passed, from 1 policy
    UNKNOWN in 0.9 s: nothing is broken for certain, but not all is settled
    "#);
    assert_eq!(judged(&inventory, vec![vacuous("nothing")], Strictness::Strict).verdict, Verdict::Fail);
    assert_eq!(judged(&inventory, vec![vacuous("nothing")], Strictness::Ordinary).verdict, Verdict::Pass);
    inventory.gaps = vec![gap("/a", "x", "y")];
    assert_eq!(judged(&inventory, Vec::new(), Strictness::Strict).verdict, Verdict::Unknown);
    assert_eq!(judged(&inventory, Vec::new(), Strictness::Ordinary).verdict, Verdict::Pass);
}

#[test]
fn a_scan_that_breaks_off_is_never_a_pass() {
    let failure = ScanFailure {
        code: "archive-truncated".into(),
        message: "cannot read layer 2 of `shop.tar`".into(),
        causes: vec!["the archive ends in the middle of an entry".into()],
    };
    let report = CheckReport::not_scanned("shop.tar", failure, context(Strictness::Ordinary));
    assert_eq!(report.verdict.exit_code(), 3);
    insta::assert_snapshot!(written(&report), @r#"
    shop.tar

    error[archive-truncated]: cannot read layer 2 of `shop.tar`
      because: the archive ends in the middle of an entry
    ERROR after 0.9 s: the scan could not be completed, and nothing was checked
    "#);
}

#[test]
fn nothing_from_an_image_steers_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{202e}";
    let mut violation = broken("x", 1);
    violation.subject.path = Some(format!("/{evil}"));
    violation.subject.text = Some(format!("import{evil} pickle"));
    violation.message = evil.into();
    violation.help = Some(evil.into());
    violation.evidence[0].text = format!("because {evil}");
    let mut undecided = undecided("y", 1);
    undecided.subject.path = Some(format!("/{evil}"));
    undecided.evidence[0].text = evil.into();
    let mut inventory = inventory();
    inventory.target.reference = evil.into();
    inventory.layers[1].created_by = Some(format!("COPY {evil}"));
    inventory.environments[1].prefix = evil.into();
    inventory.gaps = vec![gap(evil, evil, evil), gap("/b", evil, evil), gap("/c", "one", evil)];
    if let Some(os) = &mut inventory.os {
        os.name = evil.into();
    }
    let text = written(&judged(&inventory, vec![rule("r", Severity::Error, vec![violation, undecided])], Strictness::Ordinary));
    assert!(text.contains("\\x1b]0;owned\\x07\\u{202e}"));
    assert!(
        text.chars().all(|character| character == '\n' || !(character.is_control() || character == '\u{202e}')),
        "{text:?}"
    );
}

#[test]
fn json_has_the_documented_fields() {
    let rules = vec![rule("no-pickle", Severity::Error, vec![broken("shop.infra.store", 1)])];
    let mut out = Vec::new();
    JsonReport.write(&judged(&inventory(), rules, Strictness::Ordinary), &mut out).expect("a vector takes everything");
    let json: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(json["verdict"], "fail");
    assert_eq!(json["target"]["reference"], "acme/shop:1.0");
    assert_eq!(json["policies"][0]["name"], "policies/imports.douane");
    assert_eq!(json["policies"][0]["digest"], "sha256:00");
    let finding = &json["findings"][0];
    for (pointer, expected) in [
        ("/rule", "acme.platform/no-pickle"),
        ("/severity", "error"),
        ("/verdict", "fail"),
        ("/message", "`shop.infra.store` imports `pickle`"),
        ("/help", "use shop.serde.loads"),
        ("/subject/kind", "module"),
        ("/layer/created_by", "COPY src /srv/app # buildkit"),
        ("/location/path", "/srv/app/shop/infra/store.py"),
        ("/clause/file", "policies/imports.douane"),
    ] {
        assert_eq!(finding.pointer(pointer), Some(&expected.into()), "{pointer}");
    }
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&1.into(), &8.into()));
    assert_eq!(finding["evidence"].as_array().map(Vec::len), Some(1));
    assert_eq!(finding["fingerprint"].as_str().map(str::len), Some(32));
}

#[test]
fn json_of_several_targets_is_one_document() {
    let report = judged(&inventory(), Vec::new(), Strictness::Ordinary);
    let mut out = Vec::new();
    JsonReport.write_all(&[report.clone(), report], &mut out).expect("a vector takes everything");
    let json: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(2));
}

//! What is warned of and what is not: each rule beside its codes; never a run.

use std::time::{Duration, Instant};

use crate::policy::{PolicyText, compile, library};

fn codes(text: &str) -> Vec<&'static str> {
    let text = PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage t\n{text}") };
    let found = compile(&[text], &[]).map_or_else(|mistakes| mistakes, |compiled| compiled.warnings().to_vec());
    found.iter().map(|diagnostic| diagnostic.code).collect()
}

fn of_clauses(clauses: &str) -> Vec<&'static str> {
    codes(&format!("rule r error \"T\" {{\n{clauses}\n}}\n"))
}

#[test]
fn conditions_that_literals_decide() {
    for (clauses, constant) in [
        ("require true", true),
        ("require 3 < 4", true),
        ("require count(layers) >= 0", true),
        ("require count(layers) >= 1", false),
        ("forbid count(l in layers where l.size > 10) < 0", true),
        ("for i in interpreters where true\nrequire i.path != \"\"", true),
        ("for i in interpreters where \"a\" == \"b\"\nrequire i.path != \"\"", true),
        ("for i in interpreters\nrequire i.path == i.path", true),
        ("for i in interpreters\nrequire i.path != \"\" or not (2 < 1)", true),
        ("for i in interpreters\nrequire i.path != \"\" or i.version > \"3\"", false),
        ("require all l in layers: true", true),
        ("require any l in layers: true", true),
    ] {
        let expected: &[&str] = if constant { &["constant-condition"] } else { &[] };
        assert_eq!(of_clauses(clauses), expected, "{clauses}");
    }
    // What a parameter makes constant is not so in another run.
    assert_eq!(codes("param most: Int = 3\nrule r error \"T\" {\n  require most > 2 or count(layers) < 9\n}\n"), [""; 0]);
}

#[test]
fn clauses_that_exclude_each_other() {
    for (clauses, contradictory) in [
        ("require i.path != \"\"\nforbid i.path != \"\"", true),
        ("require i.path  !=  \"\"\nforbid not (i.path != \"\")", false),
        ("require i.path == \"a\"\nrequire i.path == \"b\"", true),
        ("require i.path == \"a\" or i.path == \"b\"\nrequire i.path == \"b\"", false),
        ("require i.version >= \"3.12\"\nrequire i.version < \"3.10\"", true),
        ("require i.version >= \"3.9\"\nrequire i.version < \"3.10\"", false),
        ("require i.version >= \"3.12\"\nrequire i.version < \"3.12\"", true),
        ("require i.version >= \"3.12\"\nrequire i.version <= \"3.12.0\"", false),
        ("require i.version >= \"3.12\"\nforbid i.version >= \"3.10\"", true),
        ("require i.version >= \"3.10\"\nforbid i.version >= \"3.12\"", false),
        ("require \"3.12\" <= i.version and i.version < \"3.10\"", true),
        ("require i.path in {\"a\", \"b\"}\nforbid i.path in {\"a\", \"b\", \"c\"}", true),
        ("require i.path in {\"a\", \"b\"}\nforbid i.path == \"a\"", false),
        ("require i.os_package is absent\nrequire i.os_package is present", true),
        ("require i.os_package is absent\nforbid i.os_package is present", false),
        ("where i.path == \"a\" and i.path == \"b\"\nrequire i.path != \"\"", true),
        ("require i.path == \"a\" unless i.aliases has \"x\"\nrequire i.path == \"b\"", false),
        ("where i.path == \"a\"\nforbid i.path == \"a\"", false),
    ] {
        let expected: &[&str] = if contradictory { &["contradictory-clauses"] } else { &[] };
        assert_eq!(of_clauses(&format!("for i in interpreters\n{clauses}")), expected, "{clauses}");
    }
}

#[test]
fn clauses_that_are_said_twice() {
    let twice = ["duplicate-clause"];
    assert_eq!(of_clauses("for i in interpreters\nrequire i.path != \"a\"\nrequire  i.path !=\n \"a\" // again"), twice);
    assert_eq!(of_clauses("forbid import own -> pickle\nforbid import own -> pickle"), twice);
    assert_eq!(of_clauses("for i in interpreters\nrequire i.path != \"a b\"\nrequire i.path != \"a  b\""), [""; 0]);
    let messages = "for i in interpreters\nrequire i.path != \"a\"\nmessage \"no\"\nrequire i.path != \"b\"\nmessage \"no\"";
    assert_eq!(of_clauses(messages), [""; 0]);
}

#[test]
fn exceptions_that_except_nothing_or_all() {
    for (ban, expected) in [
        ("acme.** -> pickle except acme.serde.** -> pickle", ""),
        ("acme.** -> pickle except shop.** -> pickle", "impossible-exception"),
        ("acme.** -> pickle except acme.serde -> json", "impossible-exception"),
        ("own -> pickle except acme.serde -> pickle", ""),
        ("own -> pickle except stdlib -> pickle", "impossible-exception"),
        ("own -> pickle except own -> own", ""),
        ("**.api -> pickle except acme.* -> pickle", ""),
        ("acme.serde.* -> pickle except acme.** -> pickle", "excepted-ban"),
        ("acme.** ->* pickle except shop.** -> pickle", ""),
    ] {
        let expected = if expected.is_empty() { vec![] } else { vec![expected] };
        assert_eq!(of_clauses(&format!("forbid import {ban}")), expected, "{ban}");
    }
    assert_eq!(of_clauses("protected acme.db.** only from acme.**"), [""; 0]);
    assert_eq!(of_clauses("protected acme.db.** only from **"), ["excepted-ban"]);
}

#[test]
fn bans_that_another_one_covers() {
    for (first, second, shadowed) in [
        ("error; forbid import own -> {pickle, shelve}", "error; forbid import own -> pickle", true),
        ("error; forbid import acme.** -> **", "warning; forbid import acme.web.* -> pickle", true),
        ("warning; forbid import acme.** -> **", "error; forbid import acme.web.* -> pickle", false),
        ("error; forbid import acme.** -> pickle", "error; forbid import acme.** -> pickle", true),
        ("error; forbid import ** -> pickle", "error; forbid import own -> pickle", true),
        ("error; forbid import own -> pickle", "error; forbid import acme.** -> pickle", false),
        ("error; forbid import acme.** -> pickle ignoring function", "error; forbid import acme.a -> pickle", false),
        (
            "error; forbid import acme.** -> pickle ignoring {function, dynamic}",
            "error; forbid import acme.a -> pickle ignoring {dynamic, function}",
            true,
        ),
        ("error; forbid import acme.** ->* pickle", "error; forbid import acme.a ->* pickle", true),
        ("error; forbid import acme.** ->* pickle via b", "error; forbid import acme.a ->* pickle via c", false),
        ("error; where target.source == \"dir\" forbid import acme.** -> a", "error; forbid import acme.b -> a", false),
        ("error; forbid import acme.** -> a on unknown pass", "error; forbid import acme.b -> a on unknown fail", false),
    ] {
        for order in [[first, second], [second, first]] {
            let rules = order.iter().zip(["one", "two"]).map(|(rule, name)| {
                let (severity, clauses) = rule.split_once("; ").expect("a severity");
                format!("rule {name} {severity} \"T\" {{\n{clauses}\n}}\n")
            });
            let expected: &[&str] = if shadowed { &["shadowed-ban"] } else { &[] };
            assert_eq!(codes(&rules.collect::<String>()), expected, "{order:?}");
        }
    }
}

#[test]
fn letters_that_look_like_others() {
    for (clauses, expected) in [
        ("forbid import \u{430}cme.** -> pickle", &["syntax", "confusable-character"][..]),
        ("forbid import acme.заказы -> pickle", &["syntax"]),
        ("forbid import own -> pickle // \u{430}cme", &[]),
        ("require image.labels[\"te\u{430}m\"] is present", &["confusable-character"]),
        ("require any m in modules: m.name matches \"acme.\u{441}\u{43e}re\"", &["confusable-character"]),
        ("require image.reference != \"ａcme\"", &["confusable-character"]),
        ("forbid import own -> pickle message \"Модуль pickle запрещён: Größe, naïve, 東京\"", &[]),
    ] {
        assert_eq!(of_clauses(clauses), expected, "{clauses}");
    }
}

#[test]
fn the_library_is_as_it_is_meant() {
    assert_eq!(compile(&library::all(), &[]).expect("the library compiles").warnings(), []);
}

#[test]
fn ten_thousand_rules_are_not_compared_with_each_other() {
    let rules = |number: usize, targets: &str| -> String {
        let rule = |at| format!("rule r{at} error \"T\" {{\n  forbid import team{at}.** -> {targets}\n}}\n");
        (0..number).map(rule).collect()
    };
    for targets in ["boto3", "**.internal", "own"] {
        let start = Instant::now();
        assert_eq!(codes(&rules(10_000, targets)), [""; 0]);
        assert!(start.elapsed() < Duration::from_secs(30), "{targets}: {:?}", start.elapsed());
    }
}

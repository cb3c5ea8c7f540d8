//! What waivers take, on which day and of which target.

use std::fmt::Write as _;

use jiff::civil::{Date, date};

use crate::{
    diagnostic::{Style, render},
    facts::{Completeness, Image, Inventory, Owner},
    policy::{
        Compiled, Evaluation, PolicyText, WaiverStatus, compile,
        evaluate::tests::{TODAY, computed, environment, inventory, module},
    },
};

const BAN: &str = "rule no-pickle error \"No pickle\" {\n  forbid import own -> {pickle, marshal}\n}\n";

/// Two modules that import `pickle`, one that imports `marshal`, and one whose imports are computed.
fn shop() -> Inventory {
    let modules = vec![
        module("shop.a", Owner::Own, &["pickle"]),
        module("shop.b", Owner::Own, &["marshal"]),
        module("shop.c", Owner::Own, &["pickle"]),
        computed("shop.d", ""),
        module("pickle", Owner::Stdlib, &[]),
    ];
    Inventory { environments: vec![environment("/usr", modules)], ..inventory() }
}

fn compiled(text: &str) -> Compiled {
    let texts = [PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage a\n{text}\n") }];
    compile(&texts, &[]).unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(|error| render(error, Style::Plain)).collect::<Vec<_>>().join("\n"))
    })
}

fn waiver(reason: &str, clauses: &str, expires: Date) -> String {
    format!("waive no-pickle {{\n  {clauses}\n  owner \"a@acme\"\n  reason \"{reason}\"\n  expires {expires}\n}}\n")
}

/// `subject: reason` or `subject: counts` for each violation, then `reason: status, waived of matched` for each waiver.
fn shown(evaluation: &Evaluation) -> String {
    let mut all = String::new();
    for violation in evaluation.rules.iter().flat_map(|rule| &rule.violations) {
        let waived = violation.waived.as_ref().map_or("counts", |waived| &waived.reason);
        let _ = writeln!(all, "{}: {waived}", violation.subject.identity);
    }
    for outcome in &evaluation.waivers {
        let status = match &outcome.status {
            WaiverStatus::Undecided(reasons) => {
                format!("undecided ({})", reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("; "))
            }
            other => format!("{other:?}"),
        };
        let _ = writeln!(all, "{}: {status}, {} of {}", outcome.waiver.reason, outcome.waived, outcome.matched);
    }
    all
}

const LATER: Date = date(2027, 3, 31);

/// What becomes of the shop with one waiver of these clauses.
fn of(clauses: &str) -> String {
    shown(&compiled(&format!("{BAN}{}", waiver("T-1", clauses, LATER))).evaluate(&shop(), TODAY))
}

#[test]
fn a_waiver_takes_what_is_broken_and_what_is_undecided() {
    insta::assert_snapshot!(of(""), @r##"
shop.a -> pickle: T-1
shop.b -> marshal: T-1
shop.c -> pickle: T-1
shop.d: T-1
T-1: InForce, 4 of 4
"##);
}

#[test]
fn a_waiver_is_limited_to_imports_modules_paths_and_subjects() {
    insta::assert_snapshot!(of("only import shop.** -> pickle"), @r##"
shop.a -> pickle: T-1
shop.b -> marshal: counts
shop.c -> pickle: T-1
shop.d: counts
T-1: InForce, 2 of 2
"##);
    insta::assert_snapshot!(of("only import {shop.a, shop.b} -> stdlib"), @r##"
shop.a -> pickle: T-1
shop.b -> marshal: counts
shop.c -> pickle: counts
shop.d: counts
T-1: InForce, 1 of 1
"##);
    insta::assert_snapshot!(of("only module {shop.a, shop.d}"), @r##"
shop.a -> pickle: T-1
shop.b -> marshal: counts
shop.c -> pickle: counts
shop.d: T-1
T-1: InForce, 2 of 2
"##);
    insta::assert_snapshot!(of("only path \"/app/shop/[bd].py\""), @r##"
shop.a -> pickle: counts
shop.b -> marshal: T-1
shop.c -> pickle: counts
shop.d: T-1
T-1: InForce, 2 of 2
"##);
    insta::assert_snapshot!(of("only subject \"* -> marshal\""), @r##"
shop.a -> pickle: counts
shop.b -> marshal: T-1
shop.c -> pickle: counts
shop.d: counts
T-1: InForce, 1 of 1
"##);
}

#[test]
fn limits_of_one_kind_are_alternatives_and_those_of_others_narrow_them() {
    insta::assert_snapshot!(of("only module shop.a only module shop.b"), @r##"
shop.a -> pickle: T-1
shop.b -> marshal: T-1
shop.c -> pickle: counts
shop.d: counts
T-1: InForce, 2 of 2
"##);
    insta::assert_snapshot!(of("only module {shop.a, shop.b} only import own -> pickle"), @r##"
shop.a -> pickle: T-1
shop.b -> marshal: counts
shop.c -> pickle: counts
shop.d: counts
T-1: InForce, 1 of 1
"##);
}

#[test]
fn imports_are_waived_of_all_rules_that_find_them() {
    let found = |clause: &str, only: &str| {
        let rule = format!("rule no-pickle error \"t\" {{\n  {clause}\n  on unknown pass\n}}\n");
        shown(&compiled(&format!("{rule}{}", waiver("T-1", only, LATER))).evaluate(&shop(), TODAY))
    };
    let chain = found("forbid import shop.** ->* {pickle, marshal}", "only import shop.a -> pickle");
    insta::assert_snapshot!(chain, @r##"
shop.a -> pickle: T-1
shop.b -> marshal: counts
shop.c -> pickle: counts
T-1: InForce, 1 of 1
"##);
    let independent = found("independent {shop.a, shop.b, shop.c, pickle}", "only import shop.c -> pickle");
    insta::assert_snapshot!(independent, @r##"
shop.a -> pickle: counts
shop.c -> pickle: T-1
T-1: InForce, 1 of 1
"##);
    let layers = found("layers { pickle > shop.a }", "only import shop.a -> pickle");
    insta::assert_snapshot!(layers, @r##"
shop.a -> pickle: T-1
T-1: InForce, 1 of 1
"##);
}

#[test]
fn classes_are_known_of_modules_that_are_there() {
    assert!(of("only module own").ends_with("T-1: InForce, 4 of 4\n"));
    assert!(of("only module third_party").ends_with("T-1: Stale, 0 of 0\n"));
}

#[test]
fn what_is_inside_a_module_is_found_by_its_file() {
    let rule = "rule r error \"t\" {\n  for m in modules\n  for f in m.computed_imports\n  forbid f.line > 0\n}\n";
    let waived = waiver("T-1", "only module shop.d", LATER).replace("no-pickle", "r");
    assert_eq!(
        shown(&compiled(&format!("{rule}{waived}")).evaluate(&shop(), TODAY)),
        "shop.d -> ?: T-1\nT-1: InForce, 1 of 1\n"
    );
}

#[test]
fn the_last_day_is_in_force_and_the_next_is_not() {
    let compiled = compiled(&format!("{BAN}{}", waiver("T-1", "only module shop.a", date(2026, 11, 1))));
    let on = |day: Date| {
        let evaluation = compiled.evaluate(&shop(), day);
        (evaluation.waivers[0].status.clone(), evaluation.waivers[0].waiver.days_left, evaluation.waivers[0].waived)
    };
    assert_eq!(on(date(2026, 10, 31)), (WaiverStatus::InForce, 1, 1));
    assert_eq!(on(date(2026, 11, 1)), (WaiverStatus::InForce, 0, 1));
    assert_eq!(on(date(2026, 11, 2)), (WaiverStatus::Expired, -1, 0));
}

#[test]
fn a_waiver_that_lasts_too_long_takes_nothing_until_it_does_not() {
    let text = format!("param max_waiver_days: Int = 30\n{BAN}{}", waiver("T-1", "only module shop.a", date(2026, 12, 1)));
    let compiled = compiled(&text);
    let on = |day: Date| compiled.evaluate(&shop(), day).waivers[0].status.clone();
    assert_eq!(on(date(2026, 10, 31)), WaiverStatus::TooLong(30));
    assert_eq!(on(date(2026, 11, 1)), WaiverStatus::InForce);
}

#[test]
fn the_shortest_bound_of_the_packages_concerned_holds_and_the_command_line_changes_it() {
    let package = |name: &str, text: &str| PolicyText {
        name: format!("{name}.douane"),
        text: format!("edition 1\npackage {name}\n{text}"),
    };
    let texts = [
        package("rules", &format!("param max_waiver_days: Int = 30\n{BAN}")),
        package("own", &format!("use rules\nparam max_waiver_days: Int = 900\n{}", waiver("T-1", "", LATER))),
        package("other", "param max_waiver_days: Int = 1\n"),
    ];
    let status = |texts: &[PolicyText], given: &[(&str, &str)]| {
        let given: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        compile(texts, &given).expect("it compiles").evaluate(&shop(), TODAY).waivers[0].status.clone()
    };
    assert_eq!(status(&texts, &[]), WaiverStatus::TooLong(30));
    assert_eq!(status(&texts, &[("rules.max_waiver_days", "150")]), WaiverStatus::InForce);
    assert_eq!(status(&texts, &[("rules.max_waiver_days", "149")]), WaiverStatus::TooLong(149));
    assert_eq!(status(&texts, &[("max_waiver_days", "20")]), WaiverStatus::TooLong(20));
}

#[test]
fn at_most_takes_the_first_in_order() {
    insta::assert_snapshot!(of("only import shop.** -> **\n  at most 2"), @r##"
shop.a -> pickle: T-1
shop.b -> marshal: T-1
shop.c -> pickle: counts
shop.d: counts
T-1: OverUsed, 2 of 3
"##);
    assert!(of("only import shop.** -> **\n  at most 3").ends_with("T-1: InForce, 3 of 3\n"));
    assert!(of("only import shop.** -> **\n  at most 4").ends_with("T-1: Loose, 3 of 3\n"));
}

#[test]
fn what_matches_nothing_is_stale_only_where_it_is_meant() {
    assert!(of("only module shpo.**").ends_with("T-1: Stale, 0 of 0\n"));
    let other = "where image.reference matches \"registry.acme.example/**\"";
    assert!(of(&format!("only module shpo.** {other}")).ends_with("T-1: NotForThisTarget, 0 of 0\n"));
    assert!(of(other).ends_with("T-1: NotForThisTarget, 0 of 0\n"));
    assert!(of("where image.reference == \"app:1\"").ends_with("T-1: InForce, 4 of 4\n"));
}

#[test]
fn an_expired_waiver_for_another_target_is_silent() {
    let text = format!("{BAN}{}", waiver("T-1", "where image.reference == \"x\"", date(2026, 1, 1)));
    assert_eq!(compiled(&text).evaluate(&shop(), TODAY).waivers[0].status, WaiverStatus::NotForThisTarget);
}

#[test]
fn what_speaks_of_an_image_is_not_for_a_directory() {
    let directory = Inventory { image: None, ..shop() };
    let of_image = compiled(&format!("{BAN}{}", waiver("T-1", "where image.user.uid == 0", LATER)));
    assert_eq!(of_image.evaluate(&directory, TODAY).waivers[0].status, WaiverStatus::NotForThisTarget);
    let rule = "rule no-pickle error \"t\" {\n  require image.user.uid != 0\n}\n";
    let of_rule = compiled(&format!("{rule}{}", waiver("T-1", "", LATER)));
    assert_eq!(of_rule.evaluate(&directory, TODAY).waivers[0].status, WaiverStatus::NotForThisTarget);
    assert_eq!(of_rule.evaluate(&shop(), TODAY).waivers[0].status, WaiverStatus::Stale);
}

#[test]
fn an_unknown_where_takes_nothing_and_says_why() {
    let mut inventory = shop();
    inventory.os_packages_complete = Completeness::Incomplete(vec!["the database is damaged".into()]);
    let text = format!("{BAN}{}", waiver("T-1", "where any p in os_packages: p.name == \"gcc\"", LATER));
    insta::assert_snapshot!(shown(&compiled(&text).evaluate(&inventory, TODAY)), @r##"
shop.a -> pickle: counts
shop.b -> marshal: counts
shop.c -> pickle: counts
shop.d: counts
T-1: undecided (the database is damaged), 0 of 4
"##);
}

#[test]
fn of_two_waivers_the_first_by_its_day_is_named_and_neither_is_stale() {
    let early = waiver("T-early", "only module {shop.a, shop.b}", date(2026, 12, 1));
    let late = waiver("T-late", "only import own -> pickle", LATER);
    let forwards = shown(&compiled(&format!("{BAN}{early}{late}")).evaluate(&shop(), TODAY));
    let backwards = shown(&compiled(&format!("{late}{early}{BAN}")).evaluate(&shop(), TODAY));
    assert_eq!(forwards, backwards);
    insta::assert_snapshot!(forwards, @r##"
shop.a -> pickle: T-early
shop.b -> marshal: T-early
shop.c -> pickle: T-late
shop.d: counts
T-early: InForce, 2 of 2
T-late: InForce, 2 of 2
"##);
}

#[test]
fn a_renewed_waiver_leaves_nothing_to_the_expired_one() {
    let old = waiver("T-1", "only module shop.a", date(2026, 10, 1));
    let new = waiver("T-1", "only module shop.a", LATER);
    let evaluation = compiled(&format!("{BAN}{old}{new}")).evaluate(&shop(), TODAY);
    let told: Vec<_> = evaluation.waivers.iter().map(|one| (one.status.clone(), one.waived, one.matched)).collect();
    assert_eq!(told, [(WaiverStatus::Expired, 1, 1), (WaiverStatus::InForce, 1, 1)]);
}

#[test]
fn a_waiver_of_the_library_stands_in_any_package() {
    let text = "use douane.image\nwaive not-root {\n  owner \"a\"\n  reason \"T-1\"\n  expires 2027-03-31\n}\n";
    let root = Inventory { image: Some(Image::default()), ..inventory() };
    let evaluation = compiled(text).evaluate(&root, TODAY);
    let rule = evaluation.rules.iter().find(|rule| rule.name == "not-root").expect("the library's rule");
    assert!(rule.violations.iter().all(|violation| violation.waived.is_some()) && !rule.violations.is_empty());
    assert_eq!(evaluation.waivers[0].rule, "douane.image/not-root");
}

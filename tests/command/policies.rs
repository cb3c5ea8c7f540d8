//! The tools around policies as a user meets them.

use std::fs;

use super::{PASS, USAGE, VIOLATIONS, douane, scratch, text};

const UNTIDY: &str = "edition 1\npackage t\nrule r error \"R\" {\n   require count( layers )<3 // few\n}\n";
const TIDY: &str = "edition 1\npackage t\n\nrule r error \"R\" {\n  require count(layers) < 3 // few\n}\n";

#[test]
fn policies_are_laid_out_in_place() {
    let scratch = scratch();
    let (untidy, wrong) = (scratch.path().join("a.douane"), scratch.path().join("b.douane"));
    fs::write(&untidy, UNTIDY).expect("written");
    let check = douane(&["policy", "fmt", "--check", text(scratch.path())]);
    assert_eq!((check.code, check.stdout.trim()), (VIOLATIONS, text(&untidy)), "{}", check.stderr);
    let diff = douane(&["policy", "fmt", "--diff", text(&untidy)]);
    assert!(diff.code == VIOLATIONS && diff.stdout.contains("\n+  require count(layers) < 3 // few\n"), "{}", diff.stdout);
    assert_eq!(fs::read_to_string(&untidy).expect("read"), UNTIDY);
    fs::write(&wrong, "edition 1\npackage t\nrule r {\n").expect("written");
    let refused = douane(&["policy", "fmt", text(scratch.path())]);
    refused.refused(USAGE, &["error[", "b.douane", "1 policy has mistakes, and stays as it is"]);
    assert_eq!(fs::read_to_string(&untidy).expect("read"), TIDY);
    assert_eq!(fs::read_to_string(&wrong).expect("read"), "edition 1\npackage t\nrule r {\n");
    assert_eq!(douane(&["policy", "fmt", "--check", text(&untidy)]).code, PASS);
}

#[test]
fn a_package_of_the_library_is_no_file_to_lay_out() {
    douane(&["policy", "fmt", "douane.python"]).refused(USAGE, &["`douane.python` is a package of the built-in library"]);
}

#[test]
fn pages_about_policies_go_to_a_file_or_to_one_for_each_package() {
    let scratch = scratch();
    let (file, directory) = (scratch.path().join("all.md"), scratch.path().join("pages/"));
    let run = douane(&["policy", "doc", "douane.python", "douane.image", "-o", text(&file)]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    let page = fs::read_to_string(&file).expect("written");
    assert!(page.contains("## `douane.image`") && page.contains("### `supported-python` (error)"), "{page}");
    let directory_named = format!("{}/", scratch.path().join("pages").display());
    let run = douane(&["policy", "doc", "douane.python", "-f", "html", "-o", &directory_named]);
    assert_eq!(run.code, PASS, "{}", run.stderr);
    assert!(fs::read_to_string(directory.join("douane.python.html")).expect("written").starts_with("<!doctype html>"));
    fs::write(&file, "edition 1\npackage t\nrule r {\n").expect("written");
    douane(&["policy", "doc", text(&file)]).refused(USAGE, &["error["]);
}

#[test]
fn warnings_are_shown_and_refused_where_none_are_allowed() {
    let scratch = scratch();
    let policy = scratch.path().join("a.douane");
    fs::write(&policy, "edition 1\npackage t\nrule r error \"R\" {\n  require count(layers) >= 0\n}\n").expect("written");
    let checked = douane(&["policy", "check", text(&policy)]);
    assert_eq!(checked.code, PASS, "{}", checked.stderr);
    assert!(checked.stderr.contains("warning[constant-condition]"), "{}", checked.stderr);
    assert_eq!(checked.stdout.trim(), "1 policy file, 1 rule: no mistakes, 1 warning");
    let denied = douane(&["policy", "check", "--deny-warnings", text(&policy)]);
    denied.refused(USAGE, &["warning[constant-condition]", "1 warning in the policies"]);
}

#[test]
fn waivers_that_are_over_or_too_long_are_told_when_policies_are_checked() {
    let scratch = scratch();
    let policy = scratch.path().join("a.douane");
    let waived_until = |day: &str, more: &[&str]| {
        let rule = "rule r error \"R\" {\n  require count(layers) < 3\n}\n";
        let waiver = format!("waive r {{\n  owner \"o@acme\"\n  reason \"T-1\"\n  expires {day}\n}}\n");
        fs::write(&policy, format!("edition 1\npackage t\nparam max_waiver_days: Int = 3000000\n{rule}{waiver}"))
            .expect("written");
        douane(&[&["policy", "check", text(&policy)], more].concat())
    };
    let over = waived_until("2001-01-01", &[]);
    over.refused(PASS, &["warning[expired-waiver]", "a.douane:10:11", "o@acme", "no mistakes, 1 warning"]);
    waived_until("2001-01-01", &["--deny-warnings"]).refused(USAGE, &["1 warning in the policies"]);
    waived_until("9999-12-31", &["--param", "max_waiver_days=90"]).refused(PASS, &["warning[long-waiver]"]);
    assert_eq!(waived_until("9999-12-31", &["--deny-warnings"]).code, PASS);
}

#[test]
fn a_rule_is_explained_and_tried_on_a_target() {
    let scratch = scratch();
    let (policy, target) = (scratch.path().join("a.douane"), scratch.path().join("root"));
    fs::create_dir_all(target.join("etc")).expect("made");
    let rules = "edition 1\npackage acme.shop\n\n/// Why so.\nrule layered error \"Layers\" {\n  layers { ui > core }\n  owner \
                 \"web@acme.example\"\n}\n\nrule few error \"Few\" {\n  require count(binaries) < 3\n}\n";
    fs::write(&policy, rules).expect("written");
    let explain = |more: &[&str]| douane(&[&["policy", "explain", "-p", text(&policy)], more].concat());
    let layered = explain(&["layered", "--desugar"]);
    assert_eq!(layered.code, PASS, "{}", layered.stderr);
    for said in ["acme.shop/layered: Layers", "a.douane:5", "Why so.", "owner web@acme.example", "layers { ui > core }"] {
        assert!(layered.stdout.contains(said), "{said}: {}", layered.stdout);
    }
    assert!(layered.stdout.contains("    forbid import core.** ->* ui.**\n"), "{}", layered.stdout);
    assert!(!explain(&["layered"]).stdout.contains("In kernel terms"));
    let few = explain(&["acme.shop/few", text(&target)]);
    assert!(few.stdout.contains("it judges 1 subject, and nothing is wrong"), "{}{}", few.stdout, few.stderr);
    explain(&["fwe"]).refused(USAGE, &["there is no rule `fwe` in the policies (did you mean `few`?)"]);
    assert_eq!(douane(&["policy", "explain", "not-root"]).code, PASS);
}

#[test]
fn a_new_policy_is_right_and_tested_and_writes_over_nothing() {
    let scratch = scratch();
    let policy = scratch.path().join("shop.douane");
    assert_eq!(douane(&["policy", "new", "acme.shop", "-o", text(&policy)]).code, PASS);
    let checked = douane(&["policy", "check", "--deny-warnings", text(&policy)]);
    assert_eq!((checked.code, checked.stdout.contains("2 rules")), (PASS, true), "{}", checked.stderr);
    assert_eq!(douane(&["policy", "test", text(&policy)]).code, PASS);
    let before = fs::read_to_string(&policy).expect("read");
    assert_eq!(douane(&["policy", "new", "acme.shop"]).stdout, before);
    douane(&["policy", "new", "acme.shop", "-o", text(&policy)]).refused(USAGE, &["cannot write to"]);
    douane(&["policy", "new", "acme-shop"]).refused(USAGE, &["`acme-shop` cannot be the name of a package"]);
    assert_eq!(fs::read_to_string(&policy).expect("read"), before);
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let scratch = scratch();
    let rule = |body: &str| format!("edition 1\npackage t\nrule r error \"R\" {{\n  {body}\n}}\n");
    let glob = |glob: &str| rule(&format!("forbid any e in image.env: e.name matches \"{glob}\""));
    let data = "data names: Set<String> from \"names.yaml\"\n";
    let aliases: String =
        (1..20).map(|at| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 9].join(", "))).collect();
    let bomb = format!("a0: &a0 [x, x, x]\n{aliases}");
    fs::write(scratch.path().join("names.yaml"), &bomb).expect("written");
    let policy = scratch.path().join("a.douane");
    let damaged: String = (0..300).map(|at| format!("rule r{at} error \"R\" {{\n  require =\n}}\n")).collect();
    for (written, words) in [
        (b"edition 1\npackage t\n// \xff\n".to_vec(), &["line 3"][..]),
        (rule("require image.reference != \"\u{202e}x\"").into(), &["invisible-character", "U+202E"]),
        (glob(&format!("{}b{}", "{a,".repeat(1000), "}".repeat(1000))).into(), &["invalid-glob", "choices"]),
        (glob(&"a*".repeat(50_000)).into(), &["invalid-glob", "bytes"]),
        (rule(&format!("forbid import {} -> b", vec!["**"; 100].join("."))).into(), &["invalid-module-pattern"]),
        (format!("{}{data}", rule("require count(names) > 0")).into(), &["policy-too-large", "200000 values"]),
        (format!("edition 1\npackage t\n{damaged}").into(), &[":301:11", "and 200 more", "300 mistakes"]),
    ] {
        fs::write(&policy, written).expect("written");
        let run = douane(&["policy", "check", text(&policy)]);
        run.refused(USAGE, words);
        assert!(run.stderr.len() < 60_000, "{}", run.stderr.len());
    }
    let contract = scratch.path().join("b.importspy.yml");
    fs::write(&contract, format!("filename: a.py\n{bomb}")).expect("written");
    douane(&["policy", "check", text(&contract)]).refused(USAGE, &["policy-too-large"]);
}

#[test]
fn a_thousand_packages_in_a_circle_are_one_mistake() {
    let scratch = scratch();
    for at in 0..1000 {
        let policy = format!(
            "edition 1\npackage p{at}\nuse p{}\nrule r error \"R\" {{\n  require count(layers) < 3\n}}\n",
            (at + 1) % 1000
        );
        fs::write(scratch.path().join(format!("p{at}.douane")), policy).expect("written");
    }
    douane(&["policy", "check", text(scratch.path())]).refused(USAGE, &["use-cycle", "1 mistake in"]);
}

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

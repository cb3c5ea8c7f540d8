//! What packages take from each other: circles, clashes, parameters of rules.

use crate::{
    diagnostic::{Style, render},
    policy::{PolicyText, compile},
};

fn mistakes(files: &[(&str, &str)], params: &[(&str, &str)]) -> String {
    let texts: Vec<_> = files
        .iter()
        .map(|(package, text)| PolicyText {
            name: format!("{package}.douane"),
            text: format!("edition 1\npackage {package}\n{text}\n"),
        })
        .collect();
    let params: Vec<_> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    match compile(&texts, &params) {
        Ok(_) => "compiles".to_owned(),
        Err(errors) => errors.iter().map(|error| render(error, Style::Plain)).collect::<Vec<_>>().join("\n\n"),
    }
}

#[test]
fn packages_that_use_each_other_in_a_circle_are_told_once() {
    let rule = "rule r error \"t\" {\n  require true == true\n}";
    let files = [("a", format!("use b\n{rule}")), ("b", format!("use c\n{rule}")), ("c", format!("use a\n{rule}"))];
    let files: Vec<_> = files.iter().map(|(package, text)| (*package, text.as_str())).collect();
    insta::assert_snapshot!(mistakes(&files, &[]), @"
    error[use-cycle]: the package `a` uses itself, perhaps through others
     --> a.douane:3:5
      |
    3 | use b
      |     ^ `b` leads back to `a`
      |
     ::: b.douane:3:5
      |
    3 | use c
      |     - on the way back
      |
      = help: move what both need into a package of its own
    ");
    insta::assert_snapshot!(mistakes(&[("a", "use a\nrule r error \"t\" {\n  require count(layers) < 3\n}")], &[]), @"
    error[use-cycle]: the package `a` uses itself, perhaps through others
     --> a.douane:3:5
      |
    3 | use a
      |     ^ `a` leads back to `a`
      |
      = help: move what both need into a package of its own
    ");
}

#[test]
fn a_name_of_two_used_packages_is_asked_for() {
    let limit = "param limit: Int = 3\nfn few() -> Bool = count(layers) < limit\nrule r error \"t\" {\n  require few()\n}";
    let both = "use b\nuse c\nrule r error \"t\" {\n  require count(layers) < limit and few()\n}";
    insta::assert_snapshot!(mistakes(&[("a", both), ("b", limit), ("c", limit)], &[]), @"
    error[ambiguous-name]: `limit` is defined by several packages that are used here
     --> a.douane:6:27
      |
    6 |   require count(layers) < limit and few()
      |                           ^^^^^ which one?
      |
     ::: b.douane:3:7
      |
    3 | param limit: Int = 3
      |       ----- defined here
      |
     ::: c.douane:3:7
      |
    3 | param limit: Int = 3
      |       ----- defined here
      |
      = help: use one of the packages only, or rename one of the definitions

    error[ambiguous-name]: `few` is defined by several packages that are used here
     --> a.douane:6:37
      |
    6 |   require count(layers) < limit and few()
      |                                     ^^^ which one?
      |
     ::: b.douane:4:4
      |
    4 | fn few() -> Bool = count(layers) < limit
      |    --- defined here
      |
     ::: c.douane:4:4
      |
    4 | fn few() -> Bool = count(layers) < limit
      |    --- defined here
      |
      = help: use one of the packages only, or rename one of the definitions
    ");
    let own = "use b\nuse c\nparam limit: Int = 4\nrule r error \"t\" {\n  require count(layers) < limit\n}";
    assert_eq!(mistakes(&[("a", own), ("b", limit), ("c", limit)], &[]), "compiles");
}

#[test]
fn a_rule_has_parameters_of_its_own() {
    let rules = "rule r error \"t\" {\n  param limit: Int = 3\n  require count(layers) < limit\n}\nrule s error \"t\" {\n  param limit: Int = 4\n  require count(layers) < limit\n}";
    for name in ["limit", "r.limit", "a/r.limit"] {
        assert_eq!(mistakes(&[("a", rules)], &[(name, "5")]), "compiles", "{name}");
    }
    insta::assert_snapshot!(mistakes(&[("a", rules)], &[("x.limit", "5")]), @"
    error[unknown-param]: no policy has a parameter `x.limit`
     --> --param:1:1
      |
    1 | x.limit=5
      | ^^^^^^^ not known
      |
      = help: did you mean `limit`?
    ");
    insta::assert_snapshot!(mistakes(&[("a", "rule r error \"t\" {\n  require count(layers) < limit\n}\nrule s error \"t\" {\n  param limit: Int = 4\n  param limit: Int = 5\n  require count(layers) < limit\n}")], &[]), @"
    error[unknown-name]: `limit` is not defined
     --> a.douane:4:27
      |
    4 |   require count(layers) < limit
      |                           ^^^^^ not known here
      |
      = help: known everywhere are `target`, `image`, `os`, `layers`, `os_packages`, `conda_packages`, `binaries`, `interpreters`, `environments`, `distributions`, `modules`, `imports`, `files`, `gaps` and `today`

    error[duplicate-name]: the parameter `limit` is defined twice
     --> a.douane:8:9
      |
    7 |   param limit: Int = 4
      |         ----- the first time
    8 |   param limit: Int = 5
      |         ^^^^^ the second time
      |
      = help: rename one of them

    warning[unused-definition]: the parameter `limit` is never used
     --> a.douane:8:9
      |
    8 |   param limit: Int = 5
      |         ^^^^^ defined here
      |
      = help: use it or remove it
    ");
}

//! A policy to begin with: two rules and their tests, with comments; never what an image needs.

use std::sync::Arc;

use super::syntax;
use crate::diagnostic::SourceText;

const TEXT: &str = include_str!("starting.douane");

/// The policy of a package with this name; nothing where no package can be called so.
pub fn beginning(package: &str) -> Option<String> {
    let head = SourceText { name: String::new(), text: format!("edition 1\npackage {package}\n") };
    let (file, mistakes) = syntax::parse(&Arc::new(head));
    let is_name = mistakes.is_empty() && file.package.is_some_and(|name| name.text == package);
    is_name.then(|| TEXT.replace("PACKAGE", package))
}

#[cfg(test)]
mod tests {
    use super::beginning;
    use crate::policy::{NoDataFiles, PolicyText, compile, format, testing::Suite};

    #[test]
    fn it_is_right_laid_out_and_tested() {
        let text = PolicyText { name: "a.douane".into(), text: beginning("acme.shop").expect("a name") };
        let compiled = compile(std::slice::from_ref(&text), &[]).expect("it compiles");
        assert_eq!((compiled.warnings(), compiled.identities()[0].rules.len()), (&[][..], 2));
        assert_eq!(format(&text).ok().as_ref(), Some(&text.text));
        let suite = Suite::read(&[text], &[], &NoDataFiles).expect("its tests are right");
        let tested = suite.run(None);
        assert!(tested.tests.len() > 1 && tested.tests.iter().all(|test| test.failures.is_empty()), "{tested:?}");
    }

    #[test]
    fn a_name_that_no_package_has_is_refused() {
        for name in ["", "acme-shop", "acme..shop", "acme.", "1", "acme shop", "a\nrule r", "a.\u{430}"] {
            assert_eq!(beginning(name), None, "{name}");
        }
    }
}

//! The policies that come with the crate; never a decision on which of them a run takes.

use super::compiled::PolicyText;

/// Package, file name and text of every embedded policy.
const LIBRARY: &[(&str, &str, &str)] = &[
    ("douane.contents", "policies/contents.douane", include_str!("../../policies/contents.douane")),
    ("douane.image", "policies/image.douane", include_str!("../../policies/image.douane")),
    ("douane.imports", "policies/imports.douane", include_str!("../../policies/imports.douane")),
    ("douane.installed", "policies/installed.douane", include_str!("../../policies/installed.douane")),
    ("douane.platform", "policies/platform.douane", include_str!("../../policies/platform.douane")),
    ("douane.python", "policies/python.douane", include_str!("../../policies/python.douane")),
];

/// What a run that names no policy leaves out: it has every installed file hashed, which not everybody wants on every build.
const ON_REQUEST: &str = "douane.installed";

/// The packages of the library, sorted.
pub fn packages() -> impl Iterator<Item = &'static str> + Clone {
    LIBRARY.iter().map(|(package, _, _)| *package)
}

/// A package of the library.
pub fn find(package: &str) -> Option<PolicyText> {
    LIBRARY
        .iter()
        .find(|(name, _, _)| *name == package)
        .map(|(_, file, text)| PolicyText { name: (*file).into(), text: (*text).into() })
}

/// Whether a text is that of a package of the library.
pub(super) fn holds(text: &str) -> bool {
    LIBRARY.iter().any(|(_, _, own)| *own == text)
}

/// The whole library.
pub fn all() -> Vec<PolicyText> {
    packages().filter_map(find).collect()
}

/// What a run that names no policy applies.
pub fn unasked() -> Vec<PolicyText> {
    packages().filter(|package| *package != ON_REQUEST).filter_map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::{all, find, packages};
    use crate::{
        diagnostic::{Style, render},
        policy::compile,
    };

    #[test]
    fn every_policy_compiles_without_a_warning() {
        let compiled = compile(&all(), &[])
            .map_err(|found| found.iter().map(|one| render(one, Style::Plain)).collect::<Vec<_>>().join("\n"));
        let compiled = compiled.unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(compiled.warnings(), []);
        let named: Vec<_> = compiled.identities().iter().map(|identity| identity.package.as_str()).collect();
        assert_eq!(named, packages().collect::<Vec<_>>());
        assert!(compiled.identities().iter().all(|identity| identity.sha256.len() == 64 && !identity.rules.is_empty()));
    }

    #[test]
    fn a_package_is_found_by_its_name() {
        assert_eq!(find("douane.python").map(|text| text.name).as_deref(), Some("policies/python.douane"));
        assert_eq!(find("douane.perl"), None);
    }
}

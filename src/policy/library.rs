//! The policies that come with the crate; never a decision on which of them a run takes.

use super::PolicyText;

/// Package, file name and text of every embedded policy.
const LIBRARY: &[(&str, &str, &str)] = &[
    ("douane.contents", "policies/contents.douane", include_str!("../../policies/contents.douane")),
    ("douane.image", "policies/image.douane", include_str!("../../policies/image.douane")),
    ("douane.imports", "policies/imports.douane", include_str!("../../policies/imports.douane")),
    ("douane.platform", "policies/platform.douane", include_str!("../../policies/platform.douane")),
    ("douane.python", "policies/python.douane", include_str!("../../policies/python.douane")),
];

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

/// The whole library.
pub fn all() -> Vec<PolicyText> {
    packages().filter_map(find).collect()
}

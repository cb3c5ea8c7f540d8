//! Which modules are copies of other projects inside of a package (`pip._vendor.urllib3`); never which version they copy.

use smol_str::SmolStr;

use crate::{filesystem::Tree, image::ImagePath};

/// Names of packages that hold copies and nothing else, by convention.
const HOLDERS: [&str; 9] =
    ["_vendor", "_vendored", "vendored", "extern", "_extern", "externals", "third_party", "_third_party", "thirdparty"];

/// A name that may as well be a business word: it is a holder where the tools that copy left their list in it.
const MAYBE: &str = "vendor";

/// The list that such tools leave.
const LIST: &str = "vendor.txt";

/// The top-level module of the project that a module is copied from; none where it is no copy, or only holds some.
pub(crate) fn vendored(tree: &Tree, name: &str, file: Option<&ImagePath>) -> Option<SmolStr> {
    let mut parts = name.split('.');
    parts.find(|part| HOLDERS.contains(part) || (*part == MAYBE && file.is_some_and(|file| has_list(tree, file))))?;
    parts.next().map(SmolStr::new)
}

/// Whether a directory `vendor` above a file holds the list of what was copied into it.
fn has_list(tree: &Tree, file: &ImagePath) -> bool {
    std::iter::successors(file.parent(), ImagePath::parent)
        .filter(|directory| directory.file_name() == MAYBE.as_bytes())
        .any(|directory| tree.get(&directory.join(LIST)).is_some())
}

#[cfg(test)]
mod tests {
    use super::vendored;
    use crate::{image::ImagePath, introspect::test_tree::TestTree};

    fn of(tree: &TestTree, name: &str) -> Option<String> {
        let file = ImagePath::new(format!("/s/{}.py", name.replace('.', "/")));
        vendored(tree.tree(), name, file.as_ref()).map(|project| project.to_string())
    }

    #[test]
    fn copies_go_by_the_name_of_what_was_copied() {
        let mut tree = TestTree::new();
        tree.empty("/s/pipenv/vendor/vendor.txt");
        for (name, project) in [
            ("pip._vendor.urllib3.util.retry", Some("urllib3")),
            ("botocore.vendored.requests.packages.urllib3", Some("requests")),
            ("pipenv.vendor.click.core", Some("click")),
            ("pip._vendor", None),
            ("pip._internal.cli", None),
            ("shop.vendor.invoices", None),
        ] {
            assert_eq!(of(&tree, name).as_deref(), project, "{name}");
        }
    }
}

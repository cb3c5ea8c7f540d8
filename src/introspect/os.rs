//! The operating system by its own `os-release`; never by guessing from packages.

use crate::{
    extract::os_release::os_release,
    facts::{Fact, Gap, Libc, OperatingSystem},
    filesystem::Tree,
    image::ImagePath,
};

use super::survey::gap;

/// Where `os-release` is, the first that exists.
const FILES: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// The operating system; none where no `os-release` exists, and a gap where one exists that could not be read.
pub(crate) fn operating_system(tree: &Tree, libc: Fact<Libc>) -> (Option<OperatingSystem>, Option<Gap>) {
    let found = FILES.into_iter().filter_map(ImagePath::new).find_map(|path| {
        let resolved = tree.resolve(&path).ok()?;
        tree.node(resolved.node).is_file().then_some((path, resolved.node))
    });
    let Some((path, id)) = found else { return (None, None) };
    let Some(text) = tree.text(&path) else {
        let reason = "the file was not read: the operating system is not known";
        return (None, Some(gap(&path, "os-release-unread", reason, tree.node(id).layer)));
    };
    let mut release = os_release(text);
    // os-release(5) has defaults for what is not set.
    let name = release.remove("PRETTY_NAME").or_else(|| release.remove("NAME")).unwrap_or_else(|| "Linux".to_owned());
    let system = OperatingSystem {
        id: release.remove("ID").unwrap_or_else(|| "linux".to_owned()),
        version_id: release.remove("VERSION_ID"),
        name,
        libc,
    };
    (Some(system), None)
}

#[cfg(test)]
mod tests {
    use super::operating_system;
    use crate::{facts::Fact, introspect::test_tree::TestTree};

    #[test]
    fn links_are_followed_and_the_pretty_name_is_the_name() {
        let mut tree = TestTree::new();
        tree.symlink("/etc/os-release", "../usr/lib/os-release");
        tree.text("/usr/lib/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n");
        let (system, gap) = operating_system(tree.tree(), Fact::Absent);
        let system = system.expect("there is one");
        assert_eq!((system.id.as_str(), system.version_id.as_deref()), ("debian", Some("12")));
        assert_eq!(system.name, "Debian GNU/Linux 12 (bookworm)");
        assert!(gap.is_none());
    }

    #[test]
    fn an_image_without_one_has_none() {
        let mut tree = TestTree::new();
        tree.symlink("/etc/os-release", "../usr/lib/os-release");
        let (system, gap) = operating_system(tree.tree(), Fact::Absent);
        assert!(system.is_none() && gap.is_none());
    }
}

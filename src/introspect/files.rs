//! The list of all entries of the merged tree, where it was asked for; never what their bytes say.

use std::sync::Arc;

use crate::{
    facts::{File, FilePath, FileType, Mode},
    filesystem::{Node, NodeId, NodeKind, Tree},
    image::ImagePath,
};

use super::package_files::PackageFiles;

/// Every entry under every one of its names, parents first and names sorted.
pub(crate) fn files(tree: &Tree, packages: &PackageFiles<'_>) -> Vec<File> {
    let mut files = Vec::new();
    // Entries that are still to be listed, the next one last, with the text of their directory.
    let mut pending: Vec<(ImagePath, NodeId, Arc<str>)> = vec![(ImagePath::root(), Tree::ROOT, Arc::from(""))];
    while let Some((path, id, directory)) = pending.pop() {
        let node = tree.node(id);
        let whole = path.to_string();
        let name = whole.rsplit('/').next().unwrap_or_default();
        files.push(described(node, FilePath::new(directory, name), packages.shared_owner(&path)));
        if node.is_directory() {
            let own: Arc<str> = Arc::from(if path.is_root() { "" } else { whole.as_str() });
            let first = pending.len();
            pending.extend(tree.children(id).map(|(name, child)| (path.join(name), child, Arc::clone(&own))));
            if let Some(added) = pending.get_mut(first..) {
                added.reverse();
            }
        }
    }
    files.shrink_to_fit();
    files
}

fn described(node: &Node, path: FilePath, package: Option<&Arc<str>>) -> File {
    let (kind, target) = match &node.kind {
        NodeKind::Directory(_) => (FileType::Directory, None),
        NodeKind::File => (FileType::File, None),
        NodeKind::Symlink(target) => (FileType::Symlink, Some(shown(target))),
        NodeKind::CharacterDevice { .. } => (FileType::CharacterDevice, None),
        NodeKind::BlockDevice { .. } => (FileType::BlockDevice, None),
        NodeKind::Fifo => (FileType::Fifo, None),
    };
    File {
        path,
        kind,
        size: node.size,
        mode: Mode((node.mode & 0o7777) as u16),
        uid: node.uid,
        gid: node.gid,
        target,
        os_package: package.filter(|_| kind != FileType::Directory).cloned(),
        layer: node.layer,
    }
}

/// A link's target as text, escaped as paths are; it is not normalised, and `..` stays.
fn shown(target: &[u8]) -> Box<str> {
    let mut text = String::with_capacity(target.len());
    for chunk in target.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character.is_control() {
                true => text.push_str(&format!("\\x{:02x}", u32::from(character))),
                false => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text.into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::files;
    use crate::{
        facts::{File, FileType},
        introspect::{package_files::PackageFiles, test_tree::TestTree},
    };

    fn listed(tree: &TestTree) -> Vec<File> {
        files(tree.tree(), &PackageFiles::of(tree.tree(), &[]))
    }

    #[test]
    fn every_name_is_listed_parents_first() {
        let mut tree = TestTree::new();
        let su = tree.empty("/bin/su");
        tree.hard_link("/bin/sudo", su);
        tree.symlink("/bin/sh", "../usr/bin/da\u{1b}sh");
        tree.empty("/bin.d/x");
        let listed = listed(&tree);
        let paths: Vec<String> = listed.iter().map(|file| file.path.to_string()).collect();
        assert_eq!(paths, ["/", "/bin", "/bin/sh", "/bin/su", "/bin/sudo", "/bin.d", "/bin.d/x"]);
        assert_eq!((listed[2].kind, listed[2].target.as_deref()), (FileType::Symlink, Some("../usr/bin/da\\x1bsh")));
        assert_eq!((listed[0].layer, listed[3].layer, listed[3].path.name()), (None, Some(1), "su"));
    }

    #[test]
    fn a_package_owns_files_and_shares_directories() {
        let mut tree = TestTree::new();
        tree.empty("/usr/bin/passwd");
        tree.empty("/usr/bin/mine");
        tree.text("/var/lib/dpkg/info/passwd.list", "/.\n/usr\n/usr/bin\n/usr/bin/passwd\n");
        let listed = listed(&tree);
        let owned: Vec<_> =
            listed.iter().filter_map(|file| Some((file.path.to_string(), file.os_package.as_deref()?))).collect();
        assert_eq!(owned, [("/usr/bin/passwd".to_owned(), "passwd")]);
    }
}

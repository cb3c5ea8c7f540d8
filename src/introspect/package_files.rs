//! Which package of the operating system or of conda owns a path; never which packages there are.

use std::{collections::HashMap, sync::Arc};

use crate::{
    extract::dpkg::{dpkg_list, dpkg_md5sums},
    facts::Fact,
    filesystem::{NodeKind, Tree},
    image::ImagePath,
};

use super::{conda::CondaPrefixes, os_packages::rpm_database};

/// The directory of dpkg's file lists.
const DPKG_INFO: &str = "/var/lib/dpkg/info";

/// Where distroless images keep the sums of a package's files, which are the only list of them there.
const DPKG_STATUS_PARTS: &str = "/var/lib/dpkg/status.d";

/// Top-level directories that a merged `/usr` turns into links, and under whose names packages list their files.
const MERGED: [&str; 7] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "libo32"];

/// Paths to the names of packages.
#[derive(Debug, Default)]
pub(crate) struct PackageFiles<'tree> {
    /// Paths as the packages list them, to positions in `names`.
    owners: HashMap<&'tree [u8], u32>,
    names: Vec<Arc<str>>,
    /// The directories of `/` that are links into `/usr`.
    merged: Vec<&'static str>,
    /// Whether `/usr/sbin` is a link to `/usr/bin`, as in Fedora from 42 on.
    merged_sbin: bool,
    conda: CondaPrefixes<'tree>,
    /// Whether rpm is what installed packages.
    rpm: bool,
}

impl<'tree> PackageFiles<'tree> {
    /// Reads the file lists of dpkg (of distroless images too), and takes those that the databases of apk and rpm hold.
    pub(crate) fn of(tree: &'tree Tree, apk: &'tree [(String, Vec<Vec<u8>>)]) -> Self {
        let sbin = ImagePath::new("/usr/sbin").and_then(|path| tree.get(&path));
        let merged_sbin = sbin.is_some_and(|id| matches!(tree.node(id).kind, NodeKind::Symlink(_)));
        let mut files = Self { merged: merged(tree), merged_sbin, ..Self::default() };
        for (name, list) in named_texts(tree, DPKG_INFO, ".list") {
            files.add(name, dpkg_list(list));
        }
        for (name, sums) in named_texts(tree, DPKG_STATUS_PARTS, ".md5sums") {
            files.add(name, dpkg_md5sums(sums));
        }
        for (name, list) in apk {
            files.add(name.clone(), list.iter().map(Vec::as_slice));
        }
        for package in rpm_database(tree).map(|database| &database.packages).into_iter().flatten() {
            files.rpm = true;
            files.add(package.name.clone(), package.files());
        }
        files
    }

    /// The same, with the files of conda's prefixes.
    pub(crate) fn with_conda(self, conda: CondaPrefixes<'tree>) -> Self {
        Self { conda, ..self }
    }

    fn add(&mut self, name: String, paths: impl Iterator<Item = &'tree [u8]>) {
        let Ok(position) = u32::try_from(self.names.len()) else { return };
        self.names.push(name.into());
        for path in paths {
            // Directories belong to many packages; what is asked for are files.
            self.owners.insert(path.strip_prefix(b"/").unwrap_or(path), position);
        }
    }

    /// The prefixes of conda.
    pub(crate) fn conda(&self) -> &CondaPrefixes<'tree> {
        &self.conda
    }

    /// The package of conda that owns a file, given without links, and whether it was asked for by name.
    pub(crate) fn conda_owner(&self, path: &ImagePath) -> Option<(&str, Fact<bool>)> {
        self.conda.owner(path)
    }

    /// Whether rpm's database was read.
    pub(crate) fn is_of_rpm(&self) -> bool {
        self.rpm
    }

    /// Whether any file list was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// The package that owns a file, given without links.
    pub(crate) fn owner(&self, path: &ImagePath) -> Option<&str> {
        self.shared_owner(path).map(AsRef::as_ref)
    }

    /// The same, to be shared by all files of the package.
    pub(crate) fn shared_owner(&self, path: &ImagePath) -> Option<&Arc<str>> {
        let bytes = path.as_bytes().strip_prefix(b"/")?;
        let position = self.owners.get(bytes).or_else(|| {
            let below_usr = bytes.strip_prefix(b"usr/")?;
            let top = below_usr.split(|byte| *byte == b'/').next()?;
            let is_merged = self.merged.iter().any(|name| name.as_bytes() == top);
            is_merged.then(|| self.owners.get(below_usr)).flatten()
        });
        let position = position.or_else(|| {
            let name = bytes.strip_prefix(b"usr/bin/").filter(|_| self.merged_sbin)?;
            self.owners.get([b"usr/sbin/", name].concat().as_slice())
        })?;
        self.names.get(*position as usize)
    }
}

fn merged(tree: &Tree) -> Vec<&'static str> {
    let is_link = |name: &&str| {
        tree.child(Tree::ROOT, name.as_bytes()).is_some_and(|id| matches!(tree.node(id).kind, NodeKind::Symlink(_)))
    };
    MERGED.into_iter().filter(is_link).collect()
}

/// Every text of dpkg's with such an ending, and its package: `libc6:amd64.list` is that of `libc6`.
fn named_texts<'tree>(tree: &'tree Tree, directory: &str, ending: &'static str) -> impl Iterator<Item = (String, &'tree [u8])> {
    let directory = ImagePath::new(directory).and_then(|path| tree.resolve(&path).ok());
    directory.into_iter().flat_map(move |directory| {
        tree.children(directory.node).filter_map(move |(name, _)| {
            let package = std::str::from_utf8(name).ok()?.strip_suffix(ending)?;
            let package = package.split_once(':').map_or(package, |(package, _)| package);
            Some((package.to_owned(), tree.text(&directory.path.join(name))?))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::PackageFiles;
    use crate::{image::ImagePath, introspect::test_tree::TestTree};

    fn owner(files: &PackageFiles<'_>, path: &str) -> Option<String> {
        files.owner(&ImagePath::new(path).expect("valid")).map(str::to_owned)
    }

    #[test]
    fn multiarch_names_and_a_merged_usr_are_resolved() {
        let mut tree = TestTree::new();
        tree.symlink("/lib", "usr/lib");
        tree.text("/var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\n");
        tree.text("/var/lib/dpkg/info/bash.list", "/bin/bash\n");
        let files = PackageFiles::of(tree.tree(), &[]);
        assert_eq!(owner(&files, "/usr/lib/x86_64-linux-gnu/libc.so.6").as_deref(), Some("libc6"));
        assert_eq!(owner(&files, "/bin/bash").as_deref(), Some("bash"));
        // `/bin` is no link here: `/usr/bin/bash` is another file.
        assert_eq!(owner(&files, "/usr/bin/bash"), None);
    }

    #[test]
    fn files_of_rpm_belong_to_its_packages() {
        let mut tree = TestTree::new();
        tree.symlink("/usr/sbin", "bin");
        tree.symlink("/lib64", "usr/lib64");
        let listed = [("bash", "/usr/bin/bash"), ("shadow", "/usr/sbin/useradd"), ("glibc", "/lib64/libc.so.6")];
        tree.rpm("/var/lib/rpm/Packages", &listed);
        let files = PackageFiles::of(tree.tree(), &[]);
        assert_eq!(owner(&files, "/usr/bin/bash").as_deref(), Some("bash"));
        assert_eq!(owner(&files, "/usr/bin/useradd").as_deref(), Some("shadow"));
        assert_eq!(owner(&files, "/usr/lib64/libc.so.6").as_deref(), Some("glibc"));
        assert_eq!(owner(&files, "/usr/bin/other"), None);
    }

    #[test]
    fn sums_are_the_lists_of_distroless_images() {
        let mut tree = TestTree::new();
        tree.text("/var/lib/dpkg/status.d/base.md5sums", "d41d8cd98f00b204e9800998ecf8427e  etc/os-release\n");
        let files = PackageFiles::of(tree.tree(), &[]);
        assert_eq!(owner(&files, "/etc/os-release").as_deref(), Some("base"));
    }
}

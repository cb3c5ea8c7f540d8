//! The packages of the operating system, by its package manager's database; never which files they own.

use crate::{
    extract::{FileFacts, apk::apk_installed, dpkg::dpkg_status, rpm::RpmDatabase},
    facts::{Completeness, Fact, Gap, OsPackage},
    filesystem::{NodeId, Tree},
    image::ImagePath,
};

use super::survey::gap;

const DPKG_STATUS: &str = "/var/lib/dpkg/status";
/// Where distroless images keep one file for each package.
const DPKG_STATUS_PARTS: &str = "/var/lib/dpkg/status.d";
const DPKG_INFO: &str = "/var/lib/dpkg/info";
/// Alpine's database, and where it is since `/usr` was merged.
const APK: [&str; 2] = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];
/// What only an operating system has: without one, an image that holds no package database holds no packages.
const OS_RELEASE: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];
/// Where rpm has its database, the first that is there.
const RPM: [&str; 3] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"];
/// The database in each of its formats, the newest first.
const RPM_FILES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];
/// What SQLite has not written into the database yet.
const RPM_LOG: &str = "rpmdb.sqlite-wal";

/// What the package databases hold.
#[derive(Debug, Default)]
pub(crate) struct OsPackages {
    /// Sorted, without repeats.
    pub(crate) packages: Vec<OsPackage>,
    pub(crate) complete: Completeness,
    /// Packages of apk with the paths that they own: its database holds both.
    pub(crate) apk_files: Vec<(String, Vec<Vec<u8>>)>,
    pub(crate) gaps: Vec<Gap>,
    /// Whether there is any database.
    database: bool,
}

impl OsPackages {
    /// Reads every database that there is.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut found = Self::default();
        found.dpkg(tree);
        found.apk(tree);
        found.rpm(tree);
        if !found.database && OS_RELEASE.into_iter().any(|path| existing_file(tree, path).is_some()) {
            found.complete.lacks("there is an operating system, but no package database that this version knows");
        }
        found.packages.sort_by(|left, right| order(left).cmp(&order(right)));
        found.packages.dedup();
        found
    }

    fn dpkg(&mut self, tree: &Tree) {
        let lists = ImagePath::new(DPKG_INFO);
        if let Some((path, node)) = existing_file(tree, DPKG_STATUS) {
            self.database = true;
            for mut package in self.status(tree, &path, node) {
                let names = [
                    format!("{}.list", package.name),
                    format!("{}:{}.list", package.name, package.architecture.as_deref().unwrap_or_default()),
                ];
                let list = names.iter().find_map(|name| tree.get(&lists.as_ref()?.join(name)));
                package.layer = list.and_then(|list| tree.node(list).layer);
                self.packages.push(package);
            }
        }
        let Some(directory) = ImagePath::new(DPKG_STATUS_PARTS).and_then(|path| tree.resolve(&path).ok()) else { return };
        let parts: Vec<(ImagePath, NodeId)> = tree
            .children(directory.node)
            .filter(|(name, id)| !name.ends_with(b".md5sums") && tree.node(*id).is_file())
            .map(|(name, id)| (directory.path.join(name), id))
            .collect();
        self.database |= !parts.is_empty();
        for (path, id) in parts {
            for package in self.status(tree, &path, id) {
                self.packages.push(OsPackage { layer: tree.node(id).layer, ..package });
            }
        }
    }

    /// The installed packages of a status file.
    fn status(&mut self, tree: &Tree, path: &ImagePath, node: NodeId) -> Vec<OsPackage> {
        let Some(text) = tree.text(path) else {
            self.unread(tree, path, node, "the package database was not read".to_owned());
            return Vec::new();
        };
        match dpkg_status(text) {
            Ok(packages) => packages
                .into_iter()
                .map(|package| OsPackage {
                    name: package.name,
                    version: package.version,
                    architecture: package.architecture,
                    manager: "dpkg".to_owned(),
                    source: package.source,
                    license: Fact::Unknown("dpkg does not note licences".into()),
                    layer: None,
                })
                .collect(),
            Err(error) => {
                self.unread(tree, path, node, error.to_string());
                Vec::new()
            }
        }
    }

    fn apk(&mut self, tree: &Tree) {
        let Some((path, node)) = APK.iter().find_map(|path| existing_file(tree, path)) else { return };
        self.database = true;
        let Some(text) = tree.text(&path) else {
            self.unread(tree, &path, node, "the package database was not read".to_owned());
            return;
        };
        for package in apk_installed(text) {
            self.apk_files.push((package.name.clone(), package.files));
            self.packages.push(OsPackage {
                version: package.version,
                architecture: package.architecture,
                manager: "apk".to_owned(),
                source: package.origin.filter(|origin| *origin != package.name),
                license: package.license.into(),
                name: package.name,
                layer: None,
            });
        }
    }

    fn rpm(&mut self, tree: &Tree) {
        let Some((path, node)) = rpm_file(tree) else { return };
        self.database = true;
        let Some(FileFacts::Rpm(database)) = &tree.node(node).facts else {
            let reason = match &tree.node(node).facts {
                Some(FileFacts::Unread(reason)) => reason.to_string(),
                _ => "the package database was not read".to_owned(),
            };
            self.unread(tree, &path, node, reason);
            return;
        };
        if let Completeness::Incomplete(reasons) = &database.complete {
            for reason in reasons {
                self.unread(tree, &path, node, reason.to_string());
            }
        }
        let log = path.join("..").join(RPM_LOG);
        if let Some(log_node) = tree.resolve(&log).ok().map(|found| found.node).filter(|id| tree.node(*id).size > 0) {
            let reason = "SQLite had not written the newest changes into the database, and they are not read".to_owned();
            self.unread(tree, &log, log_node, reason);
        }
        for package in &database.packages {
            self.packages.push(OsPackage {
                name: package.name.clone(),
                version: package.version.clone(),
                architecture: package.architecture.clone(),
                manager: "rpm".to_owned(),
                source: package.source.clone().filter(|source| *source != package.name),
                license: package.license.clone().into(),
                layer: None,
            });
        }
    }

    fn unread(&mut self, tree: &Tree, path: &ImagePath, node: NodeId, reason: String) {
        self.complete.lacks(format!("`{path}`: {reason}"));
        self.gaps.push(gap(path, "package-database-unread", reason, tree.node(node).layer));
    }
}

/// By name and version, then all else that tells packages apart.
fn order(package: &OsPackage) -> (&str, &str, Option<&str>, &str, Option<u32>) {
    (&package.name, &package.version, package.architecture.as_deref(), &package.manager, package.layer)
}

/// The database that rpm would open.
fn rpm_file(tree: &Tree) -> Option<(ImagePath, NodeId)> {
    let places = RPM.iter().flat_map(|directory| RPM_FILES.iter().map(move |name| format!("{directory}/{name}")));
    places.into_iter().find_map(|path| existing_file(tree, &path))
}

/// What rpm's database holds, where there is one and it was read.
pub(crate) fn rpm_database(tree: &Tree) -> Option<&RpmDatabase> {
    match &tree.node(rpm_file(tree)?.1).facts {
        Some(FileFacts::Rpm(database)) => Some(database),
        _ => None,
    }
}

fn existing_file(tree: &Tree, path: &str) -> Option<(ImagePath, NodeId)> {
    let path = ImagePath::new(path)?;
    let resolved = tree.resolve(&path).ok()?;
    tree.node(resolved.node).is_file().then_some((path, resolved.node))
}

#[cfg(test)]
mod tests {
    use super::OsPackages;
    use crate::introspect::test_tree::TestTree;

    fn shown(found: &OsPackages) -> Vec<String> {
        found.packages.iter().map(|package| format!("{} {} {}", package.manager, package.name, package.version)).collect()
    }

    #[test]
    fn only_installed_packages_are_listed() {
        let mut tree = TestTree::new();
        tree.text(
            "/var/lib/dpkg/status",
            "Package: b\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2-1\n\n\
             Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n",
        );
        tree.text("/var/lib/dpkg/info/b:amd64.list", "/usr/bin/b\n");
        let found = OsPackages::of(tree.tree());
        assert_eq!(shown(&found), ["dpkg b 2-1"]);
        assert_eq!(found.packages[0].layer, Some(1));
    }

    #[test]
    fn distroless_has_a_file_for_each_package() {
        let mut tree = TestTree::new();
        tree.text("/var/lib/dpkg/status.d/libc6", "Package: libc6\nVersion: 2.36-9\nArchitecture: amd64\n");
        tree.text("/var/lib/dpkg/status.d/libc6.md5sums", "abc  lib/libc.so.6\n");
        assert_eq!(shown(&OsPackages::of(tree.tree())), ["dpkg libc6 2.36-9"]);
    }

    #[test]
    fn alpine_has_packages_with_their_files() {
        let mut tree = TestTree::new();
        tree.text("/lib/apk/db/installed", "P:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\n\n");
        let found = OsPackages::of(tree.tree());
        assert_eq!(shown(&found), ["apk musl 1.2.4-r2"]);
        assert_eq!(found.apk_files.len(), 1);
    }

    #[test]
    fn an_operating_system_without_a_known_database_may_have_any_packages() {
        let mut tree = TestTree::new();
        assert!(OsPackages::of(tree.tree()).complete.is_complete());
        tree.text("/etc/os-release", "ID=arch\n");
        assert!(!OsPackages::of(tree.tree()).complete.is_complete());
        tree.text("/var/lib/dpkg/status", "");
        assert!(OsPackages::of(tree.tree()).complete.is_complete());
    }

    #[test]
    fn a_database_of_rpm_that_was_not_read_is_a_gap() {
        let mut tree = TestTree::new();
        tree.unread("/var/lib/rpm/rpmdb.sqlite", 0o644);
        let found = OsPackages::of(tree.tree());
        assert!(!found.complete.is_complete());
        assert_eq!((found.gaps[0].code.as_str(), found.gaps[0].reason.as_str()), ("package-database-unread", "too large"));
    }

    #[test]
    fn packages_of_rpm_are_listed_and_what_is_not_written_yet_is_a_gap() {
        let mut tree = TestTree::new();
        tree.rpm("/usr/lib/sysimage/rpm/rpmdb.sqlite", &[("bash", "/usr/bin/bash"), ("python3", "/usr/bin/python3")]);
        tree.symlink("/var/lib/rpm", "../../usr/lib/sysimage/rpm");
        tree.sized("/usr/lib/sysimage/rpm/rpmdb.sqlite-wal", 0);
        let found = OsPackages::of(tree.tree());
        assert_eq!(shown(&found), ["rpm bash 0:1-2", "rpm python3 0:1-2"]);
        assert!(found.complete.is_complete() && found.gaps.is_empty());
        let bash = &found.packages[0];
        assert_eq!((bash.license.known().map(String::as_str), bash.source.as_deref()), (Some("MIT"), Some("source")));
        tree.sized("/usr/lib/sysimage/rpm/rpmdb.sqlite-wal", 4096);
        let found = OsPackages::of(tree.tree());
        assert_eq!(found.gaps[0].place, "/var/lib/rpm/rpmdb.sqlite-wal");
        assert!(!found.complete.is_complete());
    }
}

//! `/usr/local` as a prefix of the Pythons that Fedora, SUSE and their kin ship, whose `site` is patched; never Debian's own way.

use crate::{extract::os_release::os_release, filesystem::Tree, image::ImagePath};

use super::{
    installation::Installation,
    package_files::PackageFiles,
    runtime::{Implementation, Runtime},
};

/// Where `os-release` is, the first that can be read.
const OS_RELEASE: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// How a distribution's `site` takes `/usr/local`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalPrefix {
    /// Before all others, where the user's directory counts (Fedora, RHEL, Amazon Linux).
    First,
    /// After all others, except in a closed virtual environment (SUSE).
    Last,
}

impl LocalPrefix {
    /// The way of an interpreter that rpm installed below `/usr`.
    pub(crate) fn of(tree: &Tree, packages: &PackageFiles<'_>, runtime: &Runtime, installation: &Installation) -> Option<Self> {
        let is_theirs = runtime.implementation == Implementation::CPython
            && (runtime.major, runtime.minor) >= (3, 6)
            && installation.prefix.as_bytes() == b"/usr";
        if !is_theirs {
            return None;
        }
        // Where the database was removed, the system's own word has to do.
        let site = tree.resolve(&installation.library.join("site.py")).ok()?;
        if !packages.is_empty() && (!packages.is_of_rpm() || packages.owner(&site.path).is_none()) {
            return None;
        }
        let release = OS_RELEASE.iter().find_map(|path| tree.text(&ImagePath::new(path)?)).map(os_release)?;
        let families = ["ID", "ID_LIKE"].into_iter().filter_map(|key| release.get(key)).flat_map(|value| value.split(' '));
        families.into_iter().find_map(|family| match family {
            "fedora" | "rhel" | "centos" | "amzn" => Some(Self::First),
            "suse" | "sles" | "opensuse" => Some(Self::Last),
            _ => None,
        })
    }
}

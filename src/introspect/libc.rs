//! The C libraries that are in the image, by their own words; never by the name of the operating system.

use crate::{
    extract::{FileFacts, LibcBanner},
    facts::{Fact, Libc, OsPackage},
    filesystem::Tree,
    image::ImagePath,
};

use super::survey::{ElfFile, Survey};

/// Packages that ship a C library.
const PACKAGES: [(&str, &str); 4] = [("glibc", "libc6"), ("glibc", "glibc"), ("glibc", "libc-bin"), ("musl", "musl")];

/// The C library for the image's architecture, else the first that there is; absent where there is none.
pub(crate) fn libc(tree: &Tree, survey: &Survey, architecture: Option<&str>, packages: &[OsPackage]) -> Fact<Libc> {
    let mut candidates: Vec<(&ElfFile, &'static str)> =
        survey.distinct_elf().filter_map(|file| Some((file, name_of(file)?))).collect();
    // A library in the loader's own directories before a copy elsewhere; the sort is stable over paths.
    candidates.sort_by_key(|(file, _)| {
        let foreign = architecture.is_some_and(|architecture| file.facts.architecture != architecture);
        (foreign, !is_standard_place(file), file.facts.libc.is_none())
    });
    let Some((file, name)) = candidates.first() else { return Fact::Absent };
    let version = version(file.facts.libc.as_ref(), name, packages);
    let path = tree.resolve(&file.path).map_or_else(|_| file.path.to_string(), |resolved| resolved.path.to_string());
    Fact::Known(Libc { name: (*name).to_owned(), version, path })
}

/// The C library that a program runs with: the one that its loader finds. `soabi` tells of a program that has none.
pub(crate) fn libc_of(
    tree: &Tree,
    survey: &Survey,
    packages: &[OsPackage],
    program: &ElfFile,
    soabi: Option<&str>,
) -> Fact<Libc> {
    let Some(loader) = &program.facts.loader else {
        let linked = |name: &str| Libc {
            name: name.to_owned(),
            version: Fact::Unknown("it is a part of the interpreter, where it does not say its version".into()),
            path: program.path.to_string(),
        };
        return match soabi.and_then(|tag| tag.rsplit('-').next()) {
            Some(system) if system.starts_with("musl") => Fact::Known(linked("musl")),
            Some(system) if system.starts_with("gnu") => Fact::Known(linked("glibc")),
            _ => Fact::Unknown("it loads none, and does not say which one is a part of it".into()),
        };
    };
    let Some(loader) = ImagePath::new(loader) else { return Fact::Unknown(format!("its loader `{loader}` is no path").into()) };
    let name = match loader.file_name() {
        name if name.starts_with(b"ld-musl-") => "musl",
        name if name.starts_with(b"ld-linux") || name.starts_with(b"ld64.so") || name.starts_with(b"ld.so") => "glibc",
        _ => return Fact::Unknown(format!("its loader `{loader}` is of no C library that is known").into()),
    };
    let resolved = tree.resolve(&loader).ok().map(|resolved| resolved.path);
    let path = match (name, &resolved) {
        ("musl", _) => resolved,
        _ => beside(tree, &loader, resolved.as_ref()).or_else(|| anywhere(tree, survey, program)),
    };
    let Some(path) = path else {
        let version = Fact::Unknown(format!("`{loader}` leads to none in the image").into());
        return Fact::Known(Libc { name: name.to_owned(), version, path: loader.to_string() });
    };
    let banner = match tree.facts(&path) {
        Some(FileFacts::Elf(facts)) => facts.libc.as_ref(),
        _ => None,
    };
    Fact::Known(Libc { name: name.to_owned(), version: version(banner, name, packages), path: path.to_string() })
}

/// glibc beside its loader, whether the loader is named by a link or not.
fn beside(tree: &Tree, loader: &ImagePath, resolved: Option<&ImagePath>) -> Option<ImagePath> {
    [resolved, Some(loader)].into_iter().flatten().find_map(|loader| {
        let found = tree.resolve(&loader.parent()?.join("libc.so.6")).ok()?;
        Some(found.path)
    })
}

/// The glibc for the program's architecture that stands where loaders look.
fn anywhere(tree: &Tree, survey: &Survey, program: &ElfFile) -> Option<ImagePath> {
    let fits = |file: &&ElfFile| {
        file.facts.architecture == program.facts.architecture && name_of(file) == Some("glibc") && is_standard_place(file)
    };
    let found = survey.distinct_elf().find(fits)?;
    tree.resolve(&found.path).ok().map(|resolved| resolved.path)
}

/// What a C library says of itself, else its package.
fn version(banner: Option<&LibcBanner>, name: &str, packages: &[OsPackage]) -> Fact<String> {
    if let Some(banner) = banner {
        return Fact::Known(banner.version.clone());
    }
    let mut known = PACKAGES.iter().filter(|(library, _)| *library == name);
    known.find_map(|(_, package)| packages.iter().find(|known| known.name == *package)).map_or_else(
        || Fact::Unknown("neither its bytes nor the package database say which version it is".into()),
        |package| Fact::Known(upstream(&package.version).to_owned()),
    )
}

/// Which C library a file is, by its banner, else by the names that loaders know it by.
fn name_of(file: &ElfFile) -> Option<&'static str> {
    if let Some(banner) = &file.facts.libc {
        return Some(banner.name);
    }
    let name = file.path.file_name();
    if name == b"libc.so.6" || file.facts.soname.as_deref() == Some("libc.so.6") {
        return Some("glibc");
    }
    (name.starts_with(b"ld-musl-") || name.starts_with(b"libc.musl-")).then_some("musl")
}

fn is_standard_place(file: &ElfFile) -> bool {
    let mut parts = file.path.components().skip_while(|part| *part == b"usr");
    parts.next().is_some_and(|top| top.starts_with(b"lib")) && parts.count() <= 2
}

/// `2.36` of Debian's `2.36-9+deb12u10`, `1.2.4` of Alpine's `1.2.4-r2`.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.split(['-', '+']).next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::{libc, libc_of};
    use crate::{
        extract::{ElfFacts, LibcBanner},
        facts::{Fact, Libc, OsPackage},
        introspect::{survey::Survey, test_tree::TestTree},
    };

    fn library(banner: Option<(&'static str, &str)>) -> ElfFacts {
        ElfFacts {
            architecture: "amd64".to_owned(),
            libc: banner.map(|(name, version)| LibcBanner { name, version: version.to_owned() }),
            ..ElfFacts::default()
        }
    }

    fn find(tree: &TestTree, packages: &[OsPackage]) -> Option<(String, Fact<String>, String)> {
        match libc(tree.tree(), &Survey::of(tree.tree()), Some("amd64"), packages) {
            Fact::Known(Libc { name, version, path }) => Some((name, version, path)),
            _ => None,
        }
    }

    #[test]
    fn the_banner_of_the_library_in_use_tells() {
        let mut tree = TestTree::new();
        tree.elf("/opt/old/libc.so.6", library(Some(("glibc", "2.17"))));
        tree.elf("/usr/lib/x86_64-linux-gnu/libc.so.6", library(Some(("glibc", "2.36"))));
        assert_eq!(
            find(&tree, &[]),
            Some(("glibc".to_owned(), Fact::Known("2.36".to_owned()), "/usr/lib/x86_64-linux-gnu/libc.so.6".to_owned()))
        );
    }

    #[test]
    fn without_a_banner_the_package_tells_else_it_is_unknown() {
        let mut tree = TestTree::new();
        tree.elf("/lib/ld-musl-x86_64.so.1", library(None));
        let package = OsPackage { name: "musl".to_owned(), version: "1.2.4-r2".to_owned(), ..OsPackage::default() };
        let version = |packages: &[OsPackage]| find(&tree, packages).expect("found").1;
        assert_eq!(version(&[package]), Fact::Known("1.2.4".to_owned()));
        assert!(matches!(version(&[]), Fact::Unknown(_)));
    }

    #[test]
    fn an_image_without_a_libc_has_none() {
        assert_eq!(find(&TestTree::new(), &[]), None);
    }

    /// The C library of a program with this loader, or tag.
    fn of(tree: &mut TestTree, loader: Option<&str>, soabi: Option<&str>) -> Fact<Libc> {
        let loader = loader.map(str::to_owned);
        tree.elf("/srv/program", ElfFacts { architecture: "amd64".to_owned(), loader, ..ElfFacts::default() });
        let survey = Survey::of(tree.tree());
        let program = survey.elf.iter().find(|file| file.path.file_name() == b"program").expect("it is there");
        libc_of(tree.tree(), &survey, &[], program, soabi)
    }

    #[test]
    fn a_program_runs_with_the_library_that_its_loader_finds() {
        let mut tree = TestTree::new();
        tree.elf("/usr/lib/x86_64-linux-gnu/libc.so.6", library(Some(("glibc", "2.36"))));
        tree.elf("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", ElfFacts::default());
        tree.symlink("/lib64/ld-linux-x86-64.so.2", "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
        tree.elf("/lib/ld-musl-x86_64.so.1", library(Some(("musl", "1.2.4"))));
        let known = |name: &str, version: &str, path: &str| {
            Fact::Known(Libc { name: name.to_owned(), version: Fact::Known(version.to_owned()), path: path.to_owned() })
        };
        let glibc = known("glibc", "2.36", "/usr/lib/x86_64-linux-gnu/libc.so.6");
        assert_eq!(of(&mut tree, Some("/lib64/ld-linux-x86-64.so.2"), None), glibc);
        assert_eq!(of(&mut tree, Some("/lib/ld-musl-x86_64.so.1"), None), known("musl", "1.2.4", "/lib/ld-musl-x86_64.so.1"));
        assert!(matches!(of(&mut tree, Some("/lib/ld-other.so"), None), Fact::Unknown(_)));
    }

    #[test]
    fn a_program_whose_library_is_not_there_or_a_part_of_it_has_no_version_of_it() {
        let mut tree = TestTree::new();
        for (loader, soabi, name) in [
            (Some("/lib64/ld-linux-x86-64.so.2"), None, "glibc"),
            (Some("/lib/ld-musl-x86_64.so.1"), None, "musl"),
            (None, Some("cpython-312-x86_64-linux-musl"), "musl"),
            (None, Some("cpython-312-arm-linux-gnueabihf"), "glibc"),
        ] {
            let Fact::Known(found) = of(&mut tree, loader, soabi) else { panic!("{name}") };
            assert_eq!(found.name, name);
            assert!(matches!(found.version, Fact::Unknown(_)));
        }
        assert!(matches!(of(&mut tree, None, None), Fact::Unknown(_)));
    }
}

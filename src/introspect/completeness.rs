//! Which lists may lack something because of what could not be read, and why; never what is in them.

use crate::{
    facts::{Completeness, Environment, Gap},
    filesystem::{Tree, entries_lost, may_be_elf, may_lie_in, mounted_twice},
    image::ImagePath,
};

use super::survey::Survey;

/// The gap of an interpreter whose environment cannot be told.
const NO_VERSION: &str = "interpreter-version-unknown";

/// Places that are named one by one; the rest is counted.
const NAMED: usize = 3;

/// Whether each list that comes out of the tree holds all.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) files: Completeness,
    pub(crate) conda_packages: Completeness,
    pub(crate) binaries: Completeness,
    pub(crate) interpreters: Completeness,
    pub(crate) environments: Completeness,
}

impl Lists {
    /// What the lists may lack, by the gaps that the layers left and the files of the tree that were not read.
    pub(crate) fn of(tree: &Tree, survey: &Survey, layer_gaps: &[Gap], own_gaps: &[Gap]) -> Self {
        let mut lists = Self::default();
        let lost: Vec<String> = entries_lost(tree, layer_gaps).map(reason).collect();
        let Self { files, conda_packages, binaries, interpreters, environments } = &mut lists;
        for list in [files, conda_packages, binaries, interpreters, environments] {
            told(list, &lost);
        }
        // What lies in a directory that is mounted twice is known, but not under all its paths.
        let twice: Vec<String> = mounted_twice(layer_gaps).map(reason).collect();
        told(&mut lists.files, &twice);
        told(&mut lists.binaries, &twice);

        let unread = survey.unread.iter().map(|(path, id)| (path, tree.node(*id).mode));
        let elf: Vec<(&ImagePath, u32)> = unread.filter(|(path, mode)| may_be_elf(path, *mode)).collect();
        let not_read = |path: &ImagePath| format!("`{path}` may be one: it was not read");
        told(&mut lists.binaries, &elf.iter().map(|(path, _)| not_read(path)).collect::<Vec<_>>());
        let programs: Vec<String> =
            elf.iter().filter(|(path, mode)| may_start(path, *mode)).map(|(path, _)| not_read(path)).collect();
        told(&mut lists.interpreters, &programs);
        told(&mut lists.environments, &programs);

        let configurations = survey.unread.iter().filter(|(path, _)| path.file_name() == b"pyvenv.cfg");
        told(&mut lists.environments, &configurations.map(|(path, _)| not_read(path)).collect::<Vec<_>>());
        let records = survey.unread.iter().filter(|(path, _)| {
            path.file_name().ends_with(b".json") && path.parent().is_some_and(|parent| parent.file_name() == b"conda-meta")
        });
        told(&mut lists.conda_packages, &records.map(|(path, _)| not_read(path)).collect::<Vec<_>>());
        let unknown = own_gaps.iter().filter(|gap| gap.code == NO_VERSION);
        told(&mut lists.environments, &unknown.map(reason).collect::<Vec<_>>());
        lists
    }
}

/// Notes in an environment that entries on its path may be missing from the tree: it may hold more modules and distributions.
pub(crate) fn on_path(environment: &mut Environment, tree: &Tree, layer_gaps: &[Gap]) {
    let path: Vec<ImagePath> = environment.path.iter().filter_map(ImagePath::new).collect();
    let lost = entries_lost(tree, layer_gaps).filter(|gap| path.iter().any(|entry| may_lie_in(tree, gap, entry)));
    let reasons: Vec<String> = lost.map(reason).collect();
    told(&mut environment.modules_complete, &reasons);
    told(&mut environment.path_complete, &reasons);
}

fn reason(gap: &Gap) -> String {
    format!("`{}`: {}", gap.place, gap.reason)
}

/// Whether an unread file may be an interpreter, or the library that a launcher needs to be one. Other shared libraries
/// cannot: nobody starts them, and launchers ask for theirs by name.
fn may_start(path: &ImagePath, mode: u32) -> bool {
    let name = path.file_name();
    let is_library = name.ends_with(b".so") || memchr::memmem::find(name, b".so.").is_some();
    let is_runtime = name.starts_with(b"libpython") || name.starts_with(b"libpypy");
    is_runtime || (!is_library && mode & 0o111 != 0)
}

/// Adds reasons to a list: a few one by one, and how many more there are.
fn told(list: &mut Completeness, reasons: &[String]) {
    for reason in reasons.iter().take(NAMED) {
        list.lacks(reason.as_str());
    }
    if reasons.len() > NAMED {
        list.lacks(format!("{} more places could not be read", reasons.len() - NAMED));
    }
}

#[cfg(test)]
mod tests {
    use super::Lists;
    use crate::{
        facts::{Completeness, Gap},
        introspect::{survey::Survey, test_tree::TestTree},
    };

    fn gap(place: &str, code: &str) -> Gap {
        Gap { place: place.into(), code: code.into(), reason: "why".into(), layer: None }
    }

    fn lists(tree: &TestTree, gaps: &[Gap]) -> Lists {
        Lists::of(tree.tree(), &Survey::of(tree.tree()), gaps, &[])
    }

    fn reasons(list: &Completeness) -> Vec<&str> {
        match list {
            Completeness::Complete => Vec::new(),
            Completeness::Incomplete(reasons) => reasons.iter().map(|reason| reason.as_str()).collect(),
        }
    }

    #[test]
    fn an_entry_that_is_not_in_the_tree_may_be_anything() {
        let found = lists(&TestTree::new(), &[gap("/root", "permission-denied")]);
        for list in [&found.files, &found.binaries, &found.interpreters, &found.environments] {
            assert_eq!(reasons(list), ["`/root`: why"]);
        }
    }

    #[test]
    fn a_file_that_was_not_read_is_still_a_file() {
        let mut tree = TestTree::new();
        tree.unread("/opt/tool", 0o755);
        let found = lists(&tree, &[gap("/opt/tool", "read-error")]);
        assert!(found.files.is_complete());
        for list in [&found.binaries, &found.interpreters, &found.environments] {
            assert_eq!(reasons(list), ["`/opt/tool` may be one: it was not read"]);
        }
    }

    #[test]
    fn only_what_could_start_is_perhaps_an_interpreter() {
        let mut tree = TestTree::new();
        tree.unread("/opt/libtorch_cuda.so", 0o755);
        tree.unread("/srv/huge.py", 0o755);
        let found = lists(&tree, &[]);
        assert_eq!(reasons(&found.binaries), ["`/opt/libtorch_cuda.so` may be one: it was not read"]);
        assert!(found.interpreters.is_complete() && found.environments.is_complete());
        tree.unread("/usr/lib/libpython3.12.so.1.0", 0o644);
        assert!(!lists(&tree, &[]).interpreters.is_complete());
    }

    #[test]
    fn an_unread_configuration_may_be_an_environment() {
        let mut tree = TestTree::new();
        tree.unread("/opt/venv/pyvenv.cfg", 0o644);
        let found = lists(&tree, &[]);
        assert!(found.interpreters.is_complete() && found.binaries.is_complete());
        assert_eq!(reasons(&found.environments), ["`/opt/venv/pyvenv.cfg` may be one: it was not read"]);
    }

    #[test]
    fn many_places_are_counted() {
        let gaps: Vec<Gap> = (0..5).map(|at| gap(&format!("/d{at}"), "permission-denied")).collect();
        let found = lists(&TestTree::new(), &gaps);
        assert_eq!(reasons(&found.files), ["`/d0`: why", "`/d1`: why", "`/d2`: why", "2 more places could not be read"]);
    }
}

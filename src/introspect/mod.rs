//! From the merged tree and the facts of files to what an image holds; never bytes of layers, never a verdict.

mod archive;
mod built;
mod completeness;
mod conda;
mod context;
mod copies;
mod distributions;
mod entry_point;
#[cfg(test)]
mod environment_tests;
mod environments;
mod files;
mod finder;
#[cfg(test)]
mod finder_oracle;
mod hooks;
mod installation;
mod integrity;
mod interpreters;
#[cfg(test)]
mod layout_tests;
mod libc;
mod local_prefix;
mod managed;
mod modules;
mod offer;
mod os;
mod os_packages;
mod ownership;
mod package_files;
mod placement;
mod platform;
mod provenance;
mod reachable;
mod runtime;
mod second_names;
mod settled;
mod site;
mod sources;
mod stdlib_names;
mod survey;
mod sys_path;
#[cfg(test)]
mod test_tree;
mod users;
mod vendored;

use rayon::prelude::*;

pub use context::{Context, FileList, Integrity};
pub use placement::{PlacedModule, place};
pub use sources::{Sources, identifier, sources};

use crate::{
    facts::{Binary, Completeness, CondaPackage, Environment, Fact, File, Gap, Interpreter, OperatingSystem, OsPackage},
    filesystem::Tree,
};

use completeness::Lists;
use conda::CondaPrefixes;
use interpreters::Machine;
use os_packages::OsPackages;
use package_files::PackageFiles;
use survey::Survey;

/// All of an inventory that comes from the merged tree.
#[derive(Debug, Clone)]
pub struct Introspection {
    /// The operating system; `None` where the image has no `os-release`.
    pub os: Option<OperatingSystem>,
    /// Packages of the operating system's package manager, sorted.
    pub os_packages: Vec<OsPackage>,
    /// Whether `os_packages` holds all.
    pub os_packages_complete: Completeness,
    /// Packages of conda in every prefix, sorted.
    pub conda_packages: Vec<CondaPackage>,
    /// Whether `conda_packages` holds all.
    pub conda_packages_complete: Completeness,
    /// Every ELF file, sorted by path.
    pub binaries: Vec<Binary>,
    /// Whether `binaries` holds all.
    pub binaries_complete: Completeness,
    /// Every interpreter, sorted by path.
    pub interpreters: Vec<Interpreter>,
    /// Whether `interpreters` holds all.
    pub interpreters_complete: Completeness,
    /// Every environment: those of the interpreters, then conda's others and the virtual ones, each sorted by path.
    pub environments: Vec<Environment>,
    /// Whether `environments` holds all.
    pub environments_complete: Completeness,
    /// Every entry of the tree, parents first; none where the list was not asked for.
    pub files: Vec<File>,
    /// Whether `files` holds all.
    pub files_complete: Completeness,
    /// What could not be read, sorted and without repeats.
    pub gaps: Vec<Gap>,
    /// The number of the user that the image runs as.
    pub uid: Fact<u64>,
}

/// Learns from the merged tree all that it holds. Nothing of the image is executed, and nothing can fail: what could not be
/// learnt is a gap, an unknown fact or an incomplete list.
pub fn introspect(tree: &Tree, context: &Context<'_>) -> Introspection {
    let survey = Survey::of(tree);
    let system = OsPackages::of(tree);
    let packages = PackageFiles::of(tree, &system.apk_files).with_conda(CondaPrefixes::of(tree, &survey));
    let libc = libc::libc(tree, &survey, context.architecture(), &system.packages);
    let (os, os_gap) = os::operating_system(tree, libc);
    let machine = Machine { tree, survey: &survey, files: &packages, packages: &system.packages, context };
    let (found, launcher_gaps) = interpreters::interpreters(&machine);
    let entry_point = entry_point::entry_point(tree, context, |node| found.iter().any(|known| known.node == node));
    let (found_environments, environment_gaps) =
        environments::environments(tree, &survey, &found, &packages, context, entry_point.as_ref());
    let (mut environments, distribution_gaps): (Vec<Environment>, Vec<Vec<Gap>>) =
        found_environments.par_iter().map(|environment| modules::environment(tree, &packages, environment, context)).unzip();
    reachable::reachable(tree, context, &found_environments, &mut environments);
    let binaries = platform::binaries(tree, &survey);
    let mut lists = Lists::of(tree, &survey, context.gaps, &environment_gaps);
    for environment in &mut environments {
        completeness::on_path(environment, tree, context.gaps);
    }
    let files = match context.files {
        FileList::Make => files::files(tree, &packages),
        FileList::Leave => {
            lists.files = Completeness::Incomplete(vec!["the files were not listed when the target was looked into".into()]);
            Vec::new()
        }
    };
    let mut gaps = survey.gaps;
    gaps.extend(os_gap);
    gaps.extend(system.gaps);
    gaps.extend(launcher_gaps);
    gaps.extend(environment_gaps);
    gaps.extend(distribution_gaps.into_iter().flatten());
    gaps.sort();
    gaps.dedup();
    Introspection {
        os,
        os_packages: system.packages,
        os_packages_complete: system.complete,
        conda_packages: packages.conda().packages(tree),
        conda_packages_complete: lists.conda_packages,
        binaries,
        binaries_complete: lists.binaries,
        interpreters: found.into_iter().map(|interpreter| interpreter.facts).collect(),
        interpreters_complete: lists.interpreters,
        environments,
        environments_complete: lists.environments,
        files,
        files_complete: lists.files,
        gaps,
        uid: users::user_id(tree, context),
    }
}

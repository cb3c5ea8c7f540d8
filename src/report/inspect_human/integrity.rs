//! What became of an environment's installed files: a few by name, the rest as numbers; never asking whether that is bad.

use super::section::Section;
use crate::{
    facts::{Completeness, Distribution, Environment, InstalledFile},
    report::{layout::listed_up_to, quantity::counted},
};

/// Files of one kind that are named.
const MOST: usize = 20;

/// The rows of files that were changed, are gone, or belong to nobody.
pub(super) fn rows(section: &mut Section, environment: &Environment) {
    altered(section, environment, "modified", |distribution| (&distribution.modified, &distribution.modified_complete));
    altered(section, environment, "missing", |distribution| (&distribution.missing, &distribution.missing_complete));
    let unowned: Vec<String> = environment.unowned.iter().map(|file| file.path.clone()).collect();
    if !unowned.is_empty() {
        section.row("unowned", format!("{}: {}", counted(unowned.len(), "file"), listed_up_to(&unowned, MOST)));
    }
    if let Completeness::Incomplete(reasons) = &environment.unowned_complete {
        section.row("unowned", format!("perhaps not all: {}", reasons.join("; ")));
    }
}

fn altered(
    section: &mut Section,
    environment: &Environment,
    name: &str,
    of: impl Fn(&Distribution) -> (&Vec<InstalledFile>, &Completeness),
) {
    // Packages of the system are built with files that differ: their manager answers for them.
    let (system, own): (Vec<_>, Vec<_>) =
        environment.distributions.iter().partition(|distribution| distribution.os_package.is_some());
    let files: Vec<(&Distribution, &InstalledFile)> =
        own.iter().flat_map(|distribution| of(distribution).0.iter().map(|file| (*distribution, file))).collect();
    for (distribution, file) in files.iter().take(MOST) {
        section.row(name, format!("{} of {}: {}", file.path, distribution.name, file.reason));
    }
    if files.len() > MOST {
        section.row(name, format!("{} more", files.len() - MOST));
    }
    let systems: usize = system.iter().map(|distribution| of(distribution).0.len()).sum();
    if systems > 0 {
        section.row(name, format!("{} that packages of the system ship so", counted(systems, "file")));
    }
    let open: Vec<String> = own
        .iter()
        .filter(|distribution| !of(distribution).1.is_complete())
        .map(|distribution| distribution.name.clone())
        .collect();
    if !open.is_empty() {
        section.row(name, format!("perhaps not all of {}", listed_up_to(&open, MOST)));
    }
}

//! Modules that several names lead to: the shortest names are kept; never where the modules come from.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use crate::facts::{ModuleKind, parents};

use super::{archive::Origin, finder::FoundModule};

/// The modules without those that another name, of fewer parts, leads to as well, where `may_go` says so of their names; and without
/// namespaces that then hold nothing.
pub(crate) fn without_second_names(found: Vec<FoundModule>, may_go: impl Fn(&str) -> bool) -> Vec<FoundModule> {
    let parts = |module: &FoundModule| module.name.split('.').count();
    let mut fewest: HashMap<Origin, usize> = HashMap::new();
    for module in &found {
        if let Some((_, origin)) = &module.file {
            let count = fewest.entry(*origin).or_insert(usize::MAX);
            *count = parts(module).min(*count);
        }
    }
    let is_kept = |module: &FoundModule| {
        let Some((_, origin)) = &module.file else { return true };
        !may_go(&module.name) || fewest.get(origin).is_none_or(|fewest| *fewest == parts(module))
    };
    let kept: Vec<FoundModule> = found.into_iter().filter(is_kept).collect();
    let inhabited: HashSet<SmolStr> = kept
        .iter()
        .filter(|module| module.kind != ModuleKind::Namespace)
        .flat_map(|module| parents(&module.name).map(SmolStr::new))
        .collect();
    kept.into_iter().filter(|module| module.kind != ModuleKind::Namespace || inhabited.contains(&module.name)).collect()
}

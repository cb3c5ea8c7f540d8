//! Dotted names: the packages that a module lies in, and what a relative import counts from; never whether they are there.

use smol_str::{SmolStr, format_smolstr};

use super::Import;

/// The packages that a name lies in, the outermost first; not the name itself.
pub(crate) fn parents(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('.').filter_map(|(end, _)| name.get(..end))
}

/// The full name of what an import names; `None` where a relative one leads out of the top-level package.
pub(crate) fn absolute(module: &str, is_package: bool, import: &Import) -> Option<SmolStr> {
    if import.level == 0 {
        return Some(import.target.clone());
    }
    let up = import.level - u32::from(is_package);
    let mut base = module;
    for _ in 0..up {
        base = base.rsplit_once('.').map(|(parent, _)| parent)?;
    }
    if import.target.is_empty() { Some(SmolStr::new(base)) } else { Some(format_smolstr!("{base}.{}", import.target)) }
}

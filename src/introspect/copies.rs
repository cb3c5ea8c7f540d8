//! Interpreters that a virtual environment holds copies of: what brought the original brought them; never what they would import.

use crate::{
    extract::pyvenv::pyvenv,
    facts::{Fact, InterpreterSource},
    filesystem::Tree,
    image::ImagePath,
};

use super::{interpreters::FoundInterpreter, survey::Survey};

/// Gives copies the source of what they were copied from.
pub(crate) fn say_what_copies_are_of(tree: &Tree, survey: &Survey, found: &mut [FoundInterpreter]) {
    let said: Vec<Option<Fact<InterpreterSource>>> = found
        .iter()
        .map(|copy| {
            let (environment, home) = home(tree, survey, &copy.path)?;
            let original = home.and_then(|home| {
                found.iter().find(|known| {
                    let directory = known.path.parent();
                    directory.is_some_and(|directory| directory == home)
                        && known.facts.implementation == copy.facts.implementation
                })
            });
            Some(original.map_or_else(
                || {
                    let reason = format!("it was copied into the virtual environment `{environment}` from what is not there");
                    Fact::Unknown(reason.into())
                },
                |original| original.facts.source.clone(),
            ))
        })
        .collect();
    for (copy, source) in found.iter_mut().zip(said) {
        if let Some(source) = source {
            copy.facts.source = source;
        }
    }
}

/// The virtual environment that an interpreter stands in, and the directory of what it was made from: `pyvenv.cfg`, or what an old
/// virtualenv has in its place.
fn home(tree: &Tree, survey: &Survey, path: &ImagePath) -> Option<(ImagePath, Option<ImagePath>)> {
    let directory = path.parent()?;
    let resolved = |path: ImagePath| tree.resolve(&path).ok().map(|resolved| resolved.path);
    for prefix in [directory.parent(), Some(directory.clone())].into_iter().flatten() {
        let configuration = prefix.join("pyvenv.cfg");
        if survey.virtual_environments.binary_search(&configuration).is_ok() {
            let home = tree.text(&configuration).and_then(|text| pyvenv(text).home).and_then(ImagePath::new);
            return Some((prefix, home.and_then(resolved)));
        }
    }
    let prefix = directory.parent()?;
    let library = tree.resolve(&prefix.join("lib")).ok()?;
    let mut origins = tree.children(library.node).filter(|(name, _)| name.starts_with(b"python") || name.starts_with(b"pypy"));
    let origin = origins.find_map(|(name, _)| tree.text(&prefix.join("lib").join(name).join("orig-prefix.txt")))?;
    let origin = ImagePath::new(String::from_utf8_lossy(origin).trim());
    Some((prefix, origin.and_then(|origin| resolved(origin.join("bin")))))
}

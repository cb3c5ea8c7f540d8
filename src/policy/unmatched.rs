//! Warnings about patterns of import bans that match nothing, so that a slip of the pen does not read as a pass; never verdicts.

use std::collections::BTreeSet;

use super::{
    check::resolved::{AssertionKind, ModulePattern, Rule, Segment, Side},
    compile::Plan,
    evaluate::Outcome,
    library,
    syntax::words::nearest,
};
use crate::{
    diagnostic::{Diagnostic, Severity, Span},
    facts::{Inventory, standard_modules},
};

/// Fewest letters of a name in which one other letter is taken for a slip: short names are often but one letter apart.
const LONG_NAME: usize = 6;

/// Everything that matched nothing. The library's own patterns are for images that need them.
pub(super) fn warnings(plan: &Plan, outcome: &Outcome, inventory: &Inventory) -> Vec<Diagnostic> {
    let exceptions = outcome.unmatched.iter().filter_map(|at| exception(plan, *at));
    let importers = outcome.uninhabited.iter().filter_map(|at| importer(plan, *at));
    exceptions.chain(importers).chain(targets(plan, inventory)).collect()
}

fn assertion(plan: &Plan, rule: usize, assertion: usize) -> Option<(&Rule, &AssertionKind)> {
    let rule = plan.rules.get(rule)?;
    Some((rule, &rule.assertions.get(assertion)?.kind))
}

/// An exception that matched no import.
fn exception(plan: &Plan, (rule, at, exception): (usize, usize, usize)) -> Option<Diagnostic> {
    let (rule, kind) = assertion(plan, rule, at)?;
    let (_, _, span) = kind.exceptions().get(exception)?;
    let message = format!("an exception of `{}` matched no import", rule.name);
    let warning = Diagnostic::new("unmatched-exception", Severity::Warning, message);
    (!library::holds(&span.source.text))
        .then(|| warning.label(span.clone(), "excepts nothing").help("remove it, or correct its patterns"))
}

/// An importer, named beside others, that is no module.
fn importer(plan: &Plan, (rule, at, place): (usize, usize, usize)) -> Option<Diagnostic> {
    let (rule, kind) = assertion(plan, rule, at)?;
    let span = kind.judged()?.places.get(place)?.clone();
    let message = format!("a pattern of `{}` matched no module", rule.name);
    let warning = Diagnostic::new("unmatched-pattern", Severity::Warning, message);
    let label = if kind.is_over_imports() { "forbids nothing to anybody" } else { "asks nothing of anybody" };
    Some(warning.label(span, label).help("correct it, or remove it"))
}

/// Forbidden modules that are not there and look like a slip for one that is. Most that a ban names are not there, and that is
/// what it is for: only a name that nobody seems to mean is told.
fn targets(plan: &Plan, inventory: &Inventory) -> Vec<Diagnostic> {
    let mut known: Option<BTreeSet<&str>> = None;
    let mut warnings = Vec::new();
    for rule in &plan.rules {
        let sides = rule.assertions.iter().filter_map(|assertion| forbidden(&assertion.kind));
        for (pattern, span) in sides.flat_map(|side| side.patterns.iter().zip(&side.places)) {
            let Some(name) = plan.pattern(*pattern).and_then(top_level) else { continue };
            if library::holds(&span.source.text) {
                continue;
            }
            let known = known.get_or_insert_with(|| {
                let standard = standard_modules(None).map(|module| -> &str { module.name });
                standard.chain(top_levels(inventory)).collect()
            });
            if known.contains(name) {
                continue;
            }
            if let Some(near) = nearest(name, known.iter().copied().filter(|near| is_slip(name, near))) {
                warnings.push(mistyped(rule, name, near, span));
            }
        }
    }
    warnings
}

fn mistyped(rule: &Rule, name: &str, near: &str, span: &Span) -> Diagnostic {
    let message = format!("`{}` forbids `{name}`, which is no module that is known", rule.name);
    Diagnostic::new("unmatched-target", Severity::Warning, message)
        .label(span.clone(), "neither in the target nor in the standard library")
        .help(format!("did you mean `{near}`?"))
}

/// The modules that must not be imported, where an assertion is about imports.
fn forbidden(kind: &AssertionKind) -> Option<&Side> {
    match kind {
        AssertionKind::Ban(ban) => Some(&ban.to),
        AssertionKind::Chain(chain) => Some(&chain.to),
        _ => None,
    }
}

/// The first name of a pattern, where it is a name.
fn top_level(pattern: &ModulePattern) -> Option<&str> {
    match pattern.segments.first()? {
        Segment::Name(name) => Some(name),
        Segment::Like(_) | Segment::Rest => None,
    }
}

/// The first names of all modules that are there, and of all that somebody imports.
fn top_levels(inventory: &Inventory) -> impl Iterator<Item = &str> {
    let modules = inventory.environments.iter().flat_map(|environment| &environment.modules);
    let names = modules.flat_map(|module| {
        let imported = module.edges.iter().map(|edge| edge.target.as_str());
        imported.chain([module.name.as_str()])
    });
    names.filter_map(|name| name.split('.').next())
}

/// Whether one name can be a slip of the pen for another: two letters changed places, or in a long name one letter is wrong,
/// missing or too many inside it. A letter more or less at an end, or another digit, makes the name of another package
/// (`ipdb` and `pdb`, `aiofiles` and `aiofile`, `urllib2` and `urllib3`).
fn is_slip(name: &str, other: &str) -> bool {
    let (length, other_length) = (name.chars().count(), other.chars().count());
    if length.abs_diff(other_length) > 1 || strsim::damerau_levenshtein(name, other) != 1 {
        return false;
    }
    let (shorter, longer) = if length < other_length { (name, other) } else { (other, name) };
    let letters = |name: &str| name.chars().filter(|letter| !letter.is_ascii_digit()).collect::<String>();
    if longer.starts_with(shorter) || longer.ends_with(shorter) || letters(name) == letters(other) {
        return false;
    }
    let sorted = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    let swapped = sorted(name) == sorted(other);
    swapped || (length.max(other_length) >= LONG_NAME && name.chars().next() == other.chars().next())
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn packages_that_are_a_letter_apart_are_no_slips_of_each_other() {
        for (name, other) in [
            ("psycopg", "psycopg2"),
            ("aiofile", "aiofiles"),
            ("websocket", "websockets"),
            ("cchardet", "chardet"),
            ("urllib2", "urllib3"),
            ("yarl", "yaml"),
            ("attr", "attrs"),
            ("pickle", "pickle"),
            ("jinja", "ninja"),
        ] {
            assert!(!is_slip(name, other) && !is_slip(other, name), "{name} {other}");
        }
        for (name, other) in [("pikcle", "pickle"), ("ymal", "yaml"), ("sockket", "socket"), ("requsts", "requests")] {
            assert!(is_slip(name, other) && is_slip(other, name), "{name} {other}");
        }
    }
}

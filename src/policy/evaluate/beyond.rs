//! What a module may import beyond what is known of it, and why that is not known; never whether that is allowed.

use smol_str::{SmolStr, format_smolstr};

use super::subject::{evidence, subject};
use crate::{
    facts::{ComputedImport, Environment, Module, ModuleKind, schema, schema::Record},
    policy::outcome::{Evidence, Subject},
};

/// What a module may import beyond its edges.
pub(super) enum Beyond {
    /// Nothing.
    Nothing,
    /// What begins with one of these.
    Beginning(Vec<SmolStr>),
    /// Anything at all.
    Anything,
}

/// What a module may import beyond its edges.
pub(super) fn beyond(module: &Module) -> Beyond {
    let source = &module.source;
    if source.error.is_some() || schema::unread(module).is_some() || !other_lacks(module).is_empty() {
        return Beyond::Anything;
    }
    let mut beginnings = Vec::new();
    for import in &source.computed_imports {
        match absolute(module, &import.prefix) {
            Some(prefix) if !prefix.is_empty() => beginnings.push(prefix),
            _ => return Beyond::Anything,
        }
    }
    if beginnings.is_empty() { Beyond::Nothing } else { Beyond::Beginning(beginnings) }
}

/// The beginning of a computed target as a name's; leading dots stand for the module's own package and those it lies in. None where
/// they lead out of the top-level package: what such an import loads is not told by its beginning.
pub(super) fn absolute(module: &Module, prefix: &str) -> Option<SmolStr> {
    let rest = prefix.trim_start_matches('.');
    let level = prefix.len() - rest.len();
    if level == 0 {
        return Some(prefix.into());
    }
    let mut base = module.name.as_str();
    for _ in 0..level - usize::from(module.kind == ModuleKind::Package) {
        base = base.rsplit_once('.')?.0;
    }
    Some(format_smolstr!("{base}.{rest}"))
}

/// Why imports of a module are not all known, where none of the computed imports and no error tells.
fn other_lacks(module: &Module) -> Vec<SmolStr> {
    let source = &module.source;
    match schema::Value::records(std::iter::empty(), &source.imports_complete) {
        // One reason stands for all computed imports and one for the error: what is beyond them has another cause.
        schema::Value::List(_, lacks) => {
            let told = usize::from(!source.computed_imports.is_empty()) + usize::from(source.error.is_some());
            if lacks.len() > told { lacks } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// Why a computed import is not known.
pub(super) fn computed(import: &ComputedImport) -> String {
    if import.prefix.is_empty() {
        "the target of an import is computed when the program runs".to_owned()
    } else {
        format!("the target of an import begins with `{}`, the rest is computed when the program runs", import.prefix)
    }
}

/// Why the imports of a module are not all known, and where: computed imports are told where `is_meant` says that they matter.
pub(super) fn unread<'a>(
    environment: &'a Environment,
    module: &'a Module,
    is_meant: impl Fn(&ComputedImport) -> bool,
) -> Option<(Subject, Vec<Evidence>)> {
    let record = Record::Module(environment, module);
    let mut subject_at = subject(record);
    let mut reasons = Vec::new();
    for import in module.source.computed_imports.iter().filter(|import| is_meant(import)) {
        let place = subject(Record::ComputedImport(environment, module, import));
        reasons.push(Evidence { text: computed(import), path: place.path.clone(), line: place.line, layer: place.layer });
        if reasons.len() == 1 {
            subject_at = Subject { kind: subject_at.kind, identity: subject_at.identity.clone(), ..place };
        }
    }
    if let Some(error) = &module.source.error {
        let text = format!("the module does not parse: {}", error.message);
        reasons.push(Evidence { text, path: module.file.clone(), line: Some(error.line), layer: module.layer });
    }
    reasons.extend(other_lacks(module).iter().map(|lack| evidence(record, lack.as_str())));
    if reasons.is_empty() {
        reasons.extend(schema::unread(module).map(|reason| evidence(record, reason.as_str())));
    }
    (!reasons.is_empty()).then_some((subject_at, reasons))
}

/// Whether there is a reason why imports of a module are not all known, without telling it.
pub(super) fn is_unread(module: &Module, is_meant: impl Fn(&ComputedImport) -> bool) -> bool {
    let source = &module.source;
    source.computed_imports.iter().any(is_meant)
        || source.error.is_some()
        || !other_lacks(module).is_empty()
        || schema::unread(module).is_some()
}

/// Whether everything that a module imports is known: most are, and cost no more than this.
pub(super) fn is_read(module: &Module) -> bool {
    let source = &module.source;
    source.computed_imports.is_empty()
        && source.error.is_none()
        && source.imports_complete.is_complete()
        && schema::unread(module).is_none()
}

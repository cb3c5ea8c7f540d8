//! Rules over the import graph: sides, layers and what does not count; never the graph.

use super::{
    pattern,
    resolved::{AssertionKind, Ban, Class, Side},
    scope::{Names, Scope},
};
use crate::{
    facts::{ImportKind, schema::IMPORT_KINDS},
    policy::{
        architecture::{self, Acyclic, Chain, Independent, Layers, Row},
        syntax::{
            ast::{self, ImportBan, Name, Patterns, Reach, Region},
            words::nearest,
        },
    },
};

impl Names {
    /// `forbid import A -> B`, `forbid import A ->* B via C`.
    pub(super) fn ban(&mut self, scope: &mut Scope<'_>, ban: &ImportBan) -> AssertionKind {
        let (from, to) = (self.side(scope, &ban.from), self.side(scope, &ban.to));
        let slots = reserve(scope);
        let exempt = self.exempt(scope, &ban.exempt);
        match (ban.reach, &ban.via) {
            (Reach::Chain, via) => {
                let via = via.as_ref().map(|via| self.side(scope, via)).unwrap_or_default();
                AssertionKind::Chain(Chain { from, to, via, exempt, slots })
            }
            (Reach::Direct, via) => {
                if let Some(via) = via {
                    let message = "a direct import passes through nothing".to_owned();
                    let diagnostic = self.error(scope, via.region, "via-without-chain", message, "no chain to pass".into());
                    diagnostic.help = Some("write `->*` to forbid chains of imports, or remove `via`".into());
                }
                let architecture::Exempt { exceptions, ignoring } = exempt;
                AssertionKind::Ban(Ban { from, to, spared: Side::default(), exceptions, ignoring, slots })
            }
        }
    }

    /// `protected A only from B`: nobody but B, and A itself, may import A.
    pub(super) fn protected(&mut self, scope: &mut Scope<'_>, protected: &ast::Protected) -> AssertionKind {
        let to = self.side(scope, &protected.modules);
        let mut spared = self.side(scope, &protected.importers);
        spared.patterns.extend(&to.patterns);
        spared.places.extend(to.places.iter().cloned());
        spared.classes.extend(&to.classes);
        let everything = super::resolved::ModulePattern { segments: vec![super::resolved::Segment::Rest] };
        let from = Side {
            patterns: vec![self.patterns.number(everything)],
            places: vec![scope.file.span(protected.modules.region)],
            classes: Vec::new(),
        };
        let slots = reserve(scope);
        let architecture::Exempt { exceptions, ignoring } = self.exempt(scope, &protected.exempt);
        AssertionKind::Ban(Ban { from, to, spared, exceptions, ignoring, slots })
    }

    /// `layers in A { a > b | c }`.
    pub(super) fn layers(&mut self, scope: &mut Scope<'_>, layers: &ast::Layers) -> AssertionKind {
        let containers = layers.containers.as_ref().map(|containers| self.side(scope, containers));
        let mut seen: Vec<&Name> = Vec::new();
        for layer in layers.rows.iter().flat_map(|row| &row.layers) {
            if let Some(first) = seen.iter().find(|name| name.text == layer.name.text) {
                let message = format!("the layer `{}` stands twice", layer.name.text);
                let first = scope.file.span(first.region);
                let diagnostic = self.error(scope, layer.name.region, "duplicate-name", message, "the second time".into());
                diagnostic.labels.push(crate::diagnostic::Label { span: first, text: "the first time".into(), primary: false });
                diagnostic.help = Some("a module lies in one layer: remove one of them".into());
            }
            seen.push(&layer.name);
        }
        if let ([only], false) = (seen.as_slice(), layers.rows.is_empty()) {
            let message = "one layer alone forbids nothing".to_owned();
            let diagnostic = self.error(scope, only.region, "lonely-layer", message, "the only one".into());
            diagnostic.help = Some("name at least two: `high > low`".into());
        }
        let rows = layers.rows.iter().map(|row| Row {
            siblings: match row.siblings {
                ast::Siblings::Independent => architecture::Siblings::Independent,
                ast::Siblings::Free => architecture::Siblings::Free,
            },
            closed: row.closed,
            layers: row
                .layers
                .iter()
                .map(|layer| architecture::Layer { name: layer.name.text.clone(), optional: layer.optional })
                .collect(),
        });
        let rows = rows.collect();
        AssertionKind::Layers(Layers { containers, rows, exempt: self.exempt(scope, &layers.exempt) })
    }

    /// `independent A`.
    pub(super) fn independent(&mut self, scope: &mut Scope<'_>, group: &ast::Group) -> AssertionKind {
        let members = self.side(scope, &group.modules);
        AssertionKind::Independent(Independent { members, exempt: self.exempt(scope, &group.exempt) })
    }

    /// `acyclic A`.
    pub(super) fn acyclic(&mut self, scope: &mut Scope<'_>, group: &ast::Group) -> AssertionKind {
        let modules = self.side(scope, &group.modules);
        AssertionKind::Acyclic(Acyclic { modules, exempt: self.exempt(scope, &group.exempt) })
    }

    fn exempt(&mut self, scope: &mut Scope<'_>, exempt: &ast::Exempt) -> architecture::Exempt {
        let exceptions = exempt
            .exceptions
            .iter()
            .map(|(from, to, region)| (self.side(scope, from), self.side(scope, to), scope.file.span(*region)));
        let exceptions = exceptions.collect();
        let ignoring = exempt.ignoring.iter().filter_map(|kind| self.import_kind(scope, kind)).collect();
        architecture::Exempt { exceptions, ignoring }
    }

    fn import_kind(&mut self, scope: &Scope<'_>, kind: &Name) -> Option<ImportKind> {
        Some(match kind.text.as_str() {
            "top_level" => ImportKind::TopLevel,
            "conditional" => ImportKind::Conditional,
            "guarded" => ImportKind::Guarded,
            "function" => ImportKind::Function,
            "type_checking" => ImportKind::TypeChecking,
            "dynamic" => ImportKind::Dynamic,
            other => {
                let listed: Vec<_> = IMPORT_KINDS.iter().map(|kind| format!("`{kind}`")).collect();
                let help = match nearest(other, IMPORT_KINDS.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("use one of {}", listed.join(", ")),
                };
                let message = format!("`{other}` is no kind of import");
                self.error(scope, kind.region, "unknown-choice", message, "not known here".into()).help = Some(help);
                return None;
            }
        })
    }

    pub(super) fn side(&mut self, scope: &Scope<'_>, patterns: &Patterns) -> Side {
        let mut side = Side::default();
        for name in &patterns.patterns {
            match name.text.as_str() {
                "own" => side.classes.push(Class::Own),
                "third_party" => side.classes.push(Class::ThirdParty),
                "stdlib" => side.classes.push(Class::Stdlib),
                text => match pattern::parse(text) {
                    Ok(pattern) => {
                        side.patterns.push(self.patterns.number(pattern));
                        side.places.push(scope.file.span(name.region));
                    }
                    Err(error) => {
                        let start = name.region.start + error.start;
                        let end = (name.region.start + error.end).max(start + 1);
                        let message = format!("`{text}` is no module pattern: {}", error.reason);
                        let diagnostic =
                            self.error(scope, Region { start, end }, "invalid-module-pattern", message, error.reason.into());
                        diagnostic.help = Some(
                            "patterns look like `acme`, `acme.*` or `acme.**`; `own`, `third_party` and `stdlib` are classes"
                                .into(),
                        );
                    }
                },
            }
        }
        side
    }
}

/// Slots for `importer` and `imported` in messages.
fn reserve(scope: &mut Scope<'_>) -> (usize, usize) {
    let first = scope.variables.len();
    scope.slots = scope.slots.max(first + 2);
    (first, first + 1)
}

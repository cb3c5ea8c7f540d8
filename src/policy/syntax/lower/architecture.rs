//! Rules over the import graph: grammar pairs to the tree; never resolving a module.

use pest::iterators::Pair;

use super::Lowering;
use crate::policy::syntax::{
    ast::{ClauseKind, Exempt, Group, ImportBan, Layer, Layers, Patterns, Protected, Reach, Row, Siblings},
    parse::Rule,
};

impl Lowering {
    pub(super) fn ban(&self, pair: Pair<'_, Rule>, base: usize) -> Option<ImportBan> {
        let (mut sides, mut via, mut exempt, mut reach) = (Vec::new(), None, Exempt::default(), Reach::Direct);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::patterns => sides.push(self.patterns(inner, base)),
                Rule::chain_arrow => reach = Reach::Chain,
                Rule::via => via = inner.into_inner().find(is_patterns).map(|inner| self.patterns(inner, base)),
                _ => self.exempt(inner, base, &mut exempt),
            }
        }
        let mut sides = sides.into_iter();
        Some(ImportBan { from: sides.next()?, to: sides.next()?, reach, via, exempt })
    }

    /// `protected`, `layers`, `independent`, `acyclic`.
    pub(super) fn architecture(&self, pair: Pair<'_, Rule>, base: usize) -> Option<ClauseKind> {
        let rule = pair.as_rule();
        let (mut sides, mut rows, mut exempt) = (Vec::new(), Vec::new(), Exempt::default());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::patterns => sides.push(self.patterns(inner, base)),
                Rule::layer_row => rows.push(self.row(inner, base)),
                _ => self.exempt(inner, base, &mut exempt),
            }
        }
        let mut sides = sides.into_iter();
        Some(match rule {
            Rule::protected_clause => {
                ClauseKind::Protected(Protected { modules: sides.next()?, importers: sides.next()?, exempt })
            }
            Rule::layers_clause => ClauseKind::Layers(Layers { containers: sides.next(), rows, exempt }),
            Rule::independent_clause => ClauseKind::Independent(Group { modules: sides.next()?, exempt }),
            _ => ClauseKind::Acyclic(Group { modules: sides.next()?, exempt }),
        })
    }

    fn row(&self, pair: Pair<'_, Rule>, base: usize) -> Row {
        let mut row = Row { closed: false, siblings: Siblings::Independent, layers: Vec::new() };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::closed_mark => row.closed = true,
                Rule::layer => row.layers.extend(self.layer(inner, base)),
                rule => {
                    if rule == Rule::free_row {
                        row.siblings = Siblings::Free;
                    }
                    row.layers.extend(inner.into_inner().filter_map(|layer| self.layer(layer, base)));
                }
            }
        }
        row
    }

    fn layer(&self, pair: Pair<'_, Rule>, base: usize) -> Option<Layer> {
        let (mut name, mut optional) = (None, false);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::optional_mark_word => optional = true,
                Rule::layer_name => name = Some(self.name(&inner, base)),
                _ => {}
            }
        }
        Some(Layer { name: name?, optional })
    }

    /// `except` and `ignoring`.
    fn exempt(&self, pair: Pair<'_, Rule>, base: usize, exempt: &mut Exempt) {
        match pair.as_rule() {
            Rule::exceptions => {
                for exception in pair.into_inner().filter(|part| part.as_rule() == Rule::exception) {
                    let region = self.region(&exception, base);
                    let mut sides = exception.into_inner().filter(is_patterns).map(|part| self.patterns(part, base));
                    let (from, to) = (sides.next(), sides.next());
                    exempt.exceptions.extend(from.zip(to).map(|(from, to)| (from, to, region)));
                }
            }
            Rule::ignoring => {
                let kinds = pair.into_inner().filter(|part| part.as_rule() == Rule::choice);
                exempt.ignoring.extend(kinds.map(|kind| self.name(&kind, base)));
            }
            _ => {}
        }
    }

    pub(super) fn patterns(&self, pair: Pair<'_, Rule>, base: usize) -> Patterns {
        let region = self.region(&pair, base);
        Patterns { patterns: pair.into_inner().map(|pattern| self.name(&pattern, base)).collect(), region }
    }
}

fn is_patterns(pair: &Pair<'_, Rule>) -> bool {
    pair.as_rule() == Rule::patterns
}

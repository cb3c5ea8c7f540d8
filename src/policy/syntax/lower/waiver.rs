//! Waivers: grammar pairs to the tree; never whether one is in force.

use pest::iterators::Pair;

use super::Lowering;
use crate::policy::syntax::{
    ast::{Name, Only, Region, Waiver},
    errors,
    parse::Rule,
};

/// A waiver that says nothing yet.
fn empty(region: Region) -> Waiver {
    Waiver {
        rule: Name { text: String::new(), region },
        only: Vec::new(),
        condition: Vec::new(),
        owner: None,
        reason: None,
        expires: None,
        at_most: None,
        damaged: false,
        region,
    }
}

impl Lowering {
    pub(super) fn waiver(&mut self, pair: Pair<'_, Rule>, base: usize) {
        let mut waiver = empty(self.region(&pair, base));
        for inner in pair.into_inner() {
            self.waiver_part(&mut waiver, inner, base);
        }
        self.file.waivers.push(waiver);
    }

    /// Adds a waiver of which a part could not be read: its header, and those clauses that could, each with its place.
    pub(in crate::policy::syntax) fn damaged_waiver(
        &mut self,
        header: Vec<Pair<'_, Rule>>,
        clauses: Vec<(Pair<'_, Rule>, usize)>,
        region: Region,
    ) {
        let mut waiver = Waiver { damaged: true, ..empty(region) };
        for (pair, base) in header.into_iter().map(|pair| (pair, region.start)).chain(clauses) {
            self.waiver_part(&mut waiver, pair, base);
        }
        self.file.waivers.push(waiver);
    }

    fn waiver_part(&mut self, waiver: &mut Waiver, inner: Pair<'_, Rule>, base: usize) {
        let place = self.region(&inner, base);
        let word = match inner.as_rule() {
            Rule::owner_clause => "owner",
            Rule::reason_clause => "reason",
            Rule::expires_clause => "expires",
            _ => "at most",
        };
        let said_before = match inner.as_rule() {
            Rule::rule_path => {
                waiver.rule = self.name(&inner, base);
                false
            }
            Rule::only_clause => {
                waiver.only.extend(inner.into_inner().last().and_then(|only| self.only(only, base)));
                false
            }
            Rule::where_clause => {
                let condition = inner.into_inner().find(|part| part.as_rule() == Rule::expression);
                waiver.condition.extend(condition.map(|condition| self.expression(condition, base)));
                false
            }
            Rule::owner_clause => self.named(inner, base).is_some_and(|owner| waiver.owner.replace(owner).is_some()),
            Rule::reason_clause => self.named(inner, base).is_some_and(|reason| waiver.reason.replace(reason).is_some()),
            Rule::expires_clause => match self.day(inner, base) {
                Some(day) => waiver.expires.replace(day).is_some(),
                None => {
                    waiver.damaged = true;
                    false
                }
            },
            Rule::at_most_clause => {
                let number = inner.into_inner().find(|part| part.as_rule() == Rule::integer);
                let number = number.and_then(|number| Some((number.as_str().parse().ok()?, self.region(&number, base))));
                match number {
                    Some(number) => waiver.at_most.replace(number).is_some(),
                    None => {
                        self.report(errors::integer(), place);
                        false
                    }
                }
            }
            _ => false,
        };
        if said_before {
            self.report(errors::repeated(word), place);
        }
    }

    fn only(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Only> {
        let rule = pair.as_rule();
        let (mut sides, mut texts) = (Vec::new(), Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::patterns => sides.push(self.patterns(inner, base)),
                Rule::texts => texts = self.texts(inner, base),
                _ => {}
            }
        }
        let mut sides = sides.into_iter();
        Some(match rule {
            Rule::only_import => Only::Import(sides.next()?, sides.next()?),
            Rule::only_module => Only::Module(sides.next()?),
            Rule::only_path => Only::Path(texts),
            _ => Only::Subject(texts),
        })
    }

    /// The day of `expires` or `today`.
    pub(super) fn day(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<(jiff::civil::Date, Region)> {
        let date = pair.into_inner().find(|inner| inner.as_rule() == Rule::date)?;
        let region = self.region(&date, base);
        match date.as_str().parse() {
            Ok(day) => Some((day, region)),
            Err(_) => {
                self.report(errors::date(date.as_str()), region);
                None
            }
        }
    }

    /// The text of a clause that holds one.
    pub(super) fn named(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Name> {
        let text = pair.into_inner().find(|inner| inner.as_rule() == Rule::text)?;
        Some(self.quoted(&text, base))
    }

    /// A text as a name: what it says, at its place.
    pub(super) fn quoted(&mut self, pair: &Pair<'_, Rule>, base: usize) -> Name {
        Name { text: self.text(pair, base).0, region: self.region(pair, base) }
    }

    /// One text or a set of them.
    pub(super) fn texts(&mut self, pair: Pair<'_, Rule>, base: usize) -> Vec<Name> {
        let texts = pair.into_inner().filter(|inner| inner.as_rule() == Rule::text);
        texts.map(|text| self.quoted(&text, base)).collect()
    }
}

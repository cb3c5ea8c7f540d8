//! Tests: grammar pairs to the tree; never running them.

use pest::iterators::Pair;

use super::Lowering;
use crate::policy::syntax::{
    ast::{Expectation, ExpectedVerdict, Fact, FactValue, FactValueKind, ImportFact, Name, RecordFact, Region, Test},
    errors,
    parse::Rule,
};

/// The words for what a rule must come to.
const VERDICTS: [(&str, ExpectedVerdict); 5] = [
    ("fails", ExpectedVerdict::Fails),
    ("passes", ExpectedVerdict::Passes),
    ("unknown", ExpectedVerdict::Unknown),
    ("vacuous", ExpectedVerdict::Vacuous),
    ("waived", ExpectedVerdict::Waived),
];

/// A test that says nothing yet.
fn empty(region: Region) -> Test {
    Test {
        title: Name { text: String::new(), region },
        given: Vec::new(),
        today: None,
        params: Vec::new(),
        expectations: Vec::new(),
        damaged: false,
        region,
    }
}

impl Lowering {
    pub(super) fn test(&mut self, pair: Pair<'_, Rule>, base: usize) {
        let mut test = empty(self.region(&pair, base));
        for inner in pair.into_inner() {
            self.test_part(&mut test, inner, base);
        }
        self.file.tests.push(test);
    }

    /// Adds a test of which a part could not be read: its header, and those clauses that could, each with its place.
    pub(in crate::policy::syntax) fn damaged_test(
        &mut self,
        header: Vec<Pair<'_, Rule>>,
        clauses: Vec<(Pair<'_, Rule>, usize)>,
        region: Region,
    ) {
        let mut test = Test { damaged: true, ..empty(region) };
        for (pair, base) in header.into_iter().map(|pair| (pair, region.start)).chain(clauses) {
            self.test_part(&mut test, pair, base);
        }
        self.file.tests.push(test);
    }

    fn test_part(&mut self, test: &mut Test, inner: Pair<'_, Rule>, base: usize) {
        match inner.as_rule() {
            Rule::text => test.title = self.quoted(&inner, base),
            Rule::given_clause => test.given.extend(self.facts(inner, base)),
            Rule::today_clause => {
                let place = self.region(&inner, base);
                if self.day(inner, base).is_some_and(|day| test.today.replace(day).is_some()) {
                    self.report(errors::repeated("today"), place);
                }
            }
            Rule::test_param => {
                let (mut name, mut value) = (None, None);
                for part in inner.into_inner() {
                    match part.as_rule() {
                        Rule::name => name = Some(self.name(&part, base)),
                        Rule::expression => value = Some(self.expression(part, base)),
                        _ => {}
                    }
                }
                test.params.extend(name.zip(value));
            }
            Rule::expect_clause => match self.expectation(inner, base) {
                Some(expectation) => test.expectations.push(expectation),
                None => test.damaged = true,
            },
            _ => {}
        }
    }

    fn expectation(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Expectation> {
        let region = self.region(&pair, base);
        let (mut rule, mut verdict, mut at, mut message) = (None, None, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::rule_path => rule = Some(self.name(&inner, base)),
                Rule::choice => {
                    verdict = VERDICTS.iter().find(|(word, _)| *word == inner.as_str()).map(|(_, verdict)| *verdict);
                    if verdict.is_none() {
                        let place = self.region(&inner, base);
                        let words = VERDICTS.map(|(word, _)| word);
                        self.report(errors::choice("verdict of a rule", inner.as_str(), &words), place);
                    }
                }
                Rule::text => at = Some(self.quoted(&inner, base)),
                Rule::place => at = Some(self.name(&inner, base)),
                Rule::says => {
                    let text = inner.into_inner().find(|part| part.as_rule() == Rule::text);
                    message = text.map(|text| self.quoted(&text, base));
                }
                _ => {}
            }
        }
        Some(Expectation { rule: rule?, verdict: verdict?, at, message, region })
    }

    fn facts(&mut self, pair: Pair<'_, Rule>, base: usize) -> Vec<Fact> {
        self.each_fact(pair.into_inner(), base)
    }

    /// The facts among these pairs.
    pub(in crate::policy::syntax) fn each_fact<'p>(
        &mut self,
        pairs: impl IntoIterator<Item = Pair<'p, Rule>>,
        base: usize,
    ) -> Vec<Fact> {
        let mut facts = Vec::new();
        for inner in pairs {
            match inner.as_rule() {
                Rule::record_fact => facts.extend(self.record_fact(inner, base).map(Fact::Record)),
                Rule::fact_import | Rule::fact_from => facts.extend(self.import_fact(inner, base).map(Fact::Import)),
                Rule::member => facts.extend(self.member(inner, base).map(Fact::Member)),
                _ => {}
            }
        }
        facts
    }

    fn record_fact(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<RecordFact> {
        let region = self.region(&pair, base);
        let (mut kind, mut identity, mut text, mut settings, mut facts) = (None, None, None, Vec::new(), Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::fact_kind => kind = Some(self.name(&inner, base)),
                Rule::fact_identity => identity = Some(self.name(&inner, base)),
                Rule::text => text = Some(self.quoted(&inner, base)),
                Rule::settings => settings = self.settings(inner, base),
                Rule::facts => facts = self.facts(inner, base),
                _ => {}
            }
        }
        Some(RecordFact { kind: kind?, identity, text, settings, facts, region })
    }

    fn import_fact(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<ImportFact> {
        let region = self.region(&pair, base);
        let (mut target, mut names, mut settings) = (None, None::<Vec<Name>>, Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::fact_target => target = Some(self.name(&inner, base)),
                Rule::imported => names.get_or_insert_default().push(self.name(&inner, base)),
                Rule::settings => settings = self.settings(inner, base),
                _ => {}
            }
        }
        Some(ImportFact { target: target?, names, settings, region })
    }

    fn settings(&mut self, pair: Pair<'_, Rule>, base: usize) -> Vec<(Name, FactValue)> {
        let mut settings = Vec::new();
        for setting in pair.into_inner().filter(|inner| inner.as_rule() == Rule::setting) {
            let (mut field, mut value) = (None, None);
            for inner in setting.into_inner() {
                match inner.as_rule() {
                    Rule::field => field = Some(self.name(&inner, base)),
                    Rule::fact_value => value = self.fact_value(inner, base),
                    _ => {}
                }
            }
            settings.extend(field.zip(value));
        }
        settings
    }

    /// A value; recursion is bounded by the depth that the scan allows.
    fn fact_value(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<FactValue> {
        let region = self.region(&pair, base);
        let inner = pair.into_inner().next()?;
        let kind = match inner.as_rule() {
            Rule::fact_unknown => FactValueKind::Unknown(
                inner.into_inner().find(|part| part.as_rule() == Rule::text).map(|text| self.text(&text, base).0),
            ),
            Rule::absent_word => FactValueKind::Absent,
            Rule::fact_list => {
                let items = inner.into_inner().filter(|part| part.as_rule() == Rule::fact_value);
                FactValueKind::List(items.filter_map(|item| self.fact_value(item, base)).collect())
            }
            Rule::fact_map => {
                let mut entries = Vec::new();
                for entry in inner.into_inner().filter(|part| part.as_rule() == Rule::fact_entry) {
                    let mut texts = entry.into_inner().filter(|part| part.as_rule() == Rule::text);
                    let (key, value) = (texts.next(), texts.next());
                    entries.extend(key.zip(value).map(|(key, value)| (self.text(&key, base).0, self.text(&value, base).0)));
                }
                FactValueKind::Map(entries)
            }
            Rule::date => match inner.as_str().parse() {
                Ok(date) => FactValueKind::Date(date),
                Err(_) => {
                    self.report(errors::date(inner.as_str()), region);
                    return None;
                }
            },
            Rule::integer => match inner.as_str().parse() {
                Ok(number) => FactValueKind::Integer(number),
                Err(_) => {
                    self.report(errors::integer(), region);
                    return None;
                }
            },
            Rule::boolean => FactValueKind::Boolean(inner.as_str() == "true"),
            _ => FactValueKind::Text(self.text(&inner, base).0),
        };
        Some(FactValue { kind, region })
    }
}

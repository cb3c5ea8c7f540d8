//! Policies with their tests, ready to run, all mistakes at once; never reading a file.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::{
    coverage::{Counter, Coverage},
    expectations::{Expected, Known},
    facts::inventory,
    verdict::Judged,
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    facts::Inventory,
    policy::{
        DataFiles, GivenParam, PolicyIdentity, PolicyText,
        check::{self, given::Given},
        compile::Plan,
        compiled::{self, Purpose},
        evaluate,
        syntax::ast::{File, Test},
    },
};

/// The day of a test that does not say its own.
pub const TODAY: Date = date(2026, 1, 1);

/// Policies with their tests.
#[derive(Debug)]
pub struct Suite {
    files: Vec<File>,
    /// The first has the parameters' own values, each other those that a test gives.
    plans: Vec<Plan>,
    tests: Vec<Prepared>,
    identities: Vec<PolicyIdentity>,
    warnings: Vec<Diagnostic>,
    /// Packages whose files were given, rather than used.
    given: BTreeSet<String>,
}

/// A test without mistakes.
#[derive(Debug)]
struct Prepared {
    file: usize,
    title: String,
    line: u32,
    plan: usize,
    today: Date,
    inventory: Inventory,
    expectations: Vec<Expected>,
}

/// What became of the tests.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tested {
    /// In the order of the files, and of the tests in them.
    pub tests: Vec<TestOutcome>,
    /// How many were left out by the filter.
    pub skipped: usize,
    /// What the tests that ran have seen of the rules.
    pub coverage: Coverage,
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestOutcome {
    /// Its title.
    pub title: String,
    /// The package of its file.
    pub package: String,
    /// The file's name.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// How many expectations it has.
    pub expectations: usize,
    /// One for each expectation that is not met.
    pub failures: Vec<Diagnostic>,
}

impl Suite {
    /// Reads policies and tests, and the library packages that they use; yields every mistake where there is one.
    ///
    /// `params` are those of [`compile_with`](crate::policy::compile_with); a test's own go before them.
    pub fn read(texts: &[PolicyText], params: &[GivenParam], data: &dyn DataFiles) -> Result<Self, Vec<Diagnostic>> {
        let (files, mut found) = compiled::parsed(texts, Purpose::Test);
        let (resolved, more) = check::check(&files, params, data, None);
        found.extend(more);
        let given = files.iter().take(texts.len()).filter_map(|file| Some(file.package.as_ref()?.text.clone())).collect();
        let identities = files.iter().map(compiled::identity).collect();
        let mut suite = Self { files, plans: Vec::new(), tests: Vec::new(), identities, warnings: Vec::new(), given };
        let rules = resolved.rules.iter().map(|rule| rule.identity.as_str()).collect();
        suite.prepare(&Known { rules }, &mut found);
        suite.plans.push(Plan::new(resolved));
        suite.give(params, data, &mut found);
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        found.sort_by_key(compiled::place(&suite.files));
        if found.iter().any(is_error) {
            return Err(found);
        }
        suite.warnings = found;
        Ok(suite)
    }

    /// Reads every test's facts and expectations.
    fn prepare(&mut self, known: &Known<'_>, found: &mut Vec<Diagnostic>) {
        for (number, file) in self.files.iter().enumerate() {
            let mut titles: BTreeMap<&str, &Test> = BTreeMap::new();
            for test in &file.tests {
                if let Some(first) = titles.insert(&test.title.text, test) {
                    found.push(
                        Diagnostic::new(
                            "duplicate-name",
                            Severity::Error,
                            format!("two tests are called `{}`", test.title.text),
                        )
                        .label(file.span(test.title.region), "the second one")
                        .context(file.span(first.title.region), "the first one")
                        .help("say what is different in this one"),
                    );
                }
                let (inventory, mistakes) = inventory(file, test);
                found.extend(mistakes);
                let expectations = known.expectations(file, test, found);
                self.tests.push(Prepared {
                    file: number,
                    title: test.title.text.clone(),
                    line: file.lines.line_column(&file.source.text, test.region.start).line,
                    plan: 0,
                    today: test.today.map_or(TODAY, |(day, _)| day),
                    inventory,
                    expectations,
                });
            }
        }
    }

    /// Compiles the policies once more for each test that gives parameters.
    fn give(&mut self, params: &[GivenParam], data: &dyn DataFiles, found: &mut Vec<Diagnostic>) {
        let mut known: BTreeMap<(usize, String), usize> = BTreeMap::new();
        let tests =
            self.files.iter().enumerate().flat_map(|(number, file)| file.tests.iter().map(move |test| (number, file, test)));
        for ((number, file, test), prepared) in tests.zip(&mut self.tests) {
            if test.params.is_empty() {
                continue;
            }
            let text = test.params.iter().map(|(name, value)| format!("{} = {}\n", name.text, file.text(value.region)));
            let key = (number, text.collect::<String>());
            if let Some(plan) = known.get(&key) {
                prepared.plan = *plan;
                continue;
            }
            let (resolved, mut more) = check::check(&self.files, params, data, Some(Given { file, number, test }));
            // What is wrong without the test's parameters was told already.
            more.retain(|diagnostic| diagnostic.severity == Severity::Error && !found.contains(diagnostic));
            found.extend(more);
            prepared.plan = self.plans.len();
            known.insert(key, self.plans.len());
            self.plans.push(Plan::new(resolved));
        }
    }

    /// What is worth a look and no mistake.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// What else is worth a look on this day: waivers that are over, or that last longer than they may.
    pub fn late_waivers(&self, today: Date) -> Vec<Diagnostic> {
        self.plans.first().map(|plan| check::lint::late(&plan.waivers, today)).unwrap_or_default()
    }

    /// The policies, with the library's that they use.
    pub fn identities(&self) -> &[PolicyIdentity] {
        &self.identities
    }

    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.plans.first().map_or(0, |plan| plan.rules.len())
    }

    /// How many tests there are.
    pub fn tests(&self) -> usize {
        self.tests.len()
    }

    /// What the tests give.
    #[cfg(test)]
    pub(super) fn into_inventories(self) -> Vec<Inventory> {
        self.tests.into_iter().map(|test| test.inventory).collect()
    }

    /// Runs the tests whose file and title hold the filter; the same tests always come to the same.
    pub fn run(&self, filter: Option<&str>) -> Tested {
        let mut tested = Tested::default();
        let named: BTreeSet<&str> =
            self.tests.iter().flat_map(|test| &test.expectations).map(|expected| expected.rule.as_str()).collect();
        let of_given = |identity: &str| identity.rsplit_once('/').is_some_and(|(package, _)| self.given.contains(package));
        let rules = self.plans.first().map(|plan| plan.rules.as_slice()).unwrap_or_default();
        let asked = rules.iter().filter(|rule| named.contains(rule.identity.as_str()) || of_given(&rule.identity));
        let mut counter = Counter::new(asked);
        for test in &self.tests {
            let Some(file) = self.files.get(test.file) else { continue };
            let holds = |filter: &str| test.title.contains(filter) || file.source.name.contains(filter);
            if !filter.is_none_or(holds) {
                tested.skipped += 1;
                continue;
            }
            tested.tests.extend(self.plans.get(test.plan).map(|plan| run(test, file, plan, &mut counter)));
        }
        tested.coverage = counter.finish();
        tested
    }
}

fn run(test: &Prepared, file: &File, plan: &Plan, counter: &mut Counter) -> TestOutcome {
    let (outcome, trace) = evaluate::evaluate_traced(plan, &test.inventory, test.today);
    let position = |identity: &str| plan.rules.iter().position(|rule| rule.identity == identity);
    let named: BTreeSet<&str> = test.expectations.iter().map(|expected| expected.rule.as_str()).collect();
    for number in named.into_iter().filter_map(position) {
        counter.see((plan, number), (&outcome, &trace), &test.inventory);
    }
    let failures = test.expectations.iter().filter_map(|expected| {
        let number = position(&expected.rule)?;
        let (rule, came) = plan.rules.get(number).zip(outcome.evaluation.rules.get(number))?;
        expected.failure(file, &Judged { outcome: came, rule, inventory: &test.inventory })
    });
    TestOutcome {
        title: test.title.clone(),
        package: file.package.as_ref().map(|package| package.text.clone()).unwrap_or_default(),
        file: file.source.name.clone(),
        line: test.line,
        expectations: test.expectations.len(),
        failures: failures.collect(),
    }
}

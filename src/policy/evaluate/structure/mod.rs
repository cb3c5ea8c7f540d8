//! Contracts on the structure of modules, over every module that they speak of; never imports as edges, and never other rules.

mod annotation;
mod attributes;
mod binding;
mod builtins;
mod definition;
mod exports;
mod judge;
mod lineage;
mod literal;
mod namespace;
mod signature;
mod verdict;

use std::{cell::OnceCell, collections::HashSet};

pub(crate) use namespace::Namespace;

use self::{
    namespace::unreadable,
    verdict::{Fault, Mismatch, Owner},
};
use super::{
    expression::{Frame, World},
    found::Found,
    subject::{evidence, subject},
    truth::{Truth, add},
    undecided,
    value::Value,
    violation,
};
use crate::{
    facts::{Completeness, Module, schema, schema::Record},
    policy::{
        check::resolved::{Assertion, AssertionKind, Class, Rule},
        outcome::{Evidence, Violation},
        shape::Structure,
        syntax::ast::OnUnknown,
    },
};

/// The names of all environments, made when the first contract asks.
pub(crate) type Namespaces<'a> = OnceCell<Vec<Namespace<'a>>>;

/// What the contracts of one rule have found.
#[derive(Default)]
struct Progress<'a> {
    /// Modules that were judged, by name and file.
    subjects: HashSet<(&'a str, Option<&'a str>)>,
    violations: Vec<Violation>,
    /// Patterns of the contract that some module matches.
    inhabited: HashSet<usize>,
}

impl<'a> World<'a> {
    /// How many modules a rule's contracts judge, and what they find.
    pub(super) fn contracts(
        &self,
        index: usize,
        rule: &'a Rule,
        found: &mut Found<'a>,
        frame: &mut Frame<'a>,
    ) -> (u64, Vec<Violation>) {
        let conditions = self.conditions(rule, frame);
        let doubt = match &conditions {
            Truth::False => return (0, Vec::new()),
            Truth::True => None,
            Truth::Unknown(reasons) => Some(reasons.as_slice()),
        };
        let mut progress = Progress::default();
        for (number, assertion) in rule.assertions.iter().enumerate() {
            if let AssertionKind::Structure(structure) = &assertion.kind {
                progress.inhabited.clear();
                self.contract(rule, (assertion, structure), doubt, frame, &mut progress);
                // A contract that judges nothing at all is vacuous, and that is told already.
                let is_stray = |pattern: &usize| !progress.inhabited.is_empty() && !progress.inhabited.contains(pattern);
                let strays = structure.modules.patterns.iter().enumerate().filter(|(_, pattern)| is_stray(pattern));
                strays.for_each(|(place, _)| found.stray(index, number, place));
            }
        }
        (progress.subjects.len() as u64, progress.violations)
    }

    fn contract(
        &self,
        rule: &'a Rule,
        (assertion, structure): (&'a Assertion, &'a Structure),
        doubt: Option<&[Evidence]>,
        frame: &mut Frame<'a>,
        progress: &mut Progress<'a>,
    ) {
        let namespaces = self.namespaces.get_or_init(|| self.inventory.environments.iter().map(Namespace::new).collect());
        for namespace in namespaces {
            let environment = namespace.environment;
            for module in &environment.modules {
                let state = self.matcher.borrow_mut().run(&module.name);
                if !structure.modules.holds(&self.matcher.borrow(), state, Some(Class::from(module.owner))) {
                    continue;
                }
                progress.inhabited.extend(self.matcher.borrow().patterns(state));
                progress.subjects.insert((&module.name, module.file.as_deref()));
                frame.set(structure.slot, Value::Record(Record::Module(environment, module)));
                for mut mismatch in namespace.module(module, assertion, structure) {
                    if let Some(doubt) = doubt {
                        mismatch.fault = Fault::Unknown;
                        add(&mut mismatch.evidence, doubt.to_vec());
                    }
                    progress.violations.extend(self.told(rule, assertion, mismatch, frame));
                }
            }
            let message = "there may be more modules than are known";
            let record = Record::Environment(environment);
            progress.violations.extend(more(rule, assertion, &environment.modules_complete, record, message));
        }
        let message = "there may be more environments than are known";
        let (list, record) = (&self.inventory.environments_complete, Record::Target(self.inventory));
        progress.violations.extend(more(rule, assertion, list, record, message));
    }

    fn told(&self, rule: &Rule, assertion: &'a Assertion, mismatch: Mismatch<'a>, frame: &mut Frame<'a>) -> Option<Violation> {
        let help = assertion.help.as_ref().map(|parts| self.render(parts, frame));
        let message = match &assertion.message {
            Some(parts) if mismatch.is_broken() => self.render(parts, frame),
            _ => mismatch.message,
        };
        let made = violation(assertion, mismatch.subject, message, help, mismatch.evidence);
        let mut made = Violation { clause: mismatch.place.clone(), ..made };
        match mismatch.fault {
            Fault::Missing => Some(made),
            Fault::Different => {
                let different = assertion.code.as_ref().and_then(|codes| codes.different.clone());
                made.code = different.or(made.code);
                Some(made)
            }
            Fault::Unknown => undecided(rule, true, made),
        }
    }
}

impl<'a> Namespace<'a> {
    /// What is wrong with one module.
    fn module(&self, module: &'a Module, assertion: &'a Assertion, structure: &'a Structure) -> Vec<Mismatch<'a>> {
        let owner = Owner::Module(module);
        // Of a module that cannot be read one word is enough, whatever the contract asks.
        if let Some(reason) = unreadable(module) {
            return vec![Mismatch {
                fault: Fault::Unknown,
                subject: owner.subject(),
                message: format!("it is not known whether `{}` has what the contract asks", module.name),
                evidence: vec![reason],
                faults: 1,
                place: &assertion.place,
            }];
        }
        self.judge(&owner, &structure.members)
    }
}

/// Where a list is not whole there may be modules that no contract has judged.
fn more(rule: &Rule, assertion: &Assertion, list: &Completeness, record: Record<'_>, message: &str) -> Option<Violation> {
    let lacks = match schema::Value::records(std::iter::empty(), list) {
        schema::Value::List(_, lacks) if !lacks.is_empty() => lacks,
        _ => return None,
    };
    let reasons = lacks.iter().map(|lack| evidence(record, lack.as_str())).collect();
    let made = violation(assertion, subject(record), message.to_owned(), None, reasons);
    undecided(rule, rule.on_unknown == Some(OnUnknown::Fail), made)
}

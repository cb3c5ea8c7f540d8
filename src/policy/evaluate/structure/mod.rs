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
    nodes::class,
    subject::{evidence, subject},
    truth::{Truth, add},
    undecided,
    value::Value,
    violation,
};
use crate::{
    facts::{Environment, Module, schema, schema::Record},
    policy::{
        check::resolved::{Assertion, AssertionKind, Rule},
        outcome::{Evidence, Violation, ViolationCertainty},
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
}

impl<'a> World<'a> {
    /// How many modules a rule's contracts judge, and what they find.
    pub(super) fn contracts(&self, rule: &'a Rule, frame: &mut Frame<'a>) -> (u64, Vec<Violation>) {
        let mut conditions = Truth::True;
        for condition in rule.premises.iter().chain(&rule.conditions) {
            conditions = conditions.and(|| self.truth(condition, frame));
        }
        let doubt = match &conditions {
            Truth::False => return (0, Vec::new()),
            Truth::True => None,
            Truth::Unknown(reasons) => Some(reasons.as_slice()),
        };
        let mut progress = Progress::default();
        for assertion in &rule.assertions {
            if let AssertionKind::Structure(structure) = &assertion.kind {
                self.contract(rule, (assertion, structure), doubt, frame, &mut progress);
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
                if !structure.modules.holds(&self.matcher.borrow(), state, Some(class(module.owner))) {
                    continue;
                }
                progress.subjects.insert((&module.name, module.file.as_deref()));
                frame.set(structure.slot, Value::Record(Record::Module(environment, module)));
                for mut mismatch in namespace.module(module, assertion, structure) {
                    if let Some(doubt) = doubt {
                        mismatch.certainty = ViolationCertainty::Undecided;
                        add(&mut mismatch.evidence, doubt.to_vec());
                    }
                    progress.violations.extend(self.told(rule, assertion, mismatch, frame));
                }
            }
            progress.violations.extend(more_modules(rule, assertion, environment));
        }
    }

    fn told(&self, rule: &Rule, assertion: &'a Assertion, mismatch: Mismatch<'a>, frame: &mut Frame<'a>) -> Option<Violation> {
        let help = assertion.help.as_ref().map(|parts| self.render(parts, frame));
        let message = match &assertion.message {
            Some(parts) if mismatch.is_broken() => self.render(parts, frame),
            _ => mismatch.message,
        };
        let made = violation(assertion, mismatch.subject, message, help, mismatch.evidence);
        let code = match (&assertion.code, mismatch.fault) {
            (Some(codes), Fault::Different) => codes.different.clone().or(made.code),
            (_, _) => made.code,
        };
        let made = Violation { clause: mismatch.place.clone(), code, ..made };
        match mismatch.certainty {
            ViolationCertainty::Broken => Some(made),
            ViolationCertainty::Undecided => undecided(rule, true, made),
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
                certainty: ViolationCertainty::Undecided,
                subject: owner.subject(),
                message: format!("it is not known whether `{}` has what the contract asks", module.name),
                evidence: vec![reason],
                faults: 1,
                fault: Fault::Missing,
                place: &assertion.place,
            }];
        }
        self.judge(&owner, &structure.members)
    }
}

/// An environment whose modules are not all known has some that no contract has judged.
fn more_modules(rule: &Rule, assertion: &Assertion, environment: &Environment) -> Option<Violation> {
    let lacks = match schema::Value::records(std::iter::empty(), &environment.modules_complete) {
        schema::Value::List(_, lacks) if !lacks.is_empty() => lacks,
        _ => return None,
    };
    let record = Record::Environment(environment);
    let reasons = lacks.iter().map(|lack| evidence(record, lack.as_str())).collect();
    let message = "there may be more modules than are known".to_owned();
    let made = violation(assertion, subject(record), message, None, reasons);
    undecided(rule, rule.on_unknown == Some(OnUnknown::Fail), made)
}

//! One rule over its subjects; what it asks of imports has been evaluated for all rules at once.

use std::collections::HashSet;

use super::{
    expression::{Frame, Range, World},
    found::Found,
    groups::Groups,
    subject::subject,
    truth::{Truth, add},
    undecided,
    value::Value,
    violation,
};
use crate::{
    facts::schema::Record,
    policy::{
        check::resolved::{Assertion, AssertionKind, Binding, Node, Rule},
        outcome::{Evidence, Subject, Violation, ViolationCertainty},
        syntax::ast::OnUnknown,
    },
};

/// What has been found of one rule.
#[derive(Default)]
struct Progress {
    subjects: HashSet<(&'static str, String, Option<String>)>,
    violations: Vec<Violation>,
}

impl<'a> World<'a> {
    /// How many subjects a rule has, and its violations.
    pub(super) fn rule(&self, index: usize, rule: &'a Rule, found: &mut Found<'a>) -> (u64, Vec<Violation>) {
        let has_image = self.inventory.image.is_some();
        if rule.needs_image && !has_image {
            return (0, Vec::new());
        }
        let applies = |assertion: &&Assertion| has_image || !assertion.needs_image;
        let over_records = |assertion: &&Assertion| {
            !assertion.kind.is_over_imports() && !matches!(assertion.kind, AssertionKind::Structure(_))
        };
        let assertions: Vec<&'a Assertion> = rule.assertions.iter().filter(applies).filter(over_records).collect();
        let mut progress = Progress::default();
        let mut frame = Frame::new(rule.slots);
        let doubt = match rule.premises.iter().fold(Truth::True, |all, premise| all.and(|| self.truth(premise, &mut frame))) {
            Truth::False => return (0, Vec::new()),
            Truth::True => (Vec::new(), false),
            Truth::Unknown(reasons) => (reasons, true),
        };
        if !assertions.is_empty() {
            self.subjects(rule, &assertions, &rule.loops, doubt, &mut frame, &mut progress);
        }
        let mut subjects = progress.subjects.len() as u64;
        let mut violations = progress.violations;
        if !self.plan.imports_of(index).is_empty() {
            let (judged, some) = self.over_imports(index, rule, found, &mut frame);
            subjects += judged;
            violations.extend(some);
        }
        if rule.assertions.iter().any(|assertion| matches!(assertion.kind, AssertionKind::Structure(_))) {
            let (judged, some) = self.contracts(index, rule, found, &mut frame);
            subjects += judged;
            violations.extend(some);
        }
        (subjects, violations)
    }

    /// Ranges over the loops that are left, from the outermost; `doubt` is why the subject may not be meant.
    fn subjects(
        &self,
        rule: &'a Rule,
        assertions: &[&'a Assertion],
        loops: &'a [Binding],
        doubt: (Vec<Evidence>, bool),
        frame: &mut Frame<'a>,
        progress: &mut Progress,
    ) {
        let Some((binding, rest)) = loops.split_first() else {
            self.judge(rule, assertions, doubt, frame, progress);
            return;
        };
        if let Some(grouping) = &binding.grouping {
            let Groups { groups, lacks } = self.groups(binding, grouping, frame);
            if !lacks.is_empty() {
                self.incomplete(rule, assertions, binding, lacks, frame, progress);
            }
            for (key, items) in groups {
                frame.set(grouping.items, items);
                let meant = self.element(binding, key, frame);
                self.subject_meant(rule, assertions, rest, (meant, doubt.clone()), frame, progress);
            }
            return;
        }
        let elements = match self.range(&binding.relation, frame) {
            Range::Unknown(reasons) => {
                self.incomplete(rule, assertions, binding, reasons, frame, progress);
                return;
            }
            Range::Elements(elements, lacks) => {
                if !lacks.is_empty() {
                    self.incomplete(rule, assertions, binding, lacks, frame, progress);
                }
                elements
            }
        };
        for element in elements {
            let meant = self.element(binding, element, frame);
            self.subject_meant(rule, assertions, rest, (meant, doubt.clone()), frame, progress);
        }
    }

    /// Goes on with an element, unless it is surely not meant.
    fn subject_meant(
        &self,
        rule: &'a Rule,
        assertions: &[&'a Assertion],
        rest: &'a [Binding],
        (meant, mut doubt): (Truth, (Vec<Evidence>, bool)),
        frame: &mut Frame<'a>,
        progress: &mut Progress,
    ) {
        match meant {
            Truth::False => return,
            Truth::True => {}
            Truth::Unknown(reasons) => {
                add(&mut doubt.0, reasons);
                doubt.1 = true;
            }
        }
        self.subjects(rule, assertions, rest, doubt, frame, progress);
    }

    /// Judges the subject that the frame holds.
    fn judge(
        &self,
        rule: &'a Rule,
        assertions: &[&'a Assertion],
        (mut doubt, mut doubted): (Vec<Evidence>, bool),
        frame: &mut Frame<'a>,
        progress: &mut Progress,
    ) {
        for condition in &rule.conditions {
            match self.truth(condition, frame) {
                Truth::False => return,
                Truth::True => {}
                Truth::Unknown(reasons) => {
                    add(&mut doubt, reasons);
                    doubted = true;
                }
            }
        }
        let subject = self.subject(rule, frame);
        progress.subjects.insert((subject.kind, subject.identity.clone(), subject.path.clone()));
        for assertion in assertions {
            let (node, verdict, required) = match &assertion.kind {
                AssertionKind::Require(node) => (node, self.truth(node, frame), true),
                AssertionKind::Forbid(node) => (node, self.truth(node, frame).not(), false),
                _ => continue,
            };
            let verdict = match verdict {
                Truth::True => continue,
                Truth::False if doubted => Truth::Unknown(doubt.clone()),
                Truth::Unknown(mut reasons) => {
                    add(&mut reasons, doubt.clone());
                    Truth::Unknown(reasons)
                }
                Truth::False => Truth::False,
            };
            let help = assertion.help.as_ref().map(|parts| self.render(parts, frame));
            let found = match verdict {
                Truth::Unknown(reasons) => {
                    let text = &assertion.text;
                    let message =
                        format!("it is not known whether `{text}`{}", if required { " holds" } else { ", which is forbidden" });
                    undecided(rule, required, violation(assertion, subject.clone(), message, help, reasons))
                }
                _ => {
                    let message = match &assertion.message {
                        Some(parts) => self.render(parts, frame),
                        None if required => format!("`{}` does not hold", assertion.text),
                        None => format!("`{}` is forbidden", assertion.text),
                    };
                    let evidence = self.explain(node, frame);
                    Some(violation(assertion, subject.clone(), message, help, evidence))
                }
            };
            progress.violations.extend(found);
        }
    }

    /// There may be subjects that are not known: one note for the record whose relation it is, a failure only where asked for.
    fn incomplete(
        &self,
        rule: &'a Rule,
        assertions: &[&'a Assertion],
        binding: &'a Binding,
        reasons: Vec<Evidence>,
        frame: &mut Frame<'a>,
        progress: &mut Progress,
    ) {
        let Some(assertion) = assertions.first() else { return };
        let owner = match &binding.relation {
            Node::Field(base, _) => match self.value(base, frame) {
                Value::Record(record) => subject(record),
                _ => self.target(),
            },
            _ => self.target(),
        };
        let message = format!("there may be more in `{}` than is known", binding.shown);
        let found = violation(assertion, owner, message, None, reasons);
        let fails = rule.on_unknown == Some(OnUnknown::Fail);
        progress.violations.extend(undecided(rule, fails, found));
    }

    /// The subject of the frame: the innermost record that is ranged over, else the image.
    fn subject(&self, rule: &'a Rule, frame: &mut Frame<'a>) -> Subject {
        let Some(innermost) = rule.loops.last() else { return self.target() };
        match frame.get(innermost.slot) {
            Value::Record(record) => subject(record),
            other => Subject { kind: "value", identity: other.shown(), ..self.target() },
        }
    }

    /// All conditions of a rule whose assertions range by themselves: they name no variable.
    pub(super) fn conditions(&self, rule: &'a Rule, frame: &mut Frame<'a>) -> Truth {
        let conditions = rule.premises.iter().chain(&rule.conditions);
        conditions.fold(Truth::True, |all, condition| all.and(|| self.truth(condition, frame)))
    }

    /// The whole target as a subject.
    pub(super) fn target(&self) -> Subject {
        subject(Record::Target(self.inventory))
    }

    /// The violations of a rule's assertions over imports, and how many subjects they judged.
    fn over_imports(
        &self,
        index: usize,
        rule: &'a Rule,
        found: &mut Found<'a>,
        frame: &mut Frame<'a>,
    ) -> (u64, Vec<Violation>) {
        let conditions = self.conditions(rule, frame);
        if conditions == Truth::False {
            return (0, Vec::new());
        }
        let mut judged = 0;
        let mut violations = Vec::new();
        for number in self.plan.imports_of(index) {
            let place = self.plan.imports.get(number);
            let Some(assertion) = place.and_then(|(_, assertion)| rule.assertions.get(*assertion)) else { continue };
            judged = judged.max(found.subjects(number));
            for mut hit in found.take(number) {
                if let (Some(slots), Some((environment, module))) = (assertion.kind.slots(), hit.module) {
                    frame.set(slots.0, Value::Record(Record::Module(environment, module)));
                    frame.set(slots.1, Value::Text(hit.target.clone().unwrap_or_default().into()));
                }
                if let Truth::Unknown(reasons) = &conditions {
                    hit.certainty = ViolationCertainty::Undecided;
                    add(&mut hit.evidence, reasons.clone());
                }
                let is_one = hit.source.is_some();
                let help = assertion.help.as_ref().map(|parts| self.render(parts, frame));
                let message = match (&assertion.message, hit.certainty) {
                    (Some(parts), ViolationCertainty::Broken) if is_one => self.render(parts, frame),
                    _ => hit.message,
                };
                let made =
                    Violation { stands_for: hit.stands_for, ..violation(assertion, hit.subject, message, help, hit.evidence) };
                match hit.certainty {
                    ViolationCertainty::Broken => violations.push(made),
                    ViolationCertainty::Undecided => violations.extend(undecided(rule, false, made)),
                }
            }
        }
        (judged, violations)
    }
}

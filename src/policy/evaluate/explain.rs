//! Why a condition is as it is: the values that decided; never the deciding itself.

use super::{
    expression::{Frame, Range, World},
    subject::evidence,
    truth::Truth,
    value::Value,
};
use crate::policy::{
    check::resolved::{Binding, Node},
    outcome::Evidence,
    syntax::ast::Presence,
};

/// Most facts that a verdict names.
const MAX_FACTS: usize = 6;

impl<'a> World<'a> {
    /// The facts that make a condition what it is, the most telling first.
    pub(crate) fn explain(&self, node: &'a Node, frame: &mut Frame<'a>) -> Vec<Evidence> {
        let mut facts = Vec::new();
        self.facts(node, frame, &mut facts);
        facts.truncate(MAX_FACTS);
        facts
    }

    fn facts(&self, node: &'a Node, frame: &mut Frame<'a>, facts: &mut Vec<Evidence>) {
        if facts.len() >= MAX_FACTS {
            return;
        }
        match node {
            Node::Or(operands) | Node::And(operands) => {
                let whole = self.truth(node, frame);
                for operand in operands {
                    if std::mem::discriminant(&self.truth(operand, frame)) == std::mem::discriminant(&whole) {
                        self.facts(operand, frame, facts);
                    }
                }
            }
            Node::Not(operand) => self.facts(operand, frame, facts),
            Node::Compare(comparison) => {
                let sides = [(&comparison.left, &comparison.left_shown), (&comparison.right, &comparison.right_shown)];
                for (side, shown) in sides {
                    if let Some(shown) = shown {
                        self.side(side, shown, frame, facts);
                    }
                }
            }
            Node::Presence(operand, presence, Some(shown)) => {
                let value = self.value(operand, frame);
                let absent = matches!(value, Value::Absent);
                let word =
                    if absent == (*presence == Presence::Absent) && absent { "absent".to_owned() } else { value.shown() };
                push(facts, Evidence { text: format!("`{shown}` is {word}"), path: None, line: None, layer: None });
            }
            Node::Any(binding, body) => self.witness(binding, body, frame, facts, &Truth::True),
            Node::All(binding, body) => self.witness(binding, body, frame, facts, &Truth::False),
            Node::Call(function, arguments) => {
                let Some((body, slots)) = self.plan.functions.get(*function) else { return };
                let mut inner = Frame::new(*slots);
                for (slot, argument) in arguments.iter().enumerate() {
                    inner.set(slot, self.value(argument, frame));
                }
                self.facts(body, &mut inner, facts);
            }
            _ => {}
        }
    }

    /// One side of a comparison, at the place of the record whose field it is.
    fn side(&self, node: &'a Node, shown: &str, frame: &mut Frame<'a>, facts: &mut Vec<Evidence>) {
        let value = self.value(node, frame);
        if matches!(value, Value::Constant(_)) {
            return;
        }
        let text = format!("`{shown}` is {}", value.shown());
        let base = match node {
            Node::Field(base, _) => Some(base),
            Node::Version(inner) => match inner.as_ref() {
                Node::Field(base, _) => Some(base),
                _ => None,
            },
            _ => None,
        };
        let record = base.and_then(|base| match self.value(base, frame) {
            Value::Record(record) => Some(record),
            _ => None,
        });
        push(
            facts,
            match record {
                Some(record) => evidence(record, text),
                None => Evidence { text, path: None, line: None, layer: None },
            },
        );
    }

    /// The first element for which the body is as wanted: a witness, or a counter-example.
    fn witness(&self, binding: &'a Binding, body: &'a Node, frame: &mut Frame<'a>, facts: &mut Vec<Evidence>, wanted: &Truth) {
        let Range::Elements(elements, _) = self.range(&binding.relation, frame) else { return };
        for element in elements {
            if self.element(binding, element.clone(), frame) != Truth::True || self.truth(body, frame) != *wanted {
                continue;
            }
            if let Value::Record(record) = element {
                let text = format!("`{}` of `{}`", super::subject::identity(record), binding.shown);
                push(facts, evidence(record, text));
            }
            self.facts(body, frame, facts);
            return;
        }
    }
}

fn push(facts: &mut Vec<Evidence>, fact: Evidence) {
    if !facts.contains(&fact) {
        facts.push(fact);
    }
}

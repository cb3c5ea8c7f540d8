//! Resolved expressions to values; never names, and never an error: every operation is total.

use std::{borrow::Cow, cell::RefCell, str::FromStr};

use jiff::civil::Date;
use pep440_rs::Version;

use super::{
    comparison::compare,
    structure::Namespaces,
    trace::Trace,
    truth::{Truth, add},
    value::Value,
};
use crate::{
    facts::Inventory,
    policy::{
        check::resolved::{Binding, Builtin, Constant, Node},
        compile::{Plan, automaton::Matcher},
        outcome::Evidence,
        syntax::ast::Presence,
    },
};

/// What all expressions of a run see.
pub(crate) struct World<'a> {
    pub(crate) inventory: &'a Inventory,
    pub(crate) plan: &'a Plan,
    pub(crate) today: Date,
    pub(crate) matcher: RefCell<Matcher<'a>>,
    pub(crate) namespaces: Namespaces<'a>,
    /// Most findings over imports that are told one by one.
    pub(crate) most_told: usize,
    /// What conditions came to, where somebody asks.
    pub(crate) trace: Option<RefCell<Trace>>,
}

/// The variables of a rule or function.
pub(crate) struct Frame<'a> {
    slots: Vec<Value<'a>>,
}

impl<'a> Frame<'a> {
    /// A frame of so many variables.
    pub(crate) fn new(slots: usize) -> Self {
        Self { slots: vec![Value::Absent; slots] }
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, slot: usize, value: Value<'a>) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = value;
        }
    }

    /// Reads a variable.
    pub(crate) fn get(&self, slot: usize) -> Value<'a> {
        self.slots.get(slot).cloned().unwrap_or(Value::Absent)
    }
}

/// A relation while it is ranged over.
pub(crate) enum Range<'a> {
    /// Its elements, and why there may be more.
    Elements(Vec<Value<'a>>, Vec<Evidence>),
    /// Nothing is known of it.
    Unknown(Vec<Evidence>),
}

impl<'a> World<'a> {
    /// A condition.
    pub(crate) fn truth(&self, node: &'a Node, frame: &mut Frame<'a>) -> Truth {
        let truth = self.decide(node, frame);
        if let Some(trace) = &self.trace {
            trace.borrow_mut().note(node, &truth);
        }
        truth
    }

    fn decide(&self, node: &'a Node, frame: &mut Frame<'a>) -> Truth {
        match node {
            Node::Or(operands) => {
                operands.iter().fold(Truth::False, |so_far, operand| so_far.or(|| self.truth(operand, frame)))
            }
            Node::And(operands) => {
                operands.iter().fold(Truth::True, |so_far, operand| so_far.and(|| self.truth(operand, frame)))
            }
            Node::Not(operand) => self.truth(operand, frame).not(),
            Node::Compare(comparison) => {
                let left = self.value(&comparison.left, frame);
                let right = self.value(&comparison.right, frame);
                compare(self, &left, (comparison.operator, comparison.order), &right)
            }
            Node::Presence(operand, presence, _) => match self.value(operand, frame) {
                Value::Unknown(reasons) => Truth::Unknown(reasons),
                Value::Absent => Truth::from(*presence == Presence::Absent),
                _ => Truth::from(*presence == Presence::Present),
            },
            Node::Any(binding, body) => self.any(binding, body, frame),
            Node::All(binding, body) => self.all(binding, body, frame),
            other => match self.value(other, frame) {
                Value::Bool(value) => Truth::from(value),
                Value::Unknown(reasons) => Truth::Unknown(reasons),
                // A truth value is never absent and never of another type: the checker has seen to it.
                _ => Truth::Unknown(Vec::new()),
            },
        }
    }

    /// A value.
    pub(crate) fn value(&self, node: &'a Node, frame: &mut Frame<'a>) -> Value<'a> {
        match node {
            Node::Constant(constant) => Value::constant(constant),
            Node::Global(get) => Value::fact(get(self.inventory), None),
            Node::Today => Value::Date(self.today),
            Node::Slot(slot) => frame.get(*slot),
            Node::Field(base, get) => match self.value(base, frame) {
                Value::Record(record) => Value::fact(get(record), Some(record)),
                Value::Unknown(reasons) => Value::Unknown(reasons),
                _ => Value::Absent,
            },
            Node::Version(text) => version(self.value(text, frame)),
            Node::Index(base, key) => {
                let base = self.value(base, frame);
                index(&base, &self.value(key, frame))
            }
            Node::Fallback(operands) => {
                let mut values = operands.iter().map(|operand| self.value(operand, frame));
                values.find(|value| !matches!(value, Value::Absent)).unwrap_or(Value::Absent)
            }
            Node::CountWhere(binding) => self.count(binding, frame),
            Node::Count(relation) => match self.range(relation, frame) {
                Range::Unknown(reasons) => Value::Int(0, None, reasons),
                Range::Elements(elements, lacks) => counted(elements.len(), 0, lacks),
            },
            Node::CountDistinct(binding, value) => self.count_distinct(binding, value, frame),
            Node::Call(function, arguments) => {
                let Some((body, slots)) = self.plan.functions.get(*function) else { return Value::Unknown(Vec::new()) };
                let mut inner = Frame::new(*slots);
                for (slot, argument) in arguments.iter().enumerate() {
                    inner.set(slot, self.value(argument, frame));
                }
                self.value(body, &mut inner)
            }
            Node::Builtin(builtin, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|argument| self.value(argument, frame)).collect();
                call(*builtin, &arguments)
            }
            Node::Poison => Value::Unknown(Vec::new()),
            Node::Or(_)
            | Node::And(_)
            | Node::Not(_)
            | Node::Compare(_)
            | Node::Presence(..)
            | Node::Any(..)
            | Node::All(..) => match self.truth(node, frame) {
                Truth::True => Value::Bool(true),
                Truth::False => Value::Bool(false),
                Truth::Unknown(reasons) => Value::Unknown(reasons),
            },
        }
    }

    /// The elements of a relation.
    pub(crate) fn range(&self, relation: &'a Node, frame: &mut Frame<'a>) -> Range<'a> {
        match self.value(relation, frame) {
            Value::List(items, lacks) => Range::Elements(items, lacks),
            Value::Constant(Constant::Collection(items)) => {
                Range::Elements(items.iter().map(Value::constant).collect(), Vec::new())
            }
            Value::Unknown(reasons) => Range::Unknown(reasons),
            _ => Range::Elements(Vec::new(), Vec::new()),
        }
    }

    /// True with a witness, else unknown where an element is or the relation is not whole, else false.
    fn any(&self, binding: &'a Binding, body: &'a Node, frame: &mut Frame<'a>) -> Truth {
        let (elements, mut doubts) = match self.range(&binding.relation, frame) {
            Range::Unknown(reasons) => return Truth::Unknown(reasons),
            Range::Elements(elements, lacks) => (elements, lacks),
        };
        let mut decided = doubts.is_empty();
        for element in elements {
            match self.element(binding, element, frame).and(|| self.truth(body, frame)) {
                Truth::True => return Truth::True,
                Truth::False => {}
                Truth::Unknown(reasons) => {
                    decided = false;
                    add(&mut doubts, reasons);
                }
            }
        }
        if decided { Truth::False } else { Truth::Unknown(doubts) }
    }

    /// The dual of `any`.
    fn all(&self, binding: &'a Binding, body: &'a Node, frame: &mut Frame<'a>) -> Truth {
        let (elements, mut doubts) = match self.range(&binding.relation, frame) {
            Range::Unknown(reasons) => return Truth::Unknown(reasons),
            Range::Elements(elements, lacks) => (elements, lacks),
        };
        let mut decided = doubts.is_empty();
        for element in elements {
            match self.element(binding, element, frame).not().or(|| self.truth(body, frame)) {
                Truth::False => return Truth::False,
                Truth::True => {}
                Truth::Unknown(reasons) => {
                    decided = false;
                    add(&mut doubts, reasons);
                }
            }
        }
        if decided { Truth::True } else { Truth::Unknown(doubts) }
    }

    /// Binds an element and asks whether it is meant.
    pub(crate) fn element(&self, binding: &'a Binding, element: Value<'a>, frame: &mut Frame<'a>) -> Truth {
        frame.set(binding.slot, element);
        binding.condition.as_ref().map_or(Truth::True, |condition| self.truth(condition, frame))
    }

    fn count(&self, binding: &'a Binding, frame: &mut Frame<'a>) -> Value<'a> {
        let (elements, mut reasons) = match self.range(&binding.relation, frame) {
            Range::Unknown(reasons) => return Value::Int(0, None, reasons),
            Range::Elements(elements, lacks) => (elements, lacks),
        };
        let whole = reasons.is_empty();
        let (mut sure, mut perhaps) = (0, 0);
        for element in elements {
            match self.element(binding, element, frame) {
                Truth::True => sure += 1,
                Truth::False => {}
                Truth::Unknown(more) => {
                    perhaps += 1;
                    add(&mut reasons, more);
                }
            }
        }
        let Value::Int(low, high, _) = counted(sure, perhaps, Vec::new()) else { return Value::Unknown(reasons) };
        Value::Int(low, high.filter(|_| whole), reasons)
    }
}

fn counted<'a>(sure: usize, perhaps: usize, lacks: Vec<Evidence>) -> Value<'a> {
    let low = i64::try_from(sure).unwrap_or(i64::MAX);
    let high = i64::try_from(sure.saturating_add(perhaps)).unwrap_or(i64::MAX);
    Value::Int(low, lacks.is_empty().then_some(high), lacks)
}

fn version(text: Value<'_>) -> Value<'_> {
    match text {
        Value::Text(text) => match Version::from_str(&text) {
            Ok(version) => Value::Version(Cow::Owned(version)),
            Err(_) => {
                let text = format!("`{}` is not a version by PEP 440", text.escape_debug());
                Value::Unknown(vec![Evidence { text, path: None, line: None, layer: None }])
            }
        },
        other => other,
    }
}

fn index<'a>(base: &Value<'a>, key: &Value<'a>) -> Value<'a> {
    match (base, key) {
        (Value::Absent, _) => Value::Absent,
        (Value::Unknown(reasons), _) | (_, Value::Unknown(reasons)) => Value::Unknown(reasons.clone()),
        (Value::Map(map), key) => {
            key.as_text().and_then(|key| map.get(key)).map_or(Value::Absent, |text| Value::Text(text.as_str().into()))
        }
        (Value::List(items, lacks), Value::Int(at, Some(high), _)) if at == high => {
            let found = usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned();
            // What is missing from a list may be anywhere in it.
            if lacks.is_empty() { found.unwrap_or(Value::Absent) } else { Value::Unknown(lacks.clone()) }
        }
        (Value::Constant(Constant::Collection(items)), Value::Int(at, Some(high), _)) if at == high => {
            usize::try_from(*at).ok().and_then(|at| items.get(at)).map_or(Value::Absent, Value::constant)
        }
        (Value::List(..) | Value::Constant(Constant::Collection(_)), Value::Int(_, _, reasons)) => {
            Value::Unknown(reasons.clone())
        }
        _ => Value::Absent,
    }
}

fn call<'a>(builtin: Builtin, arguments: &[Value<'a>]) -> Value<'a> {
    let mut reasons = Vec::new();
    for argument in arguments {
        if let Value::Unknown(more) = argument {
            add(&mut reasons, more.clone());
        }
    }
    if arguments.iter().any(|argument| matches!(argument, Value::Unknown(_))) {
        return Value::Unknown(reasons);
    }
    let text = |index: usize| arguments.get(index).and_then(Value::as_text).unwrap_or("");
    match (builtin, arguments) {
        (Builtin::StartsWith, _) => Value::Bool(text(0).starts_with(text(1))),
        (Builtin::EndsWith, _) => Value::Bool(text(0).ends_with(text(1))),
        (Builtin::Contains, _) => Value::Bool(text(0).contains(text(1))),
        (Builtin::Lower, [Value::Secret(secret)]) => Value::Secret(secret.to_lowercase().into()),
        (Builtin::Lower, _) => Value::Text(text(0).to_lowercase().into()),
        (Builtin::DaysBetween, [Value::Date(from), Value::Date(to)]) => {
            Value::int(from.until(*to).map_or(0, |span| i64::from(span.get_days())))
        }
        (Builtin::DaysBetween, _) => Value::Unknown(reasons),
        // Whoever will prove something of a subject (a signature, an attestation) is asked here: until then nothing is proved.
        (Builtin::Evidence, _) => {
            let text = format!("nobody has given evidence of `{}` for `{}`", text(0), text(1));
            Value::Unknown(vec![Evidence { text, path: None, line: None, layer: None }])
        }
    }
}

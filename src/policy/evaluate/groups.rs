//! Groups and distinct values of relations; never the order in which the elements stand.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use pep440_rs::Version;

use super::{
    expression::{Frame, Range, World},
    subject::identity,
    truth::{Truth, add},
    value::Value,
};
use crate::{
    facts::schema::Kind,
    policy::{
        check::resolved::{Binding, Grouping, Node},
        outcome::Evidence,
    },
};

/// What tells known values apart; equal where `==` says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    Absent,
    Bool(bool),
    Int(i64),
    Date(Date),
    Version(Version),
    Text(String),
    Record(Kind, String),
}

impl Key {
    /// The key of a value; why there is none where it is not known.
    pub(super) fn of(value: &Value<'_>) -> Result<Self, Vec<Evidence>> {
        Ok(match value {
            Value::Absent => Self::Absent,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(low, Some(high), _) if low == high => Self::Int(*low),
            Value::Int(_, _, reasons) | Value::Unknown(reasons) => return Err(reasons.clone()),
            Value::Date(date) => Self::Date(*date),
            Value::Version(version) => Self::Version(version.clone().into_owned()),
            Value::Text(text) | Value::Secret(text) => Self::Text(text.to_string()),
            Value::Record(record) => Self::Record(record.kind(), identity(*record)),
            // The checker lets only single values be told apart.
            Value::List(..) | Value::Map(_) | Value::Constant(_) => return Err(Vec::new()),
        })
    }
}

/// A relation in groups.
pub(super) struct Groups<'a> {
    /// What the elements of each have in common, and they, by that.
    pub(super) groups: Vec<(Value<'a>, Value<'a>)>,
    /// Why there may be more groups than these.
    pub(super) lacks: Vec<Evidence>,
}

impl<'a> World<'a> {
    /// The groups of a relation. An element whose group is not known may be in any of them, or in one of its own.
    pub(super) fn groups(&self, binding: &'a Binding, grouping: &'a Grouping, frame: &mut Frame<'a>) -> Groups<'a> {
        let (elements, mut lacks) = match self.range(&binding.relation, frame) {
            Range::Unknown(reasons) => return Groups { groups: Vec::new(), lacks: reasons },
            Range::Elements(elements, lacks) => (elements, lacks),
        };
        let mut groups: HashMap<Key, (Value<'a>, Vec<Value<'a>>)> = HashMap::new();
        for element in elements {
            frame.set(grouping.element, element.clone());
            let key = self.value(&grouping.by, frame);
            match Key::of(&key) {
                Ok(known) => groups.entry(known).or_insert_with(|| (key, Vec::new())).1.push(element),
                Err(reasons) => {
                    // INVARIANT: a relation that may lack elements gives a reason.
                    let text = "it is not known to which group an element belongs".to_owned();
                    add(&mut lacks, vec![Evidence { text, path: None, line: None, layer: None }]);
                    add(&mut lacks, reasons);
                }
            }
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by(|(left, _), (right, _)| left.cmp(right));
        let groups = groups.into_iter().map(|(_, (key, items))| (key, Value::List(items, lacks.clone()))).collect();
        Groups { groups, lacks }
    }

    /// How many different values there are; absent ones are none.
    pub(super) fn count_distinct(&self, binding: &'a Binding, value: &'a Node, frame: &mut Frame<'a>) -> Value<'a> {
        let (elements, mut reasons) = match self.range(&binding.relation, frame) {
            Range::Unknown(reasons) => return Value::Int(0, None, reasons),
            Range::Elements(elements, lacks) => (elements, lacks),
        };
        let whole = reasons.is_empty();
        let (mut sure, mut perhaps, mut open) = (BTreeSet::new(), BTreeSet::new(), 0_usize);
        for element in elements {
            let meant = match self.element(binding, element, frame) {
                Truth::False => continue,
                Truth::True => true,
                Truth::Unknown(more) => {
                    add(&mut reasons, more);
                    false
                }
            };
            match Key::of(&self.value(value, frame)) {
                Ok(Key::Absent) => {}
                Ok(key) if meant => {
                    sure.insert(key);
                }
                Ok(key) => {
                    perhaps.insert(key);
                }
                // Known or not, it may be absent: then it counts for nothing.
                Err(more) => {
                    open += 1;
                    add(&mut reasons, more);
                }
            }
        }
        let low = i64::try_from(sure.len()).unwrap_or(i64::MAX);
        let high = i64::try_from(sure.union(&perhaps).count().saturating_add(open)).unwrap_or(i64::MAX);
        if low == high && whole { Value::int(low) } else { Value::Int(low, whole.then_some(high), reasons) }
    }
}

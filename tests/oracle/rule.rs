//! Rules over their subjects, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use douane::{
    facts::{
        Module,
        schema::{FieldType, Record},
    },
    policy::syntax::ast::{Binding, Clause, ClauseKind, Expression, ExpressionKind, File, Grouping, OnUnknown, Rule},
};

use crate::{
    identity::{self, Subject},
    meaning::{Scope, Told, World, told},
    program::{scalar, walk},
    truth::{Truth, every, not, some},
    value::{Value, equal},
    verdict::{Outcome, Place, Verdict},
};

/// A rule while it is judged.
pub struct Judged<'a> {
    pub file: &'a File,
    pub rule: &'a Rule,
    pub on_unknown: Option<OnUnknown>,
    pub outcome: Outcome,
    /// The lines of clauses over the graph.
    pub graph_lines: BTreeSet<u32>,
    /// Where chains can end, by where they begin: surely or perhaps.
    pub ends: BTreeMap<Place, BTreeSet<(bool, String)>>,
    /// What clauses over imports have judged.
    pub counted: Vec<Counted>,
    seen: BTreeSet<(String, String, Option<String>)>,
}

/// The modules that a clause over imports has judged.
#[derive(PartialEq, Eq)]
pub struct Counted {
    modules: BTreeSet<(String, Option<String>)>,
    /// Whether the reference says how many there are.
    exact: bool,
}

impl Counted {
    pub fn exactly() -> Self {
        Self { modules: BTreeSet::new(), exact: true }
    }

    pub fn add(&mut self, module: &Module) {
        self.modules.insert((module.name.to_string(), module.file.clone()));
    }

    /// Counts the target, where no module can be.
    pub fn add_target(&mut self) {
        self.modules.insert((String::new(), None));
    }

    pub fn leave_open(&mut self) {
        self.exact = false;
    }
}

/// How many subjects there are beside those of clauses over imports; nothing where the number is open and not none.
fn total(others: u64, counted: &[Counted]) -> Option<u64> {
    let Some(first) = counted.first() else { return Some(others) };
    if counted.iter().all(|counted| counted.modules.is_empty()) {
        Some(others)
    } else if counted.iter().all(|counted| counted.exact && counted == first) {
        Some(others + first.modules.len() as u64)
    } else {
        None
    }
}

impl<'a> Judged<'a> {
    /// The place of a verdict on a subject by a clause.
    pub fn place(&self, subject: Subject, clause: &Clause) -> Place {
        (subject, self.file.source.name.clone(), self.line(clause))
    }

    /// The line of a clause.
    pub fn line(&self, clause: &Clause) -> u32 {
        1 + self.file.source.text[..clause.region.start].matches('\n').count() as u32
    }
}

impl<'a> World<'a> {
    /// What becomes of a rule.
    pub fn rule(&self, file: &'a File, rule: &'a Rule) -> Judged<'a> {
        let package = file.on_unknown.map(|(choice, _)| choice);
        let own = rule.clauses.iter().find_map(|clause| match clause.kind {
            ClauseKind::OnUnknown(choice) => Some(choice),
            _ => None,
        });
        let mut judged = Judged {
            file,
            rule,
            on_unknown: own.or(package),
            outcome: Outcome::default(),
            graph_lines: BTreeSet::new(),
            ends: BTreeMap::new(),
            counted: Vec::new(),
            seen: BTreeSet::new(),
        };
        judged.outcome.subjects = Some(0);
        let has_image = self.inventory.image.is_some();
        let speaks = |clause: &Clause| expressions(clause).iter().any(|part| self.program.speaks_of_image(file, part));
        let ranges =
            |clause: &Clause| matches!(clause.kind, ClauseKind::For(_) | ClauseKind::ForGroups(_) | ClauseKind::Where(_));
        if !has_image && rule.clauses.iter().any(|clause| ranges(clause) && speaks(clause)) {
            return judged;
        }
        let (loops, conditions, premises) = parts(rule);
        let scope = Scope::new(file, Some(rule));
        let premise = every(premises.iter().map(|premise| self.truth(premise, &scope)));
        if premise == Some(false) {
            return judged;
        }
        let asserting = |clause: &&Clause| matches!(clause.kind, ClauseKind::Require(..) | ClauseKind::Forbid(..));
        let assertions: Vec<&Clause> =
            rule.clauses.iter().filter(asserting).filter(|clause| has_image || !speaks(clause)).collect();
        if !assertions.is_empty() {
            self.range(&mut judged, &assertions, &loops, &conditions, premise, &scope);
        }
        self.bans(&mut judged, premise);
        self.graphs(&mut judged, premise);
        judged.outcome.subjects = total(judged.seen.len() as u64, &judged.counted);
        judged
    }

    /// Ranges over the loops from the outermost; `meant` is whether what the loops so far have picked is meant.
    fn range(
        &self,
        judged: &mut Judged<'a>,
        assertions: &[&'a Clause],
        loops: &[Loop<'a>],
        conditions: &[&'a Expression],
        meant: Truth,
        scope: &Scope<'a>,
    ) {
        let Some((first, rest)) = loops.split_first() else {
            self.judge(judged, assertions, conditions, meant, scope);
            return;
        };
        let (elements, whole) = match self.value(first.relation(), None, scope) {
            Value::Many(elements, whole) => (elements, whole),
            _ => (Vec::new(), false),
        };
        let (inner, whole): (Vec<Scope<'a>>, bool) = match first {
            Loop::Each(binding, _) => (elements.into_iter().map(|element| self.bind(binding, element, scope)).collect(), whole),
            Loop::Groups(grouping, _) => self.groups(grouping, elements, whole, scope),
        };
        if !whole {
            let owner = match &first.relation().kind {
                ExpressionKind::Field(base, _) => match self.value(base, None, scope) {
                    Value::Record(record) => identity::subject(record),
                    _ => self.target(),
                },
                _ => self.target(),
            };
            let place = judged.place(owner, assertions[0]);
            judged.outcome.doubt(place, judged.on_unknown, false);
        }
        for inner in inner {
            let own = first.condition().map_or(Some(true), |condition| self.truth(condition, &inner));
            if own != Some(false) {
                self.range(judged, assertions, rest, conditions, every([meant, own]), &inner);
            }
        }
    }

    /// A scope for each group, and whether there are surely no others: an element whose group is not known may be in any.
    fn groups(
        &self,
        grouping: &'a Grouping,
        elements: Vec<Value<'a>>,
        mut whole: bool,
        scope: &Scope<'a>,
    ) -> (Vec<Scope<'a>>, bool) {
        let ty = scalar(self.type_of(&grouping.relation, scope)).expect("a relation");
        let mut groups: Vec<(Value<'a>, Vec<Value<'a>>)> = Vec::new();
        let with_element = |element: &Value<'a>| scope.with(&grouping.element.text, FieldType::one(ty), element.clone());
        for element in elements {
            let key = self.value(&grouping.by, None, &with_element(&element));
            if matches!(told(&key), Told::Unknown) {
                whole = false;
            } else if let Some((_, items)) = groups.iter_mut().find(|(known, _)| equal(known, &key) == Some(true)) {
                items.push(element);
            } else {
                groups.push((key, vec![element]));
            }
        }
        let key_type = self.type_of(&grouping.by, &with_element(&Value::Absent));
        let scopes = groups.into_iter().map(|(key, items)| {
            let items = Value::Many(items, whole);
            scope.with(&grouping.items.text, FieldType::list(ty), items).with(&grouping.key.text, key_type, key)
        });
        (scopes.collect(), whole)
    }

    /// Judges the subject that the scope holds.
    fn judge(
        &self,
        judged: &mut Judged<'a>,
        assertions: &[&'a Clause],
        conditions: &[&'a Expression],
        meant: Truth,
        scope: &Scope<'a>,
    ) {
        let meant = every([meant].into_iter().chain(conditions.iter().map(|condition| self.truth(condition, scope))));
        if meant == Some(false) {
            return;
        }
        let subject = match scope.variables.last() {
            None => self.target(),
            Some((_, _, Value::Record(record))) => identity::subject(*record),
            Some((_, _, value)) => ("value".into(), shown(value), None, None),
        };
        judged.seen.insert((subject.0.clone(), subject.1.clone(), subject.2.clone()));
        for clause in assertions {
            let (holds, required) = match &clause.kind {
                ClauseKind::Require(condition, unless) => {
                    (some([condition].into_iter().chain(unless).map(|part| self.truth(part, scope))), true)
                }
                ClauseKind::Forbid(condition, unless) => {
                    let exempt = unless.as_ref().map_or(Some(false), |unless| self.truth(unless, scope));
                    (not(every([self.truth(condition, scope), not(exempt)])), false)
                }
                _ => continue,
            };
            let place = judged.place(subject.clone(), clause);
            match (holds, meant) {
                (Some(true), _) => {}
                (Some(false), Some(true)) => judged.outcome.tell(place, Verdict::Broken),
                _ => judged.outcome.doubt(place, judged.on_unknown, required),
            }
        }
    }

    /// The target as a whole.
    fn target(&self) -> Subject {
        identity::subject(Record::Target(self.inventory))
    }
}

/// A rule's loops, its conditions on subjects, and its premises: conditions
/// that speak of no variable of the rule, which hold or do not hold for the rule as a whole.
fn parts(rule: &Rule) -> (Vec<Loop<'_>>, Vec<&Expression>, Vec<&Expression>) {
    let (mut loops, mut conditions, mut premises, mut variables) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let own =
        |condition: Option<&Expression>, variables: &[&str]| condition.is_some_and(|condition| free(condition, variables));
    for clause in &rule.clauses {
        match &clause.kind {
            ClauseKind::For(binding) => {
                variables.push(binding.variable.text.as_str());
                let is_own = own(binding.condition.as_deref(), &variables);
                premises.extend(binding.condition.as_deref().filter(|_| !is_own));
                loops.push(Loop::Each(binding, binding.condition.as_deref().filter(|_| is_own)));
            }
            ClauseKind::ForGroups(grouping) => {
                variables.extend([grouping.key.text.as_str(), grouping.items.text.as_str()]);
                let is_own = own(grouping.condition.as_deref(), &variables);
                premises.extend(grouping.condition.as_deref().filter(|_| !is_own));
                loops.push(Loop::Groups(grouping, grouping.condition.as_deref().filter(|_| is_own)));
            }
            ClauseKind::Where(condition) if free(condition, &variables) => conditions.push(condition),
            ClauseKind::Where(condition) => premises.push(condition),
            _ => {}
        }
    }
    (loops, conditions, premises)
}

/// A loop, with its condition where that is no premise.
enum Loop<'a> {
    Each(&'a Binding, Option<&'a Expression>),
    Groups(&'a Grouping, Option<&'a Expression>),
}

impl<'a> Loop<'a> {
    fn relation(&self) -> &'a Expression {
        match self {
            Self::Each(binding, _) => &binding.relation,
            Self::Groups(grouping, _) => &grouping.relation,
        }
    }

    fn condition(&self) -> Option<&'a Expression> {
        match self {
            Self::Each(_, condition) | Self::Groups(_, condition) => *condition,
        }
    }
}

/// Whether an expression speaks of one of these variables.
fn free(expression: &Expression, variables: &[&str]) -> bool {
    let mut found = false;
    walk(expression, &mut |part| {
        if let ExpressionKind::Name(name) = &part.kind {
            found |= variables.contains(&name.as_str());
        }
    });
    found
}

/// The expressions of a clause that decide.
fn expressions(clause: &Clause) -> Vec<&Expression> {
    match &clause.kind {
        ClauseKind::For(binding) => {
            let mut all = vec![&*binding.relation];
            all.extend(binding.condition.as_deref());
            all
        }
        ClauseKind::ForGroups(grouping) => {
            let mut all = vec![&*grouping.relation, &*grouping.by];
            all.extend(grouping.condition.as_deref());
            all
        }
        ClauseKind::Where(condition) => vec![condition],
        ClauseKind::Require(condition, unless) | ClauseKind::Forbid(condition, unless) => {
            [condition].into_iter().chain(unless).collect()
        }
        _ => Vec::new(),
    }
}

/// A value of a policy's own list, as the subject of a verdict.
fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Absent => "absent".into(),
        Value::Text(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Version(version) => version.to_string(),
        Value::Int(number, _) => number.to_string(),
        other => panic!("{other:?} is ranged over"),
    }
}

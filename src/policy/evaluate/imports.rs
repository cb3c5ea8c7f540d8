//! Everything that rules ask about imports, environment by environment; never one rule after another.

use std::collections::{HashMap, HashSet};

use super::{
    expression::World,
    found::{Found, Hit},
    nodes::{Group, Nodes, Seen},
    subject::{evidence, subject},
};
use crate::{
    facts::{Completeness, Environment, schema, schema::Record},
    policy::{
        check::resolved::{AssertionKind, Class, Rule, Side},
        compile::automaton::StateId,
        outcome::ViolationCertainty,
    },
};

impl<'a> World<'a> {
    /// Judges every assertion over imports.
    pub(super) fn imports(&self) -> Found<'a> {
        let mut found = Found::new(self.most_told, self.told_whole());
        if self.plan.imports.is_empty() {
            return found;
        }
        let mut seen = Seen::new();
        for environment in &self.inventory.environments {
            let nodes = Nodes::new(environment, &mut self.matcher.borrow_mut(), self.plan.patterns(), &mut seen);
            self.subjects_of_imports(&nodes, &mut found);
            self.bans(&nodes, &mut found);
            self.graph(&nodes, &mut found);
            self.missing_modules(environment, &mut found);
        }
        self.missing_environments(&mut found);
        self.absent_layers(&mut found);
        found.finish();
        found
    }

    /// Assertions of rules of which every finding is needed: waivers speak of them one by one, and alternatives are told apart by them.
    fn told_whole(&self) -> HashSet<usize> {
        let waived: HashSet<&str> = self.plan.waivers.iter().map(|waiver| waiver.rule.as_str()).collect();
        let of = |number: &usize| self.plan.imports.get(*number).and_then(|(rule, _)| self.plan.rules.get(*rule));
        let is_whole = |rule: &Rule| rule.alternative.is_some() || waived.contains(rule.identity.as_str());
        (0..self.plan.imports.len()).filter(|number| of(number).is_some_and(is_whole)).collect()
    }

    /// Counts the modules that each assertion judges; those of parts are counted with the parts.
    fn subjects_of_imports(&self, nodes: &Nodes<'a>, found: &mut Found<'a>) {
        let matcher = self.matcher.borrow();
        (0..self.plan.patterns()).filter(|pattern| nodes.is_inhabited(*pattern)).for_each(|pattern| found.inhabit(pattern));
        let fresh = |group: &Group| group.nodes.iter().map(|id| nodes.fresh(&(*id..*id + 1))).sum();
        let fresh: Vec<u64> = nodes.groups().iter().map(fresh).collect();
        let count = |side: &Side| -> u64 {
            let groups = nodes.side_groups(side);
            groups.iter().filter_map(|group| fresh.get(*group as usize)).sum()
        };
        let mut counted: HashMap<(&[usize], &[Class]), u64> = HashMap::new();
        for number in 0..self.plan.imports.len() {
            let (side, spared) = match self.plan.over_imports(number) {
                Some(AssertionKind::Ban(ban)) => (&ban.from, Some(&ban.spared)),
                Some(AssertionKind::Chain(chain)) => (&chain.from, None),
                Some(AssertionKind::Acyclic(acyclic)) => (&acyclic.modules, None),
                _ => continue,
            };
            let all = *counted.entry((&side.patterns, &side.classes)).or_insert_with(|| count(side));
            let judges = |state: StateId, class: Class| {
                let holds = |side: &Side| side.holds(&matcher, state, Some(class));
                holds(side) && !spared.is_some_and(holds)
            };
            // What was not meant as one owner's module may be as another's.
            let is_news = |(group, before): &(&Group, &[Class])| {
                group.class.is_some_and(|class| judges(group.state, class))
                    && !before.iter().any(|class| judges(group.state, *class))
            };
            let renewed = nodes.renewed().filter(is_news).count() as u64;
            let spared = spared.map(|spared| nodes.side_groups(spared)).unwrap_or_default();
            let spared = spared.iter().filter(|group| nodes.holds(&matcher, side, **group));
            let spared: u64 = spared.filter_map(|group| fresh.get(*group as usize)).sum();
            found.judge(number, all - spared + renewed);
        }
    }

    /// An environment whose modules are not all known has importers that are not known.
    fn missing_modules(&self, environment: &'a Environment, found: &mut Found<'a>) {
        let message = "there may be more modules than are known";
        self.missing(&environment.modules_complete, Record::Environment(environment), message, found);
    }

    /// Where there may be more environments, there may be more importers.
    fn missing_environments(&self, found: &mut Found<'a>) {
        let message = "there may be more environments than are known";
        self.missing(&self.inventory.environments_complete, Record::Target(self.inventory), message, found);
    }

    /// Leaves every assertion over imports undecided where a list that it ranges over may not be whole.
    fn missing(&self, list: &Completeness, record: Record<'a>, message: &str, found: &mut Found<'a>) {
        let lacks = match schema::Value::records(std::iter::empty(), list) {
            schema::Value::List(_, lacks) if !lacks.is_empty() => lacks,
            _ => return,
        };
        for number in 0..self.plan.imports.len() {
            let hit = Hit {
                certainty: ViolationCertainty::Undecided,
                subject: subject(record),
                module: None,
                target: None,
                message: message.to_owned(),
                evidence: lacks.iter().map(|lack| evidence(record, lack.as_str())).collect(),
                stands_for: 1,
                source: None,
            };
            found.add(number, hit);
        }
    }
}

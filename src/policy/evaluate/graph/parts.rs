//! The parts that layers and independence speak of, in one environment; never whether they reach each other.

use std::ops::Range;

use super::{
    super::{
        expression::World,
        found::{Found, Hit},
        nodes::{NodeId, Nodes},
        subject::{evidence, subject},
    },
    partition::{Order, Part, Partition, RowRule, stretches},
};
use crate::{
    facts::{Completeness, Environment, Module, schema, schema::Record},
    policy::{
        architecture::{Independent, Layers, Siblings},
        check::resolved::AssertionKind,
        outcome::{Evidence, ViolationCertainty},
    },
};

impl<'a> World<'a> {
    /// The partitions of an environment; layers that are not there are found here.
    pub(super) fn partitions(&self, nodes: &Nodes<'a>, found: &mut Found<'a>) -> Vec<Partition<'a>> {
        let mut partitions = Vec::new();
        for number in 0..self.plan.imports.len() {
            match self.plan.over_imports(number) {
                Some(AssertionKind::Layers(layers)) => match &layers.containers {
                    Some(side) => {
                        for module in nodes.side(side).into_iter().filter_map(|id| nodes.module(id)) {
                            partitions.extend(self.container((number, layers), nodes, Some(module), found));
                        }
                    }
                    None => partitions.extend(self.container((number, layers), nodes, None, found)),
                },
                Some(AssertionKind::Independent(independent)) => {
                    partitions.extend(members((number, independent), nodes, found));
                }
                _ => {}
            }
        }
        partitions
    }

    /// The layers of one container.
    fn container(
        &self,
        (number, layers): (usize, &'a Layers),
        nodes: &Nodes<'a>,
        container: Option<&'a Module>,
        found: &mut Found<'a>,
    ) -> Option<Partition<'a>> {
        let (mut parts, mut missing) = (Vec::new(), Vec::new());
        for (row, layer) in layers.rows.iter().enumerate().flat_map(|(row, of)| of.layers.iter().map(move |layer| (row, layer)))
        {
            let name = container.map_or_else(|| layer.name.clone(), |module| format!("{}.{}", module.name, layer.name));
            if nodes.find(&name).is_some_and(|id| nodes.module(id).is_some()) {
                parts.push(Part { name, row });
            } else if !layer.optional {
                missing.push(layer.name.as_str());
            }
        }
        if container.is_none() && parts.is_empty() {
            // Another environment may hold them: `absent_layers` tells if none does.
            return None;
        }
        let own = container.and_then(|module| nodes.find(&module.name));
        let stretches = stretches(nodes, &parts);
        judge(number, nodes, own, &stretches, found);
        if !missing.is_empty() {
            let record = container.map_or(Record::Target(self.inventory), |module| Record::Module(nodes.environment, module));
            let name = container.map(|module| module.name.as_str());
            let of = container.map(|module| (nodes.environment, module));
            found.add(number, missing_layers(record, name, of, &missing, &lacks(nodes.environment)));
        }
        let rule = |row: &crate::policy::architecture::Row| RowRule {
            independent: row.siblings == Siblings::Independent,
            closed: row.closed,
        };
        let order = Order::Rows(layers.rows.iter().map(rule).collect());
        (parts.len() > 1).then_some(Partition { assertion: number, exempt: &layers.exempt, parts, stretches, order })
    }

    /// Layers with whole names of which no environment holds any.
    pub(in super::super) fn absent_layers(&self, found: &mut Found<'a>) {
        let other = lacking(&self.inventory.environments_complete, Record::Target(self.inventory));
        let lacks: Vec<Evidence> = self.inventory.environments.iter().flat_map(lacks).chain(other).collect();
        for number in 0..self.plan.imports.len() {
            let Some(AssertionKind::Layers(layers)) = self.plan.over_imports(number) else { continue };
            if layers.containers.is_some() || found.subjects(number) > 0 || self.inventory.environments.is_empty() {
                continue;
            }
            let required = layers.rows.iter().flat_map(|row| &row.layers).filter(|layer| !layer.optional);
            let missing: Vec<&str> = required.map(|layer| layer.name.as_str()).collect();
            if !missing.is_empty() {
                found.judge(number, 1);
                found.add(number, missing_layers(Record::Target(self.inventory), None, None, &missing, &lacks));
            }
        }
    }
}

/// Counts a container and the modules of parts. What an earlier environment holds is counted there; but if none of it lay in a part
/// there, it is judged here for the first time.
fn judge(
    number: usize,
    nodes: &Nodes<'_>,
    container: Option<NodeId>,
    stretches: &[(Range<NodeId>, usize)],
    found: &mut Found<'_>,
) {
    let ranges = || container.map(|id| id..id + 1).into_iter().chain(stretches.iter().map(|(range, _)| range.clone()));
    let fresh: u64 = ranges().map(|range| nodes.fresh(&range)).sum();
    let is_first = || found.subjects(number) == 0 && ranges().flatten().any(|id| nodes.module(id).is_some());
    let count = if fresh == 0 && is_first() { 1 } else { fresh };
    found.judge(number, count);
}

/// Why an environment may have more modules than are known.
fn lacks(environment: &Environment) -> Vec<Evidence> {
    lacking(&environment.modules_complete, Record::Environment(environment))
}

/// Why a record's list may not be whole.
fn lacking(list: &Completeness, record: Record<'_>) -> Vec<Evidence> {
    match schema::Value::records(std::iter::empty(), list) {
        schema::Value::List(_, lacks) => lacks.iter().map(|lack| evidence(record, lack.as_str())).collect(),
        _ => Vec::new(),
    }
}

fn missing_layers<'a>(
    record: Record<'a>,
    container: Option<&str>,
    module: Option<(&'a Environment, &'a Module)>,
    missing: &[&str],
    lacks: &[Evidence],
) -> Hit<'a> {
    let named = |name: &&str| container.map_or_else(|| format!("`{name}`"), |container| format!("`{container}.{name}`"));
    let names = missing.iter().map(named).collect::<Vec<_>>().join(", ");
    let message = match (container, missing) {
        (Some(container), [layer]) => format!("`{container}` has no layer `{layer}`"),
        (Some(container), _) => {
            let layers = missing.iter().map(|layer| format!("`{layer}`")).collect::<Vec<_>>().join(", ");
            format!("`{container}` has none of its layers {layers}")
        }
        (None, [_]) => format!("the layer {names} is not there"),
        (None, _) => format!("the layers {names} are not there"),
    };
    let mut reasons = lacks.to_vec();
    reasons.push(evidence(record, format!("there is no module {}", names.replace(", ", " and no module "))));
    Hit {
        certainty: if lacks.is_empty() { ViolationCertainty::Broken } else { ViolationCertainty::Undecided },
        subject: subject(record),
        module,
        target: None,
        message,
        evidence: reasons,
        stands_for: 1,
        source: None,
    }
}

/// The members of an independence: of those that lie in each other the outermost.
fn members<'a>(
    (number, independent): (usize, &'a Independent),
    nodes: &Nodes<'a>,
    found: &mut Found<'a>,
) -> Option<Partition<'a>> {
    let mut parts: Vec<Part> = Vec::new();
    for id in nodes.side(&independent.members) {
        let name = nodes.name(id);
        let below = |part: &Part| name.strip_prefix(part.name.as_str()).is_some_and(|rest| rest.starts_with('.'));
        if !parts.last().is_some_and(below) {
            parts.push(Part { name: name.to_owned(), row: 0 });
        }
    }
    let stretches = stretches(nodes, &parts);
    judge(number, nodes, None, &stretches, found);
    let exempt = &independent.exempt;
    (parts.len() > 1).then_some(Partition { assertion: number, exempt, parts, stretches, order: Order::Independent })
}

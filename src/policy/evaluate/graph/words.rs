//! Chains of imports in words: findings and their evidence; never searching for them.

use super::{
    super::{
        beyond::{absolute, computed, unread},
        found::Hit,
        nodes::{NodeId, Nodes},
        subject::subject,
    },
    bits::Bits,
    block::{Asks, Block, Question},
    build::{Graph, Sight, bit, standing},
    partition::{Partition, Reason},
    witness::{End, Witness},
};
use crate::{
    facts::{Certainty, Import, Module, schema::Record},
    policy::{
        architecture::Exempt,
        outcome::{Evidence, Subject, ViolationCertainty},
    },
};

/// Most modules between the ends of a chain that a message names; the evidence names all.
const NAMED: usize = 4;

/// A chain in words.
pub(super) fn hit<'a>(graph: &Graph<'_, 'a>, block: &Block<'_>, question: &Question<'_>, witness: &Witness) -> Option<Hit<'a>> {
    let nodes = graph.nodes;
    let exempt = question.exempt();
    let path = innermost(graph, block, witness, exempt);
    let (source, last) = (*path.first()?, *path.last()?);
    let module = nodes.module(source)?;
    let (name, target) = (nodes.name(source), nodes.name(last));
    let mut evidence = steps(nodes, &path, exempt);
    if witness.sight == Sight::May && witness.end == End::Target && block.cell(last).unsure.has(witness.question) {
        let text = format!("`{target}` is not in the environment: whose module it is cannot be told");
        let place = evidence.last();
        let (path, line, layer) = place.map_or((None, None, None), |step| (step.path.clone(), step.line, step.layer));
        evidence.insert(0, Evidence { text, path, line, layer });
    }
    let is_sure = witness.sight == Sight::Must;
    let (subject, message) = match witness.end {
        End::Target => {
            let message = led(nodes, &path, witness.sight);
            let identity = format!("{name} -> {target}");
            (Subject { kind: "import", identity, ..place(nodes, &path, exempt)? }, blamed(question, nodes, source, message))
        }
        End::Unread => {
            let unknown = nodes.module(last)?;
            let seeded = |prefix: &str| is_seed(graph, block, last, witness.question, prefix);
            let (at, mut reasons) = unread(nodes.environment, unknown, |import| {
                absolute(unknown, &import.prefix).is_none_or(|prefix| prefix.is_empty() || seeded(&prefix))
            })?;
            if source == last {
                evidence = reasons;
                (at, format!("not everything that `{name}` imports is known"))
            } else {
                reasons.iter_mut().for_each(|reason| reason.text = format!("in `{target}`, {}", reason.text));
                evidence.splice(0..0, reasons);
                let message =
                    format!("{}, and not everything that `{target}` imports is known", led(nodes, &path, Sight::Must));
                let at = place(nodes, &path, exempt)?;
                (Subject { kind: "module", identity: name.to_owned(), ..at }, message)
            }
        }
    };
    Some(Hit {
        certainty: if is_sure { ViolationCertainty::Broken } else { ViolationCertainty::Undecided },
        subject,
        module: Some((nodes.environment, module)),
        target: (witness.end == End::Target).then(|| target.to_owned()),
        message,
        evidence,
        stands_for: 1,
        source: nodes.number(source),
    })
}

/// A chain with the innermost of the targets that its last statement names: of `import a.b`, where `a` is one too, `a.b`.
fn innermost(graph: &Graph<'_, '_>, block: &Block<'_>, witness: &Witness, exempt: &Exempt) -> Vec<NodeId> {
    let nodes = graph.nodes;
    let mut path = witness.path.clone();
    let [.., from, to] = path[..] else { return path };
    if witness.end == End::Unread {
        return path;
    }
    let name = nodes.name(to);
    let said =
        |id: NodeId| statement(nodes, from, id, exempt).map(|(import, certainty)| (import.map(std::ptr::from_ref), certainty));
    let counts = |id: NodeId| {
        let mut arcs = graph.arcs(witness.sight).of(from).filter(|(target, _)| *target == id);
        arcs.any(|(_, kinds)| block.exemptions.counts((from, id), kinds, witness.question))
    };
    let is_meant = |id: NodeId| {
        let is_target = block.cell(id).target.has(witness.question) && path.first() != Some(&id);
        let is_below = nodes.name(id).strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        is_target && is_below && said(id) == said(to) && said(to).is_some() && counts(id)
    };
    let inner = nodes.edges(from).map(|(_, id)| id).filter(|id| is_meant(*id)).max_by_key(|id| nodes.name(*id).len());
    if let (Some(inner), Some(last)) = (inner, path.last_mut()) {
        *last = inner;
    }
    path
}

fn is_seed(graph: &Graph<'_, '_>, block: &Block<'_>, node: NodeId, question: usize, text: &str) -> bool {
    graph.computed(node).iter().any(|place| {
        let is_same = graph.prefixes.get(*place as usize).is_some_and(|prefix| prefix.text == text);
        is_same && block.seeds.get(*place as usize).is_some_and(|seed: &Bits| seed.has(question))
    })
}

/// What a chain of imports does: "`a` reaches `d` through `b` -> `c`".
pub(super) fn led(nodes: &Nodes<'_>, path: &[NodeId], sight: Sight) -> String {
    let name = |id: &NodeId| format!("`{}`", nodes.name(*id));
    let (Some((first, rest)), may) = (path.split_first(), sight == Sight::May) else { return String::new() };
    let Some((last, between)) = rest.split_last() else { return name(first) };
    if between.is_empty() {
        return format!("{} {} {}", name(first), if may { "may import" } else { "imports" }, name(last));
    }
    let mut through = between.iter().take(NAMED).map(name).collect::<Vec<_>>().join(" -> ");
    if let Some(more) = between.len().checked_sub(NAMED).filter(|more| *more > 0) {
        through += &format!(" and {more} more");
    }
    format!("{} {} {} through {through}", name(first), if may { "may reach" } else { "reaches" }, name(last))
}

/// The message of a chain, with what it offends where the question is about parts.
fn blamed(question: &Question<'_>, nodes: &Nodes<'_>, source: NodeId, chain: String) -> String {
    let Asks::Part(partition, to) = question.asks else { return chain };
    let from = partition.part_of(source);
    match from.and_then(|from| Some((from, partition.reason(from, to)?))) {
        Some((from, reason)) => format!("{}: {chain}", offence(partition, from, to, reason)),
        None => format!("{}: {chain}", nodes.name(source)),
    }
}

fn offence(partition: &Partition<'_>, from: usize, to: usize, reason: Reason) -> String {
    let name = |part: usize| partition.parts.get(part).map_or("", |part| part.name.as_str());
    let (from, to) = (name(from), name(to));
    match reason {
        Reason::Independent => format!("`{from}` and `{to}` are independent of each other"),
        Reason::Lower => format!("`{from}` lies below `{to}` and must not import it"),
        Reason::Past(row) => {
            let closed = partition.parts.iter().filter(|part| part.row == row).map(|part| format!("`{}`", part.name));
            format!("`{from}` may import `{to}` only through {}", closed.collect::<Vec<_>>().join(" or "))
        }
    }
}

/// One step after the other.
pub(super) fn steps(nodes: &Nodes<'_>, path: &[NodeId], exempt: &Exempt) -> Vec<Evidence> {
    let steps = path.iter().zip(path.iter().skip(1)).filter_map(|(from, to)| step(nodes, *from, *to, exempt));
    steps.map(|(at, text)| Evidence { text, path: at.path, line: at.line, layer: at.layer }).collect()
}

/// Where the first import of a chain stands.
pub(super) fn place(nodes: &Nodes<'_>, path: &[NodeId], exempt: &Exempt) -> Option<Subject> {
    step(nodes, *path.first()?, *path.get(1)?, exempt).map(|(at, _)| at)
}

/// One import of a chain: where it stands, and what it does.
fn step(nodes: &Nodes<'_>, from: NodeId, to: NodeId, exempt: &Exempt) -> Option<(Subject, String)> {
    let module = nodes.module(from)?;
    let (name, target) = (nodes.name(from), nodes.name(to));
    if let Some((import, certainty)) = statement(nodes, from, to, exempt) {
        let verb = if certainty == Certainty::Must { "imports" } else { "may import" };
        let record = match import {
            Some(import) => Record::Import(nodes.environment, module, import),
            None => Record::Module(nodes.environment, module),
        };
        return Some((subject(record), format!("`{name}` {verb} `{target}`")));
    }
    let is_meant = |prefix: &str| target.starts_with(prefix) || prefix.starts_with(&format!("{target}."));
    let import = module.source.computed_imports.iter().find(|import| {
        let prefix = absolute(module, &import.prefix);
        prefix.is_none_or(|prefix| is_meant(&prefix))
    })?;
    let at = subject(Record::ComputedImport(nodes.environment, module, import));
    Some((at, format!("`{name}` may import `{target}`: {}", computed(import))))
}

/// The statement that makes an edge: of several a sure one, then the first.
fn statement<'a>(nodes: &Nodes<'a>, from: NodeId, to: NodeId, exempt: &Exempt) -> Option<(Option<&'a Import>, Certainty)> {
    let module: &'a Module = nodes.module(from)?;
    let ignored = exempt.ignoring.iter().fold(0, |kinds, kind| kinds | bit(*kind));
    let meant = nodes.edges(from).filter(|(_, target)| *target == to).filter_map(|(edge, _)| {
        let import = module.source.imports.get(edge.import as usize);
        let counts = import.is_none_or(|import| bit(import.kind) & ignored == 0);
        let certainty = standing(module, edge).filter(|_| counts)?;
        Some(((certainty, edge.import), import))
    });
    meant.min_by_key(|(key, _)| *key).map(|((certainty, _), import)| (import, certainty))
}

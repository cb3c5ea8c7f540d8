//! What rules ask of the import graph as a whole: chains, layers, independence, cycles; never one rule after another.

mod bits;
mod block;
mod build;
mod components;
mod cycles;
mod exempt;
mod levels;
mod open;
mod partition;
mod parts;
mod propagate;
mod span;
#[cfg(test)]
mod tests;
mod witness;
mod words;

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use self::{
    bits::{Bits, WIDTH},
    block::{Asks, Block, Question},
    build::{Graph, Sight},
    exempt::Exemptions,
    open::Limits,
    partition::Partition,
    span::{EMPTY, Spans, join},
};
use super::{
    expression::World,
    found::{Found, Hit},
    modules::Modules,
    nodes::{NodeId, Nodes},
};
use crate::policy::{
    check::resolved::AssertionKind,
    compile::{Plan, automaton::Matcher},
    outcome::ViolationCertainty,
};

/// What a block of questions has found.
struct Answers<'a> {
    /// By assertion, module and how sure it is.
    hits: Vec<(usize, NodeId, Sight, Hit<'a>)>,
    /// Modules that are counted, by assertion and how sure it is.
    counted: Vec<(usize, Sight, Modules)>,
    /// Exceptions that matched: assertion and place.
    excepted: Vec<(usize, usize)>,
}

/// Blocks in a batch. What is told must not depend on how many processors there are.
const BATCH: usize = 4;

impl<'a> World<'a> {
    /// Judges everything that is asked of an environment's graph.
    pub(super) fn graph(&self, nodes: &Nodes<'a>, found: &mut Found<'a>) {
        let kinds = || (0..self.plan.imports.len()).filter_map(|number| self.plan.over_imports(number));
        if kinds().all(|kind| matches!(kind, AssertionKind::Ban(_))) {
            return;
        }
        let graph = Graph::new(nodes);
        let matcher = self.matcher.borrow();
        let matcher: &Matcher<'a> = &matcher;
        let partitions = self.partitions(nodes, found);
        let questions = questions(self.plan, &graph, &partitions);
        let (chains, parts) = questions.split_at(questions.partition_point(|question| matches!(question.asks, Asks::Chain(_))));
        let blocks: Vec<&[Question<'_>]> = chains.chunks(WIDTH).chain(parts.chunks(WIDTH)).collect();
        for batch in batches(&blocks) {
            let (each, most) = found.limits();
            let whole =
                batch.iter().copied().flatten().map(|question| question.assertion).filter(|number| found.is_whole(*number));
            let limits = Limits { each, most, whole: whole.collect() };
            let ask = |questions: &&[Question<'_>]| answer(self.plan, matcher, &graph, questions, &limits);
            let answers: Vec<Answers<'a>> = batch.par_iter().map(ask).collect();
            merge(nodes, answers, found);
        }
        cycles::judge(self.plan, matcher, &graph, found);
    }
}

/// Blocks that are answered side by side: few, for all that they find is kept until then; and those of one assertion together.
fn batches<'b, 'q>(blocks: &'b [&'q [Question<'q>]]) -> Vec<&'b [&'q [Question<'q>]]> {
    let assertion = |question: Option<&Question<'_>>| question.map(|question| question.assertion);
    let (mut batches, mut start) = (Vec::new(), 0);
    for (at, pair) in (1..).zip(blocks.windows(2)) {
        let [last, next] = pair else { continue };
        if at - start >= BATCH && assertion(last.last()) != assertion(next.first()) {
            batches.extend(blocks.get(start..at));
            start = at;
        }
    }
    batches.extend(blocks.get(start..).filter(|rest| !rest.is_empty()));
    batches
}

/// Adds what the blocks of a batch have found: what surely is first.
fn merge<'a>(nodes: &Nodes<'a>, mut answers: Vec<Answers<'a>>, found: &mut Found<'a>) {
    let mut broken: HashSet<(usize, NodeId)> = HashSet::new();
    let mut surely: HashMap<usize, Modules> = HashMap::new();
    let mut perhaps: HashMap<usize, Modules> = HashMap::new();
    for answers in &mut answers {
        let sure = answers.hits.iter().filter(|hit| hit.2 == Sight::Must);
        broken.extend(sure.map(|(number, id, ..)| (*number, *id)));
        for (number, sight, counted) in std::mem::take(&mut answers.counted) {
            let all = if sight == Sight::Must { &mut surely } else { &mut perhaps };
            all.entry(number).or_default().add(counted);
        }
    }
    let mut of_broken: HashMap<usize, Modules> = HashMap::new();
    for (number, id) in broken.iter().filter(|(number, _)| perhaps.contains_key(number)) {
        nodes.number(*id).into_iter().for_each(|source| of_broken.entry(*number).or_default().insert(source));
    }
    for (number, mut counted) in perhaps {
        let sure = surely.get(&number).into_iter().chain(of_broken.get(&number));
        sure.for_each(|sure| counted.without(sure));
        found.count((number, ViolationCertainty::Undecided), counted);
    }
    let mut told = HashSet::new();
    for answers in answers {
        for (number, id, sight, hit) in answers.hits {
            let is_counted = hit.source.zip(surely.get(&number)).is_some_and(|(source, counted)| counted.has(source));
            let mut is_news = || sight == Sight::Must || !broken.contains(&(number, id)) && told.insert((number, id));
            if !is_counted && is_news() {
                found.add(number, hit);
            }
        }
        answers.excepted.iter().for_each(|(number, exception)| found.except(*number, *exception));
    }
    for (number, counted) in surely {
        found.count((number, ViolationCertainty::Broken), counted);
    }
}

/// All questions that can have an answer: chains first, and those that lie near each other side by side. Those of one assertion's
/// parts stay together.
fn questions<'q>(plan: &'q Plan, graph: &'q Graph<'_, '_>, partitions: &'q [Partition<'q>]) -> Vec<Question<'q>> {
    let (mut must, mut may) = (Spans::new(graph, Sight::Must), Spans::new(graph, Sight::May));
    let mut chains = Vec::new();
    for number in 0..plan.imports.len() {
        let Some(AssertionKind::Chain(chain)) = plan.over_imports(number) else { continue };
        if !graph.nodes.has_module(&chain.from) {
            continue;
        }
        let (must, may) = (must.chain(chain).span(), may.chain(chain));
        let is_open = !must.is_empty() || !may.span().is_empty() || !graph.prefixes.is_empty();
        if is_open || !chain.exempt.exceptions.is_empty() {
            chains.push(Question { assertion: number, asks: Asks::Chain(chain), must, may });
        }
    }
    let place = |question: &Question<'_>| {
        let may = question.may.span();
        if question.must.is_empty() {
            (may.is_empty(), may.start, may.end)
        } else {
            (false, question.must.start, question.must.end)
        }
    };
    chains.sort_by_cached_key(|question| (question.must.is_empty(), place(question)));
    let mut parts: Vec<Vec<Question<'_>>> = Vec::new();
    for partition in partitions {
        let all = 0..partition.parts.len();
        let is_asked = |part: &usize| all.clone().any(|from| partition.reason(from, *part).is_some());
        let has_exceptions = !partition.exempt.exceptions.is_empty();
        let spans = must.parts(partition).into_iter().zip(may.parts(partition));
        let spans = spans.enumerate().filter(|(part, _)| is_asked(part)).map(|(part, (must, may))| (part, must.span(), may));
        let open = spans.filter(|(_, must, may)| has_exceptions || !must.is_empty() || !may.span().is_empty());
        let assertion = partition.assertion;
        let asked = open.map(|(part, must, may)| Question { assertion, asks: Asks::Part(partition, part), must, may });
        match parts.last_mut().filter(|last| last.first().is_some_and(|first| first.assertion == assertion)) {
            Some(same) => same.extend(asked),
            None => parts.push(asked.collect()),
        }
    }
    parts.sort_by_cached_key(|questions| questions.iter().map(place).min());
    chains.extend(parts.into_iter().flatten());
    chains
}

/// Answers a block of questions.
fn answer<'a>(
    plan: &Plan,
    matcher: &Matcher<'_>,
    graph: &Graph<'_, 'a>,
    questions: &[Question<'_>],
    limits: &Limits,
) -> Answers<'a> {
    let exempt = questions.iter().enumerate().map(|(bit, question)| (bit, question.assertion, question.exempt()));
    let exemptions = Exemptions::new(graph, matcher, exempt);
    let seed = |prefix: &build::Prefix| {
        let mut bits = Bits::default();
        for (bit, question) in questions.iter().enumerate() {
            if matches!(question.asks, Asks::Chain(chain) if plan.could_be(&chain.to, &prefix.text)) {
                bits.set(bit);
            }
        }
        bits
    };
    let seeds = graph.prefixes.iter().map(seed).collect();
    let block = Block::new(graph.nodes, matcher, questions, exemptions, seeds);
    let must = questions.iter().fold(EMPTY, |all, question| join(&all, &question.must));
    let may = if graph.is_unsure() || has_classes(questions) { may_span(graph, &block) } else { EMPTY };
    let mut hits = Vec::new();
    let answered = witness::answers(graph, &block, (&must, &may), limits);
    for witness in answered.told {
        let (Some(question), Some(source)) = (questions.get(witness.question), witness.path.first()) else { continue };
        let hit = words::hit(graph, &block, question, &witness);
        hits.extend(hit.map(|hit| (question.assertion, *source, witness.sight, hit)));
    }
    Answers { hits, counted: answered.counted, excepted: block.exemptions.matched }
}

/// Whether a chain of a block leads to a class: then modules outside of the environment may be meant.
fn has_classes(questions: &[Question<'_>]) -> bool {
    questions.iter().any(|question| matches!(question.asks, Asks::Chain(chain) if !chain.to.classes.is_empty()))
}

/// Where the questions of a block lie in what may be.
fn may_span(graph: &Graph<'_, '_>, block: &Block<'_>) -> span::Span {
    let components = graph.arcs(Sight::May).components();
    let mut computed = vec![EMPTY; block.questions.len()];
    for (prefix, seed) in (graph.nodes.len() as NodeId..).zip(&block.seeds) {
        for question in seed.iter() {
            let known = computed.get_mut(question);
            known.into_iter().for_each(|known| *known = join(known, &components.span(prefix)));
        }
    }
    let spans = block.questions.iter().zip(&computed).map(|(question, computed)| question.may.with(computed).span());
    spans.fold(EMPTY, |all, span| join(&all, &span))
}

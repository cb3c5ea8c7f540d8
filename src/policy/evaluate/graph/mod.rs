//! What rules ask of the import graph as a whole: chains, layers, independence, cycles; never one rule after another.

mod bits;
mod block;
mod build;
mod components;
mod cycles;
mod exempt;
mod levels;
mod partition;
mod parts;
mod propagate;
#[cfg(test)]
mod tests;
mod witness;
mod words;

use std::collections::HashSet;

use rayon::prelude::*;

use self::{
    bits::{Bits, WIDTH},
    block::{Asks, Block, Question},
    build::{Graph, Sight},
    exempt::Exemptions,
    partition::Partition,
};
use super::{
    expression::World,
    found::{Found, Hit},
    nodes::{NodeId, Nodes},
};
use crate::policy::{
    check::resolved::AssertionKind,
    compile::{Plan, automaton::Matcher},
};

/// What a block of questions has found.
struct Answers<'a> {
    /// By assertion, module and how sure it is.
    hits: Vec<(usize, NodeId, Sight, Hit<'a>)>,
    /// Exceptions that matched: assertion and place.
    excepted: Vec<(usize, usize)>,
}

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
        let plan = self.plan;
        let answers: Vec<Answers<'a>> =
            blocks.into_par_iter().map(|questions| answer(plan, matcher, &graph, questions)).collect();
        let hits = || answers.iter().flat_map(|answers| &answers.hits);
        let broken: HashSet<(usize, NodeId)> =
            hits().filter(|hit| hit.2 == Sight::Must).map(|(number, id, ..)| (*number, *id)).collect();
        let mut told = HashSet::new();
        for answers in answers {
            for (number, id, sight, hit) in answers.hits {
                let mut is_news = || !broken.contains(&(number, id)) && told.insert((number, id));
                if sight == Sight::Must || is_news() {
                    found.add(number, hit);
                }
            }
            answers.excepted.iter().for_each(|(number, exception)| found.except(*number, *exception));
        }
        cycles::judge(self.plan, matcher, &graph, found);
    }
}

/// All questions that can have an answer: chains first, and those whose answer may be sure before others.
fn questions<'q>(plan: &'q Plan, graph: &Graph<'_, '_>, partitions: &'q [Partition<'q>]) -> Vec<Question<'q>> {
    let mut questions = Vec::new();
    for number in 0..plan.imports.len() {
        let Some(AssertionKind::Chain(chain)) = plan.over_imports(number) else { continue };
        let can_break = graph.nodes.has_name(&chain.to);
        let can_be_unsure = graph.is_unsure() || !chain.to.classes.is_empty();
        if graph.nodes.has_module(&chain.from) && (can_break || can_be_unsure || !chain.exempt.exceptions.is_empty()) {
            questions.push(Question { assertion: number, asks: Asks::Chain(chain), can_break });
        }
    }
    questions.sort_by_key(|question| !question.can_break);
    for partition in partitions {
        let all = 0..partition.parts.len();
        let is_asked = |part: &usize| all.clone().any(|from| partition.reason(from, *part).is_some());
        let (assertion, can_break) = (partition.assertion, true);
        let asked = all.clone().filter(is_asked);
        questions.extend(asked.map(|part| Question { assertion, asks: Asks::Part(partition, part), can_break }));
    }
    questions
}

/// Answers a block of questions.
fn answer<'a>(plan: &Plan, matcher: &Matcher<'_>, graph: &Graph<'_, 'a>, questions: &[Question<'_>]) -> Answers<'a> {
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
    let mut hits = Vec::new();
    for witness in witness::answers(graph, &block) {
        let (Some(question), Some(source)) = (questions.get(witness.question), witness.path.first()) else { continue };
        let hit = words::hit(graph, &block, question, &witness);
        hits.extend(hit.map(|hit| (question.assertion, *source, witness.sight, hit)));
    }
    Answers { hits, excepted: block.exemptions.matched }
}

//! All direct import bans at once over the edges of the import graph; never rules times edges, and never chains.

use std::collections::HashSet;

use super::{
    beyond::{is_read, is_unread, unread},
    expression::World,
    found::{Found, Hit},
    nodes::{NodeId, Nodes},
    subject::subject,
};
use crate::{
    facts::{Certainty, ComputedImport, Environment, Import, Module, parents, schema::Record},
    policy::{
        check::resolved::Ban,
        compile::{Key, Listed, Plan, automaton::Matcher},
        outcome::{Evidence, Subject, ViolationCertainty},
    },
};

/// One environment while its edges are walked.
struct Walk<'w, 'a> {
    nodes: &'w Nodes<'a>,
    matcher: &'w Matcher<'a>,
    /// The keys of each group that bans name as importers and as imported.
    from: Vec<Vec<Key>>,
    to: Vec<Vec<Key>>,
}

/// An edge that a ban forbids.
struct Candidate<'a> {
    ban: usize,
    import: u32,
    target: &'a str,
    certainty: Certainty,
    /// Whether the ban names a class, and the target's is not known.
    classless: bool,
}

impl Candidate<'_> {
    fn key(&self) -> (usize, u32, &str) {
        (self.ban, self.import, self.target)
    }

    fn is_sure(&self) -> bool {
        self.certainty == Certainty::Must && !self.classless
    }

    fn told(&self) -> ViolationCertainty {
        if self.is_sure() { ViolationCertainty::Broken } else { ViolationCertainty::Undecided }
    }
}

impl<'a> Walk<'_, 'a> {
    /// The bans that forbid a group to import another, ascending.
    fn bans(&self, plan: &Plan, from: u32, to: u32) -> Vec<usize> {
        let listed = self.to.get(to as usize).into_iter().flatten().filter_map(|key| plan.to.of(*key));
        self.meeting(plan, from, listed, |ban| self.nodes.holds(self.matcher, &ban.to, to))
    }

    /// Those of listed bans that judge a group, ascending. A list is walked where it is short; of two long ones the bits are compared,
    /// so an edge never costs as much as there are bans. `is_listed` says whether a ban is on one of the lists.
    fn meeting<'p>(
        &self,
        plan: &'p Plan,
        from: u32,
        lists: impl Iterator<Item = &'p Listed>,
        is_listed: impl Fn(&Ban) -> bool,
    ) -> Vec<usize> {
        let mut bans = Vec::new();
        for listed in lists {
            let Some(listed_bits) = &listed.bits else {
                let is_meant = |ban: &Ban| self.nodes.holds(self.matcher, &ban.from, from);
                bans.extend(listed.bans.iter().filter(|number| plan.ban(**number).is_some_and(is_meant)));
                continue;
            };
            for importers in self.from.get(from as usize).into_iter().flatten().filter_map(|key| plan.from.of(*key)) {
                let Some(bits) = &importers.bits else {
                    bans.extend(importers.bans.iter().filter(|number| plan.ban(**number).is_some_and(&is_listed)));
                    continue;
                };
                for (at, (left, right)) in bits.iter().zip(listed_bits).enumerate() {
                    let mut both = left & right;
                    while both != 0 {
                        bans.push(at * 64 + both.trailing_zeros() as usize);
                        both &= both - 1;
                    }
                }
            }
        }
        bans.sort_unstable();
        bans.dedup();
        bans.retain(|number| plan.ban(*number).is_some_and(|ban| !self.is_spared(ban, from)));
        bans
    }

    /// Whether a ban does not judge importers of a group although they lie on its side.
    fn is_spared(&self, ban: &Ban, from: u32) -> bool {
        !ban.spared.is_empty() && self.nodes.holds(self.matcher, &ban.spared, from)
    }

    /// Whether a ban judges importers of a group.
    fn judges(&self, ban: &Ban, from: u32) -> bool {
        self.nodes.holds(self.matcher, &ban.from, from) && !self.is_spared(ban, from)
    }
}

impl<'a> World<'a> {
    /// Walks the edges of an environment once.
    pub(super) fn bans(&self, nodes: &Nodes<'a>, found: &mut Found<'a>) {
        let matcher = self.matcher.borrow();
        let groups = || nodes.groups().iter();
        let walk = Walk {
            nodes,
            matcher: &matcher,
            from: groups().map(|group| self.plan.from.keys(&matcher, group.state, group.class)).collect(),
            to: groups().map(|group| self.plan.to.keys(&matcher, group.state, group.class)).collect(),
        };
        for id in nodes.ids() {
            let Some(module) = nodes.module(id) else { continue };
            if walk.from.get(nodes.group_of(id) as usize).is_some_and(|keys| !keys.is_empty()) {
                self.module(&walk, (id, module), found);
            }
        }
    }

    fn module(&self, walk: &Walk<'_, 'a>, (id, module): (NodeId, &'a Module), found: &mut Found<'a>) {
        let from = walk.nodes.group_of(id);
        let mut candidates = Vec::new();
        // Bans that forbid a class: a target outside of the environment may be of it.
        let mut by_class: Option<Vec<usize>> = None;
        let mut last: Option<(NodeId, Vec<usize>)> = None;
        for (edge, target) in walk.nodes.edges(id) {
            let to = walk.nodes.group_of(target);
            let is_outside = walk.nodes.module(target).is_none();
            let may_forbid = walk.to.get(to as usize).is_some_and(|keys| !keys.is_empty());
            if !may_forbid && (!is_outside || self.plan.to.any_class().bans.is_empty()) {
                continue;
            }
            let (_, forbidden) = match last.take().filter(|(same, _)| *same == target) {
                Some(known) => last.insert(known),
                None => last.insert((target, walk.bans(self.plan, from, to))),
            };
            let classless = if is_outside {
                let listed = std::iter::once(self.plan.to.any_class());
                by_class
                    .get_or_insert_with(|| walk.meeting(self.plan, from, listed, |ban| !ban.to.classes.is_empty()))
                    .as_slice()
            } else {
                &[]
            };
            let classless = classless.iter().filter(|number| forbidden.binary_search(number).is_err());
            for (number, classless) in forbidden.iter().map(|ban| (*ban, false)).chain(classless.map(|ban| (*ban, true))) {
                let Some(ban) = self.plan.ban(number) else { continue };
                let kind = module.source.imports.get(edge.import as usize).map(|import| import.kind);
                if kind.is_some_and(|kind| ban.ignoring.contains(&kind)) || excepted(walk, (number, ban), (from, to), found) {
                    continue;
                }
                let (import, certainty) = (edge.import, edge.certainty);
                candidates.push(Candidate { ban: number, import, target: &edge.target, certainty, classless });
            }
        }
        self.candidates(walk, (id, module), candidates, found);
        if !is_read(module) {
            let keys = walk.from.get(from as usize).into_iter().flatten();
            let listed = keys.filter_map(|key| self.plan.from.of(*key)).flat_map(|listed| &listed.bans);
            let numbers: std::collections::BTreeSet<usize> = listed.copied().collect();
            let is_judge = |number: &usize| self.plan.ban(*number).is_some_and(|ban| walk.judges(ban, from));
            for number in numbers.into_iter().filter(is_judge) {
                self.unread(walk.nodes, (id, module), number, found);
            }
        }
    }

    /// One hit for each import and ban: of `import a.b.c`, where the packages on the way are forbidden too, the innermost.
    fn candidates(
        &self,
        walk: &Walk<'_, 'a>,
        (id, module): (NodeId, &'a Module),
        mut candidates: Vec<Candidate<'a>>,
        found: &mut Found<'a>,
    ) {
        // INVARIANT: what lies below a name follows right after it, for `.` sorts before all that a name holds.
        candidates.sort_by(|left, right| left.key().cmp(&right.key()));
        for group in candidates.chunk_by(|left, right| (left.ban, left.import) == (right.ban, right.import)) {
            let sure: Vec<&Candidate<'a>> = group.iter().filter(|candidate| candidate.is_sure()).collect();
            let names: HashSet<&str> = sure.iter().map(|candidate| candidate.target).collect();
            let innermost = |list: &[&Candidate<'a>], at: usize, target: &str| {
                !list.get(at + 1).is_some_and(|next| below(next.target, target))
            };
            // What lies below a sure one, or is a package on the way to it, says nothing more.
            let mut unsure: Vec<&Candidate<'a>> = Vec::new();
            let mut next_sure = None;
            for candidate in group.iter().rev() {
                if candidate.is_sure() {
                    next_sure = Some(candidate.target);
                } else if !under(candidate.target, &names) && !next_sure.is_some_and(|sure| below(sure, candidate.target)) {
                    unsure.push(candidate);
                }
            }
            unsure.reverse();
            for list in [sure, unsure] {
                for (_, candidate) in list.iter().enumerate().filter(|(at, candidate)| innermost(&list, *at, candidate.target))
                {
                    let import = module.source.imports.get(candidate.import as usize);
                    let source = walk.nodes.number(id);
                    if !source.is_some_and(|source| found.is_beyond((candidate.ban, candidate.told()), source)) {
                        found.add(candidate.ban, import_hit((walk.nodes.environment, module, source), import, candidate));
                    }
                }
            }
        }
    }

    /// Where the imports of a module are not all known, and those that are not may be forbidden.
    fn unread(&self, nodes: &Nodes<'a>, (id, module): (NodeId, &'a Module), number: usize, found: &mut Found<'a>) {
        let Some(ban) = self.plan.ban(number) else { return };
        let (environment, source) = (nodes.environment, nodes.number(id));
        let is_meant = |import: &ComputedImport| self.plan.could_be(&ban.to, &import.prefix);
        let is_beyond = |source| found.is_beyond((number, ViolationCertainty::Undecided), source);
        if !is_unread(module, is_meant) || source.is_some_and(is_beyond) {
            return;
        }
        let reasons = unread(environment, module, is_meant);
        let Some((subject, evidence)) = reasons else { return };
        let hit = Hit {
            certainty: ViolationCertainty::Undecided,
            subject,
            module: Some((environment, module)),
            target: None,
            message: format!("not everything that `{}` imports is known", module.name),
            evidence,
            stands_for: 1,
            source,
        };
        found.add(number, hit);
    }
}

fn excepted(walk: &Walk<'_, '_>, (number, ban): (usize, &Ban), (from, to): (u32, u32), found: &mut Found<'_>) -> bool {
    let holds = |side, group| walk.nodes.holds(walk.matcher, side, group);
    let place = ban.exceptions.iter().position(|(source, target, _)| holds(source, from) && holds(target, to));
    place.into_iter().for_each(|place| found.except(number, place));
    place.is_some()
}

fn import_hit<'a>(
    (environment, module, source): (&'a Environment, &'a Module, Option<u32>),
    import: Option<&'a Import>,
    candidate: &Candidate<'a>,
) -> Hit<'a> {
    let is_sure = candidate.is_sure();
    let at = match import {
        Some(import) => subject(Record::Import(environment, module, import)),
        None => subject(Record::Module(environment, module)),
    };
    let (name, target) = (&module.name, candidate.target);
    let subject = Subject { kind: "import", identity: format!("{name} -> {target}"), ..at };
    let verb = if is_sure { "imports" } else { "may import" };
    let text = match (candidate.certainty, candidate.classless) {
        _ if is_sure => format!("`{name}` imports `{target}`"),
        (_, true) => format!("`{target}` is not in the environment: whose module it is cannot be told"),
        (_, false) => format!("`{target}` may be a module or a name inside one: its package is not in the environment"),
    };
    let evidence = vec![Evidence { text, path: subject.path.clone(), line: subject.line, layer: subject.layer }];
    Hit {
        certainty: candidate.told(),
        message: format!("`{name}` {verb} `{target}`"),
        subject,
        module: Some((environment, module)),
        target: Some(target.to_owned()),
        evidence,
        stands_for: 1,
        source,
    }
}

/// Whether a module lies below another.
fn below(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether one of the packages that a module lies in is among the names.
fn under(target: &str, names: &HashSet<&str>) -> bool {
    parents(target).any(|package| names.contains(package))
}

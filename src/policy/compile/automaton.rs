//! All module patterns of a run as one automaton over name segments; never a walk over the patterns for a name.
//!
//! The patterns form a trie of non-deterministic states; the deterministic ones are made when a name first needs them, so a name
//! costs its length, whatever the number of patterns, and there are never more states than names seen.

use std::collections::HashMap;

use crate::policy::check::resolved::{ModulePattern, Segment};

/// The trie.
#[derive(Debug, Clone)]
pub(crate) struct Automaton {
    nodes: Vec<Node>,
    symbols: HashMap<String, usize>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// By segment.
    names: HashMap<usize, usize>,
    /// By any one segment, `*`: known without a look at it.
    any: Option<usize>,
    /// By shape of a segment.
    like: Vec<(Vec<String>, usize)>,
    /// The state after `**`, which is reached without a segment.
    rest: Option<usize>,
    /// Whether any segment leads back here.
    loops: bool,
    /// Patterns that end here.
    ends: Vec<usize>,
}

/// A deterministic state: what every name that leads to it matches.
pub(crate) type StateId = usize;

/// The states that names have needed so far.
pub(crate) struct Matcher<'a> {
    automaton: &'a Automaton,
    states: Vec<State>,
    known: HashMap<Vec<usize>, StateId>,
    transitions: HashMap<(StateId, Option<usize>), StateId>,
}

struct State {
    nodes: Vec<usize>,
    /// The patterns that match, ascending: a bit mask that is kept sparse.
    patterns: Vec<usize>,
    /// Whether a segment's shape matters, so that its transitions cannot be kept by symbol.
    shapes: bool,
}

impl Automaton {
    /// Builds the trie; a pattern's number is its place.
    pub(crate) fn new(patterns: &[ModulePattern]) -> Self {
        let mut automaton = Self { nodes: vec![Node::default()], symbols: HashMap::new() };
        for (number, pattern) in patterns.iter().enumerate() {
            let mut at = 0;
            for segment in &pattern.segments {
                at = automaton.step(at, segment);
            }
            if let Some(node) = automaton.nodes.get_mut(at) {
                node.ends.push(number);
            }
        }
        automaton
    }

    fn step(&mut self, at: usize, segment: &Segment) -> usize {
        let next = self.nodes.len();
        let symbols = self.symbols.len();
        let Some(node) = self.nodes.get_mut(at) else { return at };
        let target = match segment {
            Segment::Name(name) => {
                let symbol = *self.symbols.entry(name.clone()).or_insert(symbols);
                *node.names.entry(symbol).or_insert(next)
            }
            Segment::Like(parts) if parts.iter().all(String::is_empty) && parts.len() == 2 => *node.any.get_or_insert(next),
            Segment::Like(parts) => match node.like.iter().find(|(known, _)| known == parts) {
                Some((_, target)) => *target,
                None => {
                    node.like.push((parts.clone(), next));
                    next
                }
            },
            Segment::Rest => *node.rest.get_or_insert(next),
        };
        if target == next {
            self.nodes.push(Node { loops: *segment == Segment::Rest, ..Node::default() });
        }
        target
    }
}

impl<'a> Matcher<'a> {
    /// A matcher that has seen no name.
    pub(crate) fn new(automaton: &'a Automaton) -> Self {
        let mut matcher = Self { automaton, states: Vec::new(), known: HashMap::new(), transitions: HashMap::new() };
        matcher.state(vec![0]);
        matcher
    }

    /// The state that a module's name leads to.
    pub(crate) fn run(&mut self, name: &str) -> StateId {
        name.split('.').fold(0, |state, segment| self.next(state, segment))
    }

    /// The numbers of the patterns that match all names of a state, ascending.
    pub(crate) fn patterns(&self, state: StateId) -> &[usize] {
        self.states.get(state).map_or(&[], |state| &state.patterns)
    }

    /// The state that one more segment of a name leads to.
    pub(crate) fn next(&mut self, from: StateId, segment: &str) -> StateId {
        let symbol = self.automaton.symbols.get(segment).copied();
        let Some(state) = self.states.get(from) else { return from };
        if !state.shapes
            && let Some(target) = self.transitions.get(&(from, symbol))
        {
            return *target;
        }
        let mut nodes = Vec::new();
        for at in &state.nodes {
            let Some(node) = self.automaton.nodes.get(*at) else { continue };
            nodes.extend(node.loops.then_some(*at));
            nodes.extend(node.any);
            nodes.extend(symbol.and_then(|symbol| node.names.get(&symbol)));
            nodes.extend(node.like.iter().filter(|(parts, _)| is_like(segment, parts)).map(|(_, target)| *target));
        }
        let shapes = state.shapes;
        let target = self.state(nodes);
        if !shapes {
            self.transitions.insert((from, symbol), target);
        }
        target
    }

    /// The deterministic state of these nodes and all that they reach without a segment.
    fn state(&mut self, mut nodes: Vec<usize>) -> StateId {
        let mut at = 0;
        while let Some(node) = nodes.get(at) {
            let rest = self.automaton.nodes.get(*node).and_then(|node| node.rest);
            nodes.extend(rest);
            at += 1;
        }
        nodes.sort_unstable();
        nodes.dedup();
        if let Some(known) = self.known.get(&nodes) {
            return *known;
        }
        let members = || nodes.iter().filter_map(|node| self.automaton.nodes.get(*node));
        let mut patterns: Vec<usize> = members().flat_map(|node| node.ends.iter().copied()).collect();
        patterns.sort_unstable();
        let shapes = members().any(|node| !node.like.is_empty());
        let id = self.states.len();
        self.known.insert(nodes.clone(), id);
        self.states.push(State { nodes, patterns, shapes });
        id
    }
}

/// Whether a segment has these parts in order, the first at its start and the last at its end.
fn is_like(segment: &str, parts: &[String]) -> bool {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    let Some(mut rest) = segment.strip_prefix(first.as_str()).filter(|rest| rest.len() >= last.len()) else { return false };
    for part in parts.get(1..parts.len() - 1).unwrap_or_default() {
        match rest.split_once(part.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

/// Whether a segment that begins so can have these parts.
fn could_be_like(beginning: &str, parts: &[String]) -> bool {
    parts.first().is_some_and(|first| first.starts_with(beginning) || beginning.starts_with(first.as_str()))
}

/// Whether a name that begins with `prefix` can match, or lie below a name that matches: importing it loads its parents too.
pub(crate) fn could_match(pattern: &ModulePattern, prefix: &str) -> bool {
    let mut positions = vec![0_usize];
    let mut parts = prefix.split('.').peekable();
    while let Some(part) = parts.next() {
        let is_whole = parts.peek().is_some();
        let mut next = Vec::new();
        let mut at = 0;
        while let Some(position) = positions.get(at).copied() {
            at += 1;
            match pattern.segments.get(position) {
                None => return true,
                Some(Segment::Rest) => {
                    next.push(position);
                    if !positions.contains(&(position + 1)) {
                        positions.push(position + 1);
                    }
                }
                Some(Segment::Name(name)) if is_whole && name != part => {}
                Some(Segment::Name(name)) if !name.starts_with(part) => {}
                Some(Segment::Like(parts)) if is_whole && !is_like(part, parts) => {}
                Some(Segment::Like(parts)) if !could_be_like(part, parts) => {}
                Some(Segment::Name(_) | Segment::Like(_)) => next.push(position + 1),
            }
        }
        next.sort_unstable();
        next.dedup();
        positions = next;
    }
    !positions.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{Automaton, Matcher, could_match};
    use crate::policy::check::pattern::parse;

    fn matching(patterns: &[&str], name: &str) -> Vec<usize> {
        let patterns: Vec<_> = patterns.iter().map(|pattern| parse(pattern).expect("a pattern")).collect();
        let automaton = Automaton::new(&patterns);
        let mut matcher = Matcher::new(&automaton);
        let state = matcher.run(name);
        matcher.patterns(state).to_vec()
    }

    #[test]
    fn one_walk_yields_every_pattern() {
        let patterns = ["acme", "acme.**", "acme.*", "**", "acme.*.v1", "**.v1", "acme.test_*", "acme.**.v1", "*"];
        assert_eq!(matching(&patterns, "acme"), [0, 1, 3, 8]);
        assert_eq!(matching(&patterns, "acme.v1"), [1, 2, 3, 5, 7]);
        assert_eq!(matching(&patterns, "acme.test_x"), [1, 2, 3, 6]);
        assert_eq!(matching(&patterns, "acme.api.v1"), [1, 3, 4, 5, 7]);
        assert_eq!(matching(&patterns, "acmex"), [3, 8]);
        assert_eq!(matching(&["a*c*e"], "abcde"), [0]);
        assert_eq!(matching(&["aa*aa"], "aaa"), [0; 0]);
    }

    #[test]
    fn agrees_with_matching_one_by_one() {
        let segments = ["a", "b", "*", "**", "a*"];
        let names = ["a", "b", "ab", "c"];
        let mut patterns = Vec::new();
        for first in segments {
            for second in segments {
                for third in segments {
                    patterns.extend(parse(&format!("{first}.{second}.{third}")).ok());
                }
            }
        }
        let automaton = Automaton::new(&patterns);
        let mut matcher = Matcher::new(&automaton);
        for number in 0..64 {
            let name = format!("{}.{}.{}", names[number / 16], names[number / 4 % 4], names[number % 4]);
            let state = matcher.run(&name);
            for (number, pattern) in patterns.iter().enumerate() {
                let alone = Automaton::new(std::slice::from_ref(pattern));
                let mut single = Matcher::new(&alone);
                let end = single.run(&name);
                let expected = !single.patterns(end).is_empty();
                assert_eq!(matcher.patterns(state).contains(&number), expected, "{name} {pattern:?}");
            }
        }
    }

    #[test]
    fn a_constant_beginning_narrows_what_is_computed() {
        let can = |pattern: &str, prefix: &str| could_match(&parse(pattern).expect("a pattern"), prefix);
        assert!(can("pickle", "") && can("pickle", "pic") && can("pickle", "pickle") && can("pickle", "pickle."));
        assert!(!can("pickle", "plugins.") && !can("pickle", "pickled") && !can("a.b", "a.c."));
        assert!(can("test_*", "te") && can("test_*", "test_x") && !can("test_*", "plugins") && !can("a.test_*", "a.b"));
        assert!(can("shelve.**", "shelve.") && can("**.secret", "plugins.") && can("a.*.c", "a.b."));
    }
}

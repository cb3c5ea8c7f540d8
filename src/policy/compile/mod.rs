//! Resolved rules to plans: one automaton for all patterns, and indices from patterns to bans; never text to be looked up.

pub(crate) mod automaton;

use automaton::{Automaton, Matcher, StateId, could_match};

use super::{
    check::resolved::{AssertionKind, Ban, Class, ModulePattern, Node, Resolved, Rule, Side},
    waiver::Waiver,
};

/// All that the evaluator needs.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The rules.
    pub(crate) rules: Vec<Rule>,
    /// The waivers, sorted by what they say.
    pub(crate) waivers: Vec<Waiver>,
    /// Functions: their bodies and the number of their slots.
    pub(crate) functions: Vec<(Node, usize)>,
    /// Every module pattern.
    pub(crate) automaton: Automaton,
    /// Every import ban: its rule and assertion.
    pub(crate) bans: Vec<(usize, usize)>,
    patterns: Vec<ModulePattern>,
    from: Index,
    to: Index,
}

/// Which bans name a pattern or a class on one of their sides.
#[derive(Debug, Clone, Default)]
struct Index {
    patterns: Vec<Vec<usize>>,
    own: Vec<usize>,
    third_party: Vec<usize>,
    stdlib: Vec<usize>,
}

impl Index {
    fn class(&mut self, class: Class) -> &mut Vec<usize> {
        match class {
            Class::Own => &mut self.own,
            Class::ThirdParty => &mut self.third_party,
            Class::Stdlib => &mut self.stdlib,
        }
    }

    fn add(&mut self, side: &Side, ban: usize) {
        for pattern in &side.patterns {
            if let Some(bans) = self.patterns.get_mut(*pattern) {
                bans.push(ban);
            }
        }
        for class in &side.classes {
            self.class(*class).push(ban);
        }
    }

    fn of(&self, matched: &[usize], class: Option<Class>) -> Vec<usize> {
        let by_class = match class {
            None => [].as_slice(),
            Some(Class::Own) => &self.own,
            Some(Class::ThirdParty) => &self.third_party,
            Some(Class::Stdlib) => &self.stdlib,
        };
        let by_pattern = matched.iter().filter_map(|pattern| self.patterns.get(*pattern)).flatten();
        let mut bans: Vec<usize> = by_pattern.chain(by_class).copied().collect();
        bans.sort_unstable();
        bans.dedup();
        bans
    }
}

impl Plan {
    /// Plans the rules.
    pub(crate) fn new(resolved: Resolved) -> Self {
        let Resolved { mut rules, mut waivers, functions, patterns } = resolved;
        rules.sort_by(|left, right| left.identity.cmp(&right.identity));
        waivers.sort_by(|left, right| left.key().cmp(&right.key()));
        let index = || Index { patterns: vec![Vec::new(); patterns.len()], ..Index::default() };
        let (mut from, mut to, mut bans) = (index(), index(), Vec::new());
        for (rule_index, rule) in rules.iter().enumerate() {
            for (assertion_index, assertion) in rule.assertions.iter().enumerate() {
                if let AssertionKind::Ban(ban) = &assertion.kind {
                    from.add(&ban.from, bans.len());
                    to.add(&ban.to, bans.len());
                    bans.push((rule_index, assertion_index));
                }
            }
        }
        Self { automaton: Automaton::new(&patterns), rules, waivers, functions, bans, patterns, from, to }
    }

    /// A ban by its number.
    pub(crate) fn ban(&self, number: usize) -> Option<&Ban> {
        let (rule, assertion) = self.bans.get(number)?;
        match &self.rules.get(*rule)?.assertions.get(*assertion)?.kind {
            AssertionKind::Ban(ban) => Some(ban),
            _ => None,
        }
    }

    /// The bans that speak of modules of this state and class as importers.
    pub(crate) fn bans_from(&self, matcher: &Matcher<'_>, state: StateId, class: Class) -> Vec<usize> {
        self.from.of(matcher.patterns(state), Some(class))
    }

    /// The bans that forbid modules of this state and class to be imported.
    pub(crate) fn bans_to(&self, matcher: &Matcher<'_>, state: StateId, class: Option<Class>) -> Vec<usize> {
        self.to.of(matcher.patterns(state), class)
    }

    /// The bans that would forbid a module if it were of some class.
    pub(crate) fn bans_to_classes(&self) -> Vec<usize> {
        let mut bans: Vec<usize> =
            [&self.to.own, &self.to.third_party, &self.to.stdlib].into_iter().flatten().copied().collect();
        bans.sort_unstable();
        bans.dedup();
        bans
    }

    /// Whether a name that begins with `prefix` can lie on this side.
    pub(crate) fn could_be(&self, side: &Side, prefix: &str) -> bool {
        // What a leading dot or a class means is not decided by the beginning of a name.
        prefix.is_empty()
            || prefix.starts_with('.')
            || !side.classes.is_empty()
            || side
                .patterns
                .iter()
                .filter_map(|pattern| self.patterns.get(*pattern))
                .any(|pattern| could_match(pattern, prefix))
    }
}

impl Side {
    /// Whether a module of this state and class lies on this side; the class of a module outside of the environment is not known.
    pub(crate) fn holds(&self, matcher: &Matcher<'_>, state: StateId, class: Option<Class>) -> bool {
        let matched = matcher.patterns(state);
        self.patterns.iter().any(|pattern| matched.binary_search(pattern).is_ok())
            || class.is_some_and(|class| self.classes.contains(&class))
    }
}

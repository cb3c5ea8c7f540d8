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
    /// Every assertion over imports, by its number: its rule and its place there; those of a rule follow each other.
    pub(crate) imports: Vec<(usize, usize)>,
    /// Which bans name a pattern or a class as importers.
    pub(crate) from: Index,
    /// Which bans name a pattern or a class as imported.
    pub(crate) to: Index,
    /// Whether anything asks for the list of all files.
    pub(crate) needs_files: bool,
    /// Whether anything asks for the integrity of installed files.
    pub(crate) needs_integrity: bool,
    patterns: Vec<ModulePattern>,
}

/// What a side names: a pattern by its number, or a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    /// A pattern.
    Pattern(usize),
    /// A class.
    Class(Class),
}

/// Which bans name a pattern or a class on one of their sides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    patterns: Vec<Listed>,
    classes: [Listed; 3],
    any_class: Listed,
}

/// Bans that name one key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    /// Their numbers, ascending.
    pub(crate) bans: Vec<usize>,
    /// The same as bits, where a walk over them all would cost more.
    pub(crate) bits: Option<Box<[u64]>>,
}

impl Index {
    fn new(patterns: usize) -> Self {
        Self { patterns: vec![Listed::default(); patterns], ..Self::default() }
    }

    fn add(&mut self, side: &Side, ban: usize) {
        for pattern in &side.patterns {
            if let Some(listed) = self.patterns.get_mut(*pattern) {
                listed.bans.push(ban);
            }
        }
        for class in &side.classes {
            if let Some(listed) = self.classes.get_mut(*class as usize) {
                listed.bans.push(ban);
            }
        }
        if !side.classes.is_empty() {
            self.any_class.bans.push(ban);
        }
    }

    /// Gives the long lists their bits: there are few of them, for all lists together are as long as the policies.
    fn finish(&mut self, bans: usize) {
        let words = bans.div_ceil(64);
        let all = self.patterns.iter_mut().chain(&mut self.classes).chain([&mut self.any_class]);
        for listed in all.filter(|listed| listed.bans.len() > words.max(8)) {
            let mut bits = vec![0_u64; words];
            for ban in &listed.bans {
                if let Some(word) = bits.get_mut(ban / 64) {
                    *word |= 1 << (ban % 64);
                }
            }
            listed.bits = Some(bits.into());
        }
    }

    /// The bans that name this key.
    pub(crate) fn of(&self, key: Key) -> Option<&Listed> {
        let listed = match key {
            Key::Pattern(pattern) => self.patterns.get(pattern),
            Key::Class(class) => self.classes.get(class as usize),
        };
        listed.filter(|listed| !listed.bans.is_empty())
    }

    /// The keys of a state and class that some ban names.
    pub(crate) fn keys(&self, matcher: &Matcher<'_>, state: StateId, class: Option<Class>) -> Vec<Key> {
        let patterns = matcher.patterns(state).iter().map(|pattern| Key::Pattern(*pattern));
        patterns.chain(class.map(Key::Class)).filter(|key| self.of(*key).is_some()).collect()
    }

    /// The bans that name any class.
    pub(crate) fn any_class(&self) -> &Listed {
        &self.any_class
    }
}

impl Plan {
    /// Plans the rules.
    pub(crate) fn new(resolved: Resolved) -> Self {
        let Resolved { mut rules, mut waivers, functions, patterns, needs_files, needs_integrity } = resolved;
        rules.sort_by(|left, right| left.identity.cmp(&right.identity));
        waivers.sort_by(|left, right| left.key().cmp(&right.key()));
        let (mut from, mut to, mut imports) = (Index::new(patterns.len()), Index::new(patterns.len()), Vec::new());
        for (rule_index, rule) in rules.iter().enumerate() {
            for (assertion_index, assertion) in rule.assertions.iter().enumerate() {
                if let AssertionKind::Ban(ban) = &assertion.kind {
                    from.add(&ban.from, imports.len());
                    to.add(&ban.to, imports.len());
                }
                if assertion.kind.is_over_imports() {
                    imports.push((rule_index, assertion_index));
                }
            }
        }
        from.finish(imports.len());
        to.finish(imports.len());
        Self {
            automaton: Automaton::new(&patterns),
            rules,
            waivers,
            functions,
            imports,
            from,
            to,
            needs_files,
            needs_integrity,
            patterns,
        }
    }

    /// An assertion over imports by its number.
    pub(crate) fn over_imports(&self, number: usize) -> Option<&AssertionKind> {
        let (rule, assertion) = self.imports.get(number)?;
        Some(&self.rules.get(*rule)?.assertions.get(*assertion)?.kind)
    }

    /// The numbers of a rule's assertions over imports.
    pub(crate) fn imports_of(&self, rule: usize) -> std::ops::Range<usize> {
        let start = self.imports.partition_point(|(of, _)| *of < rule);
        start..self.imports.partition_point(|(of, _)| *of <= rule)
    }

    /// A module pattern by its number.
    pub(crate) fn pattern(&self, number: usize) -> Option<&ModulePattern> {
        self.patterns.get(number)
    }

    /// A ban by its number.
    pub(crate) fn ban(&self, number: usize) -> Option<&Ban> {
        match self.over_imports(number)? {
            AssertionKind::Ban(ban) => Some(ban),
            _ => None,
        }
    }

    /// How many patterns there are.
    pub(crate) fn patterns(&self) -> usize {
        self.patterns.len()
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

//! Rules that are alternatives: of each group the one with the fewest failures is reported; never the judging of a rule.

use std::collections::BTreeMap;

use crate::policy::{
    check::resolved::Rule,
    outcome::{RuleOutcome, ViolationCertainty},
};

/// What an alternative came to: its failures, and what is not known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Tally {
    failures: usize,
    undecided: usize,
}

/// Takes away the violations of alternatives that another one of their group makes up for. One that judged nothing is none.
pub(super) fn choose(rules: &[Rule], outcomes: &mut [RuleOutcome]) {
    let mut groups: BTreeMap<(&str, &str), BTreeMap<&str, Tally>> = BTreeMap::new();
    for (rule, outcome) in rules.iter().zip(outcomes.iter()).filter(|(_, outcome)| outcome.subjects > 0) {
        let Some((group, name)) = alternative(rule) else { continue };
        let tally = groups.entry(group).or_default().entry(name).or_default();
        for violation in &outcome.violations {
            match violation.certainty {
                ViolationCertainty::Broken => tally.failures += 1,
                ViolationCertainty::Undecided if violation.fails => tally.failures += 1,
                ViolationCertainty::Undecided => tally.undecided += 1,
            }
        }
    }
    for (rule, outcome) in rules.iter().zip(outcomes.iter_mut()) {
        let Some((group, name)) = alternative(rule) else { continue };
        let best = groups.get(&group).and_then(|names| names.iter().min_by_key(|(name, tally)| (**tally, name.len(), **name)));
        if best.is_some_and(|(best, _)| *best != name) {
            outcome.violations.clear();
        }
    }
}

/// The group of a rule in its package, and the alternative in the group.
fn alternative(rule: &Rule) -> Option<((&str, &str), &str)> {
    let alternative = rule.alternative.as_ref()?;
    let package = rule.identity.rsplit_once('/').map_or("", |(package, _)| package);
    Some(((package, &alternative.group), &alternative.name))
}

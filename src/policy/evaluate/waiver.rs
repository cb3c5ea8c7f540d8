//! Waivers over the verdicts of the rules: which are in force, and what they take; the one place where expiry is decided.

#[cfg(test)]
mod tests;

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

use jiff::civil::Date;

use super::{
    expression::{Frame, World},
    truth::Truth,
};
use crate::policy::{
    check::resolved::{Class, Rule, Side},
    outcome::{RuleOutcome, Subject, Violation, Waived, WaiverOutcome, WaiverStatus},
    waiver::{Only, Waiver},
};

/// The modules of all environments, as findings name them.
#[derive(Default)]
struct Modules<'a> {
    classes: HashMap<&'a str, HashSet<Class>>,
    by_file: HashMap<&'a str, HashSet<&'a str>>,
}

impl<'a> World<'a> {
    /// Marks the violations that waivers take, and says what became of every waiver.
    ///
    /// What a waiver takes depends on no other waiver, and of several that take one violation the first is named: the order of
    /// waivers never matters.
    pub(super) fn waivers(&self, rules: &mut [RuleOutcome]) -> Vec<WaiverOutcome> {
        let waivers = &self.plan.waivers;
        let modules = if waivers.iter().any(names_modules) { self.modules() } else { Modules::default() };
        let mut matched: Vec<Vec<usize>> = Vec::new();
        let mut outcomes = Vec::new();
        for waiver in waivers {
            let waived = waived(waiver, self.today);
            let found = self.plan.rules.binary_search_by(|rule| rule.identity.cmp(&waiver.rule)).ok();
            let applies = found.and_then(|index| self.plan.rules.get(index)).map(|rule| self.applies(waiver, rule));
            let violations = found.and_then(|index| rules.get_mut(index)).map(|rule| rule.violations.as_mut_slice());
            let (Some(applies), Some(violations)) = (applies, violations) else { continue };
            let taken: Vec<usize> = match applies {
                Truth::False => Vec::new(),
                _ => {
                    let speaks = |violation: &Violation| self.speaks_of(waiver, &violation.subject, &modules);
                    violations.iter().enumerate().filter(|(_, violation)| speaks(violation)).map(|(at, _)| at).collect()
                }
            };
            let status = status(waiver, self.today, applies, taken.len());
            if matches!(status, WaiverStatus::InForce | WaiverStatus::Loose | WaiverStatus::OverUsed) {
                let most = waiver.at_most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
                for at in taken.iter().take(most) {
                    if let Some(violation) = violations.get_mut(*at) {
                        violation.waived.get_or_insert_with(|| waived.clone());
                    }
                }
            }
            outcomes.push(WaiverOutcome {
                rule: waiver.rule.clone(),
                name: waiver.name.clone(),
                waiver: waived,
                status,
                matched: taken.len() as u64,
                waived: 0,
                at_most: waiver.at_most,
            });
            matched.push(taken);
        }
        for (outcome, taken) in outcomes.iter_mut().zip(&matched) {
            let rule = rules.binary_search_by(|rule| rule.rule.cmp(&outcome.rule)).ok().and_then(|index| rules.get(index));
            let violations = rule.map_or(&[][..], |rule| &rule.violations);
            let is_waived = |at: &&usize| violations.get(**at).is_some_and(|violation| violation.waived.is_some());
            outcome.waived = taken.iter().filter(is_waived).count() as u64;
        }
        outcomes
    }

    /// Whether a waiver is for this target. What speaks of an image where there is none is not.
    fn applies(&self, waiver: &'a Waiver, rule: &Rule) -> Truth {
        let needs_image = waiver.needs_image
            || rule.needs_image
            || (!rule.assertions.is_empty() && rule.assertions.iter().all(|assertion| assertion.needs_image));
        if needs_image && self.inventory.image.is_none() {
            return Truth::False;
        }
        let mut frame = Frame::new(waiver.slots);
        waiver.conditions.iter().fold(Truth::True, |all, condition| all.and(|| self.truth(condition, &mut frame)))
    }

    /// Whether a waiver speaks of a subject: `only`s of one kind are alternatives, and every kind must agree.
    fn speaks_of(&self, waiver: &Waiver, subject: &Subject, modules: &Modules<'a>) -> bool {
        waiver.only.iter().all(|one| {
            let of_this_kind = waiver.only.iter().filter(|other| std::mem::discriminant(*other) == std::mem::discriminant(one));
            of_this_kind.into_iter().any(|only| self.meets(only, subject, modules))
        })
    }

    fn meets(&self, only: &Only, subject: &Subject, modules: &Modules<'a>) -> bool {
        match only {
            Only::Import(from, to) if subject.kind == "import" => import(subject).is_some_and(|(importer, imported)| {
                self.lies_on(from, importer, modules) && self.lies_on(to, imported, modules)
            }),
            Only::Import(..) => false,
            Only::Module(side) => {
                let named = match (subject.kind, import(subject)) {
                    ("module", _) => Some(subject.identity.as_str()),
                    (_, importer) => importer.map(|(importer, _)| importer),
                };
                let by_file = || subject.path.as_deref().and_then(|path| modules.by_file.get(path)).into_iter().flatten();
                match named {
                    Some(name) => self.lies_on(side, name, modules),
                    None => by_file().any(|name| self.lies_on(side, name, modules)),
                }
            }
            Only::Path(globs) => subject.path.as_ref().is_some_and(|path| globs.iter().any(|glob| glob.is_match(path))),
            Only::Subject(globs) => globs.iter().any(|glob| glob.is_match(&subject.identity)),
        }
    }

    /// Whether a module lies on a side; of one that is in no environment the class is not known.
    fn lies_on(&self, side: &Side, name: &str, modules: &Modules<'a>) -> bool {
        let mut matcher = self.matcher.borrow_mut();
        let state = matcher.run(name);
        let mut classes = modules.classes.get(name).into_iter().flatten();
        side.holds(&matcher, state, None) || classes.any(|class| side.holds(&matcher, state, Some(*class)))
    }

    fn modules(&self) -> Modules<'a> {
        let mut modules = Modules::default();
        for module in self.inventory.environments.iter().flat_map(|environment| &environment.modules) {
            modules.classes.entry(&module.name).or_default().insert(module.owner.into());
            if let Some(file) = &module.file {
                modules.by_file.entry(file).or_default().insert(&module.name);
            }
        }
        modules
    }
}

/// What a waiver that speaks of so many violations came to on this day.
fn status(waiver: &Waiver, today: Date, applies: Truth, matched: usize) -> WaiverStatus {
    match (applies, waiver.too_long(today)) {
        (Truth::False, _) => WaiverStatus::NotForThisTarget,
        _ if waiver.days_left(today) < 0 => WaiverStatus::Expired,
        (_, Some(longest)) => WaiverStatus::TooLong(longest.days),
        (Truth::Unknown(reasons), None) => WaiverStatus::Undecided(reasons),
        (Truth::True, None) if matched == 0 => WaiverStatus::Stale,
        (Truth::True, None) => match waiver.at_most.map(|most| most.cmp(&(matched as u64))) {
            Some(Ordering::Less) => WaiverStatus::OverUsed,
            Some(Ordering::Greater) => WaiverStatus::Loose,
            Some(Ordering::Equal) | None => WaiverStatus::InForce,
        },
    }
}

/// What a violation that the waiver takes says of it.
fn waived(waiver: &Waiver, today: Date) -> Waived {
    Waived {
        owner: waiver.owner.clone(),
        reason: waiver.reason.clone(),
        expires: waiver.expires,
        days_left: waiver.days_left(today),
        clause: waiver.place.clone(),
    }
}

/// Importer and imported module of a finding about an import; of a computed one as much as is known.
fn import(subject: &Subject) -> Option<(&str, &str)> {
    matches!(subject.kind, "import" | "computed_import").then(|| subject.identity.split_once(" -> "))?
}

fn names_modules(waiver: &Waiver) -> bool {
    waiver.only.iter().any(|only| matches!(only, Only::Import(..) | Only::Module(_)))
}

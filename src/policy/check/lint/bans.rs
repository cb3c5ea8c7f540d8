//! Import bans that another one makes needless, and exceptions that except nothing or all; never by the modules of an image.
//!
//! Bans are looked up by the beginnings of their patterns: what covers `acme.db.session` begins with `acme.db`, with `acme` or with
//! anything, so that ten thousand rules need not be compared with each other.

use std::collections::HashMap;

use super::{explaining, subsume::Modules};
use crate::{
    diagnostic::{Diagnostic, Severity, Span},
    facts::ImportKind,
    policy::{
        check::resolved::{AssertionKind, Ban, Class, Exception, ModulePattern, Rule, Segment, Side},
        library,
        syntax::ast::OnUnknown,
    },
};

/// Most bans with the same beginnings that one is compared with: past it a needless one is not noticed.
const MOST_COMPARED: usize = 64;
/// Most pairs of beginnings under which a ban is found: one with longer sets is compared as a narrow one alone.
const MOST_KEYS: usize = 256;

/// Warns of bans.
pub(super) fn lint(rules: &[Rule], patterns: &[ModulePattern]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut bans: Vec<Known<'_>> = Vec::new();
    for rule in rules {
        for assertion in &rule.assertions {
            let (from, to, via, exceptions, ignoring) = match &assertion.kind {
                AssertionKind::Ban(ban) => {
                    exceptional(ban, patterns, &assertion.span, &mut found);
                    (&ban.from, &ban.to, Some(&ban.spared), &ban.exceptions, &ban.ignoring)
                }
                AssertionKind::Chain(chain) => {
                    (&chain.from, &chain.to, Some(&chain.via), &chain.exempt.exceptions, &chain.exempt.ignoring)
                }
                _ => continue,
            };
            bans.push(Known {
                rule,
                span: &assertion.span,
                from: Modules::of(from, patterns),
                to: Modules::of(to, patterns),
                alike: Alike {
                    is_chain: matches!(assertion.kind, AssertionKind::Chain(_)),
                    on_unknown: rule.on_unknown.map(choice),
                    via: via.map(sorted).unwrap_or_default(),
                    exceptions: pairs(exceptions),
                    ignoring: kinds(ignoring),
                },
            });
        }
    }
    shadowed(&bans, &mut found);
    found
}

/// A ban among all of a run.
struct Known<'r> {
    rule: &'r Rule,
    span: &'r Span,
    from: Modules<'r>,
    to: Modules<'r>,
    alike: Alike,
}

/// What two bans must have in common so that one can stand for the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Alike {
    is_chain: bool,
    on_unknown: Option<u8>,
    via: Sorted,
    exceptions: Vec<(Sorted, Sorted)>,
    ignoring: Vec<u8>,
}

type Sorted = (Vec<usize>, Vec<Class>);

fn sorted(side: &Side) -> Sorted {
    let (mut patterns, mut classes) = (side.patterns.clone(), side.classes.clone());
    patterns.sort_unstable();
    classes.sort_unstable();
    (patterns, classes)
}

fn pairs(exceptions: &[Exception]) -> Vec<(Sorted, Sorted)> {
    let mut pairs: Vec<_> = exceptions.iter().map(|(from, to, _)| (sorted(from), sorted(to))).collect();
    pairs.sort_unstable();
    pairs
}

fn kinds(ignoring: &[ImportKind]) -> Vec<u8> {
    let mut kinds: Vec<u8> = ignoring.iter().map(|kind| *kind as u8).collect();
    kinds.sort_unstable();
    kinds
}

fn choice(choice: OnUnknown) -> u8 {
    choice as u8
}

/// Exceptions of a direct ban that can except nothing, or leave nothing forbidden. Those of a chain are about any import on the way.
fn exceptional(ban: &Ban, patterns: &[ModulePattern], span: &Span, found: &mut Vec<Diagnostic>) {
    let (from, to) = (Modules::of(&ban.from, patterns), Modules::of(&ban.to, patterns));
    if Modules::of(&ban.spared, patterns).cover(&from) {
        let message = "this forbids nothing: everybody may import it";
        found.push(
            Diagnostic::new("excepted-ban", Severity::Warning, message)
                .label(span.clone(), "never broken")
                .help("name those that may, or remove the clause"),
        );
    }
    for (importers, imported, place) in &ban.exceptions {
        let (importers, imported) = (Modules::of(importers, patterns), Modules::of(imported, patterns));
        if importers.cover(&from) && imported.cover(&to) {
            let message = "this forbids nothing: the exception allows all of it";
            let diagnostic = Diagnostic::new("excepted-ban", Severity::Warning, message)
                .label(place.clone(), "covers both sides of the ban");
            found.push(diagnostic.help("narrow the exception, or remove the clause"));
            continue;
        }
        let (side, what) = match (importers.may_meet(&from), imported.may_meet(&to)) {
            (true, true) => continue,
            (false, _) => ("importers", "no importer of the ban is among these"),
            (true, false) => ("imported modules", "no import of these is forbidden"),
        };
        let message = format!("this exception excepts nothing: its {side} are none of the ban's");
        let diagnostic = Diagnostic::new("impossible-exception", Severity::Warning, message).label(place.clone(), what);
        found.push(diagnostic.context(span.clone(), "the ban").help("correct it, or remove it"));
    }
}

/// Bans that another one covers with all that it says of them.
fn shadowed(bans: &[Known<'_>], found: &mut Vec<Diagnostic>) {
    let mut wide: HashMap<(String, String, &Alike), Vec<usize>> = HashMap::new();
    for (number, ban) in bans.iter().enumerate() {
        // A rule that judges only some targets, or that is but one way to pass, stands for no other.
        let is_whole = ban.rule.premises.is_empty() && ban.rule.conditions.is_empty() && ban.rule.alternative.is_none();
        let (from, to) = (ban.from.beginnings(), ban.to.beginnings());
        if is_whole && from.len() * to.len() <= MOST_KEYS {
            for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from.clone(), to.clone()))) {
                wide.entry((from, to, &ban.alike)).or_default().push(number);
            }
        }
    }
    for (number, ban) in bans.iter().enumerate().filter(|(_, ban)| ban.rule.alternative.is_none()) {
        let (Some(from), Some(to)) = (ban.from.first(), ban.to.first()) else { continue };
        let keys = leading(&from).into_iter().flat_map(|from| leading(&to).into_iter().map(move |to| (from.clone(), to)));
        let candidates = keys.filter_map(|(from, to)| wide.get(&(from, to, &ban.alike)));
        let covering = candidates
            .flat_map(|bucket| bucket.iter().take(MOST_COMPARED))
            .filter_map(|other| Some((*other, bans.get(*other)?)))
            .find(|(other, wider)| *other != number && stands_for(wider, ban, *other < number));
        let Some((_, wider)) = covering else { continue };
        let message = match (std::ptr::eq(ban.rule, wider.rule), ban.rule.name == wider.rule.name) {
            (true, _) => format!("a ban of `{}` is part of another one there", ban.rule.name),
            (false, true) => format!("the ban of `{}` is part of that of `{}`", ban.rule.identity, wider.rule.identity),
            (false, false) => format!("the ban of `{}` is part of that of `{}`", ban.rule.name, wider.rule.name),
        };
        let mut diagnostic = Diagnostic::new("shadowed-ban", Severity::Warning, message);
        diagnostic = diagnostic.label(ban.span.clone(), "forbids nothing more");
        diagnostic.labels.push(explaining(wider.span.clone(), "forbids all of it already"));
        found.push(diagnostic.help("remove it, or narrow the other one"));
    }
}

/// Whether what the one forbids is all that the other does. Of two that forbid the same the first one stands for the second.
fn stands_for(wide: &Known<'_>, narrow: &Known<'_>, is_first: bool) -> bool {
    // A clause that is said twice in a rule is told as such.
    let is_repeated = std::ptr::eq(wide.rule, narrow.rule) && wide.from.is(&narrow.from) && wide.to.is(&narrow.to);
    let covers = |one: &Known<'_>, two: &Known<'_>| {
        rank(one.rule.severity) >= rank(two.rule.severity) && one.from.cover(&two.from) && one.to.cover(&two.to)
    };
    let is_mutual = || covers(narrow, wide) && narrow.rule.premises.is_empty() && narrow.rule.conditions.is_empty();
    // The library is not the author's to mend.
    let is_theirs = !is_of_library(narrow.rule) || is_of_library(wide.rule);
    !is_repeated && is_theirs && covers(wide, narrow) && (is_first || !is_mutual())
}

fn is_of_library(rule: &Rule) -> bool {
    let package = rule.identity.rsplit_once('/').map(|(package, _)| package);
    package.is_some_and(|package| library::packages().any(|known| known == package))
}

fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Note => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
    }
}

/// All beginnings of a beginning: what may stand for `acme.db` begins with `acme.db`, with `acme`, or with anything. A class is its own.
fn leading(beginning: &str) -> Vec<String> {
    let ends = beginning.match_indices('.').map(|(at, _)| at).chain([0, beginning.len()]);
    let mut all: Vec<String> = ends.filter_map(|end| beginning.get(..end)).map(str::to_owned).collect();
    all.dedup();
    all
}

impl Modules<'_> {
    /// The names that each pattern begins with, and the classes; each once.
    fn beginnings(&self) -> Vec<String> {
        let mut all: Vec<String> = self.patterns.iter().map(|pattern| beginning(pattern)).collect();
        all.extend(self.classes.iter().map(|class| of_class(*class)));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The beginning of what comes first: what covers all of it covers this.
    fn first(&self) -> Option<String> {
        let pattern = self.patterns.first().map(|pattern| beginning(pattern));
        pattern.or_else(|| self.classes.first().map(|class| of_class(*class)))
    }
}

fn beginning(pattern: &ModulePattern) -> String {
    let names = pattern.segments.iter().map_while(|segment| match segment {
        Segment::Name(name) => Some(name.as_str()),
        Segment::Like(_) | Segment::Rest => None,
    });
    names.collect::<Vec<_>>().join(".")
}

/// No name has a space.
fn of_class(class: Class) -> String {
    match class {
        Class::Own => "class own",
        Class::ThirdParty => "class third_party",
        Class::Stdlib => "class stdlib",
    }
    .to_owned()
}

//! Verdicts on subjects, and which of several on one subject is told.

use std::collections::{BTreeMap, BTreeSet};

use douane::policy::{RuleOutcome, Violation, ViolationCertainty, syntax::ast::OnUnknown};

use crate::identity::Subject;

/// A verdict that is no pass; the worse one comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Broken,
    Undecided { passes: bool },
}

/// Where a verdict belongs: the subject, and the line of the clause in its file.
pub type Place = (Subject, String, u32);

/// What became of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many subjects were judged; nothing where the reference leaves the number open and there are some.
    pub subjects: Option<u64>,
    /// The worst verdict for every place.
    pub verdicts: BTreeMap<Place, Verdict>,
    /// Places where the reference leaves open whether a verdict is undecided or a pass.
    pub open: BTreeSet<Place>,
}

impl Outcome {
    /// Notes a verdict.
    pub fn tell(&mut self, place: Place, verdict: Verdict) {
        let known = self.verdicts.entry(place).or_insert(verdict);
        *known = verdict.min(*known);
    }

    /// Notes that a verdict may be undecided or a pass.
    pub fn leave_open(&mut self, place: Place) {
        self.open.insert(place);
    }

    /// Notes an undecided verdict, as the rule says that it counts; without a word of the rule `fails` decides.
    pub fn doubt(&mut self, place: Place, on_unknown: Option<OnUnknown>, fails: bool) {
        match on_unknown {
            Some(OnUnknown::Pass) => {}
            Some(OnUnknown::Fail) => self.tell(place, Verdict::Undecided { passes: false }),
            Some(OnUnknown::Warn) => self.tell(place, Verdict::Undecided { passes: true }),
            None => self.tell(place, Verdict::Undecided { passes: !fails }),
        }
    }
}

/// What the compiled validators made of a rule. Of verdicts by clauses on `graph_lines` only the module counts at which a chain
/// begins: which of several chains is told is not a matter of right and wrong.
pub fn compiled(outcome: &RuleOutcome, graph_lines: &BTreeSet<u32>) -> Outcome {
    let mut told = Outcome { subjects: Some(outcome.subjects), ..Outcome::default() };
    for violation in &outcome.violations {
        let verdict = match violation.certainty {
            ViolationCertainty::Broken => {
                assert!(violation.fails, "what breaks a rule fails: {violation:?}");
                Verdict::Broken
            }
            ViolationCertainty::Undecided => Verdict::Undecided { passes: !violation.fails },
        };
        told.tell(place(violation, graph_lines), verdict);
    }
    told
}

/// Where a verdict belongs.
pub fn place(violation: &Violation, graph_lines: &BTreeSet<u32>) -> Place {
    let subject = &violation.subject;
    let subject = match subject.kind {
        "import" | "module" if graph_lines.contains(&violation.clause.line) => {
            let source = subject.identity.split(" -> ").next().unwrap_or_default();
            ("module".to_owned(), source.to_owned(), subject.path.clone(), None)
        }
        kind => (kind.to_owned(), subject.identity.clone(), subject.path.clone(), subject.line),
    };
    (subject, violation.clause.file.clone(), violation.clause.line)
}

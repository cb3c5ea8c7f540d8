//! What became of each waiver, as findings of their own; never which findings it takes.

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    check_report::Strictness,
    finding::{Clause, FindingEvidence},
};
use crate::{
    diagnostic::Severity,
    policy::{Evaluation, Waived, WaiverOutcome, WaiverStatus, days},
};

/// The waiver that takes a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct FindingWaiver {
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it is in force: `2027-03-31`.
    pub expires: String,
    /// Days from the day of the run to that day; 0 on the day itself.
    pub days_left: i64,
    /// Where it stands.
    pub clause: Clause,
}

/// What became of one waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Waiver {
    /// The rule's package and name.
    pub rule: String,
    /// The rule's short name.
    pub name: String,
    /// What it came to.
    pub status: WaiverState,
    /// How bad that is: a warning where the waiver wants mending, a note where it can be tightened, else nothing.
    pub severity: Option<Severity>,
    /// Whether it fails the run: with `--strict`, warnings do.
    pub fails: bool,
    /// What it came to, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// How many findings it speaks of.
    pub matched: u64,
    /// How many of those are waived, by this or by another waiver.
    pub waived: u64,
    /// How many it may take.
    pub at_most: Option<u64>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it is in force: `2027-03-31`.
    pub expires: String,
    /// Days from the day of the run to that day: negative afterwards.
    pub days_left: i64,
    /// Why it cannot be told whether it is for this target.
    pub evidence: Vec<FindingEvidence>,
    /// Where it stands.
    pub clause: Clause,
}

/// What a waiver came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaiverState {
    /// Its day has passed: what it took counts again.
    Expired,
    /// More findings match than it may take: the first are waived, the others count.
    OverUsed,
    /// It lasts longer than `max_waiver_days` allows, and takes nothing.
    TooLong,
    /// Whether it is for this target cannot be told, and it takes nothing.
    Undecided,
    /// It is for this target, and matches nothing.
    Stale,
    /// It takes what it speaks of, which is less than it may take.
    Loose,
    /// It takes what it speaks of.
    InForce,
    /// It is not for this target.
    NotForThisTarget,
}

/// How bad a waiver is, what it came to, and what to do.
type Told = (Option<Severity>, String, Option<String>);

impl From<&Waived> for FindingWaiver {
    fn from(waived: &Waived) -> Self {
        Self {
            owner: waived.owner.clone(),
            reason: waived.reason.clone(),
            expires: waived.expires.to_string(),
            days_left: waived.days_left,
            clause: (&waived.clause).into(),
        }
    }
}

/// The waivers of an evaluation, in its order.
pub(super) fn waivers(evaluation: &Evaluation, strictness: Strictness) -> Vec<Waiver> {
    evaluation
        .waivers
        .iter()
        .map(|outcome| {
            let rule = evaluation.rules.binary_search_by(|rule| rule.rule.cmp(&outcome.rule));
            let rule = rule.ok().and_then(|index| evaluation.rules.get(index));
            waiver(outcome, rule.is_some_and(|rule| rule.subjects == 0), strictness)
        })
        .collect()
}

fn waiver(outcome: &WaiverOutcome, is_vacuous: bool, strictness: Strictness) -> Waiver {
    let status = state(&outcome.status);
    let (severity, message, help) = told(outcome, is_vacuous);
    let FindingWaiver { owner, reason, expires, days_left, clause } = (&outcome.waiver).into();
    let evidence = match &outcome.status {
        WaiverStatus::Undecided(reasons) => reasons.iter().map(FindingEvidence::from).collect(),
        _ => Vec::new(),
    };
    Waiver {
        rule: outcome.rule.clone(),
        name: outcome.name.clone(),
        status,
        severity,
        fails: severity == Some(Severity::Warning) && strictness == Strictness::Strict,
        message,
        help,
        matched: outcome.matched,
        waived: outcome.waived,
        at_most: outcome.at_most,
        owner,
        reason,
        expires,
        days_left,
        evidence,
        clause,
    }
}

fn state(status: &WaiverStatus) -> WaiverState {
    match status {
        WaiverStatus::InForce => WaiverState::InForce,
        WaiverStatus::Loose => WaiverState::Loose,
        WaiverStatus::OverUsed => WaiverState::OverUsed,
        WaiverStatus::Expired => WaiverState::Expired,
        WaiverStatus::TooLong(_) => WaiverState::TooLong,
        WaiverStatus::Stale => WaiverState::Stale,
        WaiverStatus::Undecided(_) => WaiverState::Undecided,
        WaiverStatus::NotForThisTarget => WaiverState::NotForThisTarget,
    }
}

fn told(outcome: &WaiverOutcome, is_vacuous: bool) -> Told {
    let WaiverOutcome { name, matched, waived, .. } = outcome;
    let (this, most) = (format!("the waiver of `{name}`"), outcome.at_most.unwrap_or(*matched));
    let counting = matched.saturating_sub(*waived);
    let warning = |message: String, help: String| (Some(Severity::Warning), message, Some(help));
    match &outcome.status {
        WaiverStatus::InForce => (None, format!("{this} takes {}", findings(*matched)), None),
        WaiverStatus::Loose => (
            Some(Severity::Note),
            format!("{this} may take {}, and {}", findings(most), left(*matched)),
            Some(format!("lower it: `at most {matched}`")),
        ),
        WaiverStatus::OverUsed => {
            let rest =
                if counting == 0 { "other waivers take the rest".into() } else { format!("{counting} {}", verb(counting)) };
            let message = format!("{this} may take {}, and {matched} match: {rest}", findings(most));
            let over = matched.saturating_sub(most);
            warning(message, format!("mend {over} of them, or agree on `at most {matched}`"))
        }
        WaiverStatus::Expired => {
            let message =
                format!("{this} expired {}{}", ago(outcome.waiver.days_left), consequence(*matched, counting, " again"));
            let renew = "mend what it took, or agree on a later day".to_owned();
            warning(message, if counting == 0 { "remove it".to_owned() } else { renew })
        }
        WaiverStatus::TooLong(longest) => {
            let over = outcome.waiver.days_left.saturating_sub(*longest);
            let last = outcome.waiver.expires.checked_sub(jiff::ToSpan::days(over));
            let last = last.map_or(String::new(), |day| format!(": `expires {day}`"));
            warning(
                format!("{this} lasts {} longer than allowed{}", days(over), consequence(*matched, counting, "")),
                format!("let it end after at most {}, as `max_waiver_days` says{last}", days(*longest)),
            )
        }
        WaiverStatus::Stale if is_vacuous => warning(
            format!("{this} matched nothing, for its rule judged nothing here"),
            "say in `where` which targets it is for, or remove it".into(),
        ),
        WaiverStatus::Stale => warning(
            format!("{this} matched nothing"),
            "remove it if what it was for is mended, else correct what it is limited to".into(),
        ),
        WaiverStatus::Undecided(_) => warning(
            format!("whether {this} is for this target cannot be told{}", consequence(*matched, counting, "")),
            "ask in `where` for what is always known, such as `image.reference`".into(),
        ),
        WaiverStatus::NotForThisTarget => (None, format!("{this} is not for this target"), None),
    }
}

/// What becomes of the findings that a waiver does not take.
fn consequence(matched: u64, counting: u64, again: &str) -> String {
    match (matched, counting) {
        (0, _) => ", and nothing matches it".to_owned(),
        (_, 0) => ", and other waivers take what it would take".to_owned(),
        (_, counting) => format!(": {} {}{again}", findings(counting), verb(counting)),
    }
}

fn verb(number: u64) -> &'static str {
    if number == 1 { "counts" } else { "count" }
}

fn findings(number: u64) -> String {
    if number == 1 { "1 finding".to_owned() } else { format!("{number} findings") }
}

fn left(number: u64) -> String {
    if number == 1 { "1 is left".to_owned() } else { format!("{number} are left") }
}

fn ago(days_left: i64) -> String {
    match days_left {
        -1 => "yesterday".to_owned(),
        past => format!("{} ago", days(past.saturating_neg())),
    }
}

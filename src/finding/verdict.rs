//! The verdict of a run and of a rule, and what a process exits with; never how they came about.

use schemars::JsonSchema;
use serde::Serialize;

/// What a run came to. From the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing that counts as a failure; warnings, notes, gaps and what no rule could settle may be there.
    Pass,
    /// Nothing is broken for certain, but something that cannot be settled counts as a failure, or a gap may hide something.
    Unknown,
    /// A rule of severity `error` is broken, or with `--strict` a rule matched nothing or a waiver wants mending.
    Fail,
    /// The target could not be scanned: nothing is known.
    Error,
}

impl Verdict {
    /// What the process exits with: 0 for a pass, 1 for what fails, 3 for a scan that could not be completed.
    ///
    /// 2 is left to policies that do not compile and to wrong arguments, which stop a run before it has a verdict.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Unknown | Self::Fail => 1,
            Self::Error => 3,
        }
    }
}

/// What one rule came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleVerdict {
    /// Every subject keeps it.
    Pass,
    /// There was no subject to judge, which is no pass.
    Vacuous,
    /// All subjects that break it, or may break it, are waived.
    Waived,
    /// No subject breaks it for certain, but some may.
    Unknown,
    /// A subject breaks it.
    Fail,
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn each_verdict_has_its_documented_exit_code() {
        let codes = [Verdict::Pass, Verdict::Unknown, Verdict::Fail, Verdict::Error].map(Verdict::exit_code);
        assert_eq!(codes, [0, 1, 1, 3]);
    }

    #[test]
    fn the_worst_of_several_targets_wins() {
        assert_eq!([Verdict::Fail, Verdict::Pass, Verdict::Error].into_iter().max(), Some(Verdict::Error));
    }
}

//! Policies read, compiled and ready to judge; their mistakes are shown as they are found.

use super::{
    exit::Failure,
    policies::{FilesBeside, gather},
    settings::Selection,
    terminal::Terminal,
};
use crate::{
    diagnostic::{Diagnostic, Severity, Style, render},
    facts::Inventory,
    finding::PolicyIdentity,
    limits::Limits,
    policy::{
        Compiled, Evaluation, Needs, NotExplained, PolicyText, RuleExplanation, compile_contract, compile_with, explain_rule,
        library, testing::Suite,
    },
    scan::{FileList, Integrity},
};

/// Most mistakes or warnings that are shown at once.
const MOST_SHOWN: usize = 100;

/// Policies that are ready to judge.
pub(super) struct Policies<'terminal> {
    compiled: Compiled,
    today: jiff::civil::Date,
    terminal: &'terminal Terminal,
}

impl<'terminal> Policies<'terminal> {
    /// Reads and compiles the policies that are meant. Every mistake is shown on standard error.
    pub(super) fn read(selection: &Selection, limits: &Limits, terminal: &'terminal Terminal) -> Result<Self, Failure> {
        let texts = gather(&selection.policies, limits.document)?;
        let compiled = compile_with(&texts, &selection.params, &FilesBeside { limit: limits.document })
            .map_err(|mistakes| refused(&mistakes, terminal))?;
        Self::ready(compiled, terminal)
    }

    /// Compiles the contract of one module, and says what it takes to judge it.
    pub(super) fn contract(text: &PolicyText, module: &str, terminal: &'terminal Terminal) -> Result<(Self, Needs), Failure> {
        let (compiled, needs) = compile_contract(text, module).map_err(|mistakes| refused(&mistakes, terminal))?;
        Ok((Self::ready(compiled, terminal)?, needs))
    }

    fn ready(compiled: Compiled, terminal: &'terminal Terminal) -> Result<Self, Failure> {
        show(compiled.warnings(), terminal);
        let policies = Self { compiled, today: today(), terminal };
        match policies.rules() {
            0 => Err(Failure::NoRules),
            _ => Ok(policies),
        }
    }

    /// Their packages, names and digests.
    pub(super) fn identities(&self) -> Vec<PolicyIdentity> {
        let identities = self.compiled.identities().iter().map(|identity| PolicyIdentity {
            package: identity.package.clone(),
            name: identity.file.clone(),
            digest: format!("sha256:{}", identity.sha256),
        });
        identities.collect()
    }

    /// Whether a scan has to list all files for them.
    pub(super) fn files(&self) -> FileList {
        if self.compiled.needs_files() { FileList::Make } else { FileList::Leave }
    }

    /// Whether a scan has to hash installed files for them.
    pub(super) fn integrity(&self) -> Integrity {
        if self.compiled.needs_integrity() { Integrity::Check } else { Integrity::Leave }
    }

    /// How many rules they hold.
    pub(super) fn rules(&self) -> usize {
        self.compiled.identities().iter().map(|identity| identity.rules.len()).sum()
    }

    /// What becomes of every rule. Exceptions that matched nothing are shown, but for those of the built-in library: it
    /// speaks of many images, and not all of its exceptions concern this one.
    pub(super) fn evaluate(&self, inventory: &Inventory) -> Evaluation {
        let (evaluation, mut warnings) = self.compiled.evaluate_with_warnings(inventory, self.today);
        let built_in = library::all();
        warnings.retain(|warning| {
            let source = warning.labels.first().map(|label| &label.span.source.text);
            !built_in.iter().any(|policy| Some(&policy.text) == source)
        });
        show(&warnings, self.terminal);
        evaluation
    }
}

/// The day of the run. The one place where the clock is asked: everything else is told the day.
pub(super) fn today() -> jiff::civil::Date {
    jiff::ZonedDateTime::now().date()
}

/// Reads policies with their tests. Every mistake is shown on standard error.
pub(super) fn suite(selection: &Selection, limits: &Limits, terminal: &Terminal) -> Result<Suite, Failure> {
    let texts = gather(&selection.policies, limits.document)?;
    let beside = FilesBeside { limit: limits.document };
    let suite = Suite::read(&texts, &selection.params, &beside).map_err(|mistakes| refused(&mistakes, terminal))?;
    show(suite.warnings(), terminal);
    Ok(suite)
}

/// Explains a rule of the policies that are meant. Every mistake is shown on standard error.
pub(super) fn explained(
    rule: &str,
    selection: &Selection,
    limits: &Limits,
    terminal: &Terminal,
) -> Result<RuleExplanation, Failure> {
    let texts = gather(&selection.policies, limits.document)?;
    let beside = FilesBeside { limit: limits.document };
    let rule = rule.to_owned();
    explain_rule(&texts, &selection.params, &beside, &rule).map_err(|reason| match reason {
        NotExplained::Mistakes(mistakes) => refused(&mistakes, terminal),
        NotExplained::NoSuchRule(suggestion) => Failure::NoSuchRule { rule, suggestion },
        NotExplained::Several(rules) => Failure::SeveralRules { rule, rules },
    })
}

/// Shows every mistake of what does not compile.
pub(super) fn refused(mistakes: &[Diagnostic], terminal: &Terminal) -> Failure {
    show(mistakes, terminal);
    Failure::Policies { errors: mistakes.iter().filter(|mistake| mistake.severity == Severity::Error).count() }
}

/// Shows diagnostics on standard error, and says how many there are beyond those that anybody reads.
pub(super) fn show(diagnostics: &[Diagnostic], terminal: &Terminal) {
    let style = if terminal.colours_talk() { Style::Coloured } else { Style::Plain };
    for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
        terminal.say(&format!("{}\n\n", render(diagnostic, style)));
    }
    if let Some(more) = diagnostics.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
        terminal.say(&format!("... and {more} more, which are not shown: mend the first {MOST_SHOWN} of them\n\n"));
    }
}

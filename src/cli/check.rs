//! `douane check`: targets against policies.

use std::time::Instant;

use super::{
    arguments::CheckArguments,
    compiled::Policies,
    exit::Failure,
    limits::Watch,
    modules::{ModuleCheck, has_contract},
    output::Outputs,
    progress::Progress,
    scan_options::scan_options,
    settings::Selection,
    targets::Target,
    terminal::Terminal,
};
use crate::{
    facts::Inventory,
    finding::{CheckReport, PolicyIdentity, RunContext, ScanFailure, Strictness, Verdict},
    policy::Evaluation,
};

pub(super) fn run(arguments: &CheckArguments, terminal: &Terminal) -> Result<u8, Failure> {
    // Everything that can be wrong with the arguments is known before any scan begins.
    let selection = Selection::new(&arguments.config, &arguments.policies, &arguments.parameters, terminal)?;
    let mut options =
        scan_options(arguments.platform.as_deref(), selection.limits.clone(), &arguments.limits, &arguments.registries)?;
    let prepared = arguments.targets.iter().map(|target| {
        if has_contract(target, arguments, &selection) {
            let ModuleCheck { target, contract } = ModuleCheck::prepare(target, arguments, &options, terminal)?;
            return Ok((target, Some(contract)));
        }
        Ok((Target::of(target, arguments.home.as_deref(), &options)?, None))
    });
    let prepared = prepared.collect::<Result<Vec<_>, Failure>>()?;
    let policies = match prepared.iter().all(|(_, contract)| contract.is_some()) {
        true => None,
        false => Some(Policies::read(&selection, &options.limits, terminal)?),
    };
    let mut outputs = Outputs::open(terminal, arguments.format, &arguments.outputs)?;
    let strict = arguments.strict.unwrap_or(selection.strict);
    let strictness = if strict { Strictness::Strict } else { Strictness::Ordinary };
    let mut worst = Verdict::Pass;
    for (target, (prepared, contract)) in arguments.targets.iter().zip(&prepared) {
        let Some(policies) = contract.as_ref().or(policies.as_ref()) else { continue };
        options.files = policies.files();
        options.integrity = policies.integrity();
        let identities = policies.identities();
        let _watch = Watch::start(&options.limits, target);
        let check = Check {
            scan: &|target| {
                let _progress = Progress::start(terminal, "looking into", target);
                prepared.inventory(&options)
            },
            evaluate: &|inventory| policies.evaluate(inventory),
            policies: &identities,
            strictness,
            settings: selection.settings.as_deref(),
        };
        worst = worst.max(check.all(std::slice::from_ref(target), &mut |report| outputs.report(report))?);
    }
    outputs.finish()?;
    Ok(worst.exit_code())
}

/// How targets are checked: the two stages that the command joins, and what is the same for all targets.
struct Check<'run> {
    scan: &'run dyn Fn(&str) -> Result<Inventory, ScanFailure>,
    evaluate: &'run dyn Fn(&Inventory) -> Evaluation,
    policies: &'run [PolicyIdentity],
    strictness: Strictness,
    settings: Option<&'run str>,
}

impl Check<'_> {
    /// Checks each target in turn, also after one that cannot be scanned: the worst verdict.
    fn all(&self, targets: &[String], report: &mut dyn FnMut(CheckReport) -> Result<(), Failure>) -> Result<Verdict, Failure> {
        let mut worst = Verdict::Pass;
        for target in targets {
            let checked = self.one(target);
            worst = worst.max(checked.verdict);
            report(checked)?;
        }
        Ok(worst)
    }

    fn one(&self, target: &str) -> CheckReport {
        let start = Instant::now();
        let scanned = (self.scan)(target).map(|inventory| {
            let evaluation = (self.evaluate)(&inventory);
            (inventory, evaluation)
        });
        let policies = self.policies.to_vec();
        let settings = self.settings.map(str::to_owned);
        let context = RunContext { policies, strictness: self.strictness, settings, elapsed: start.elapsed() };
        match scanned {
            Ok((inventory, evaluation)) => CheckReport::new(&inventory, &evaluation, context),
            Err(failure) => CheckReport::not_scanned(target, failure, context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Check;
    use crate::{
        diagnostic::Severity,
        facts::{Inventory, Target},
        finding::{ScanFailure, Strictness, Verdict},
        policy::{ClausePlace, Evaluation, RuleOutcome, Subject, Violation, ViolationCertainty},
    };

    fn inventory(reference: &str) -> Inventory {
        Inventory {
            schema_version: 1,
            target: Target { reference: reference.into(), ..Target::default() },
            ..Inventory::default()
        }
    }

    fn scan(target: &str) -> Result<Inventory, ScanFailure> {
        match target {
            "torn" => {
                Err(ScanFailure { code: "archive-truncated".into(), message: "the archive is torn".into(), causes: Vec::new() })
            }
            _ => Ok(inventory(target)),
        }
    }

    /// Breaks its rule for the target `bad`, keeps it for all others.
    fn evaluate(inventory: &Inventory) -> Evaluation {
        let subject = Subject::new("image", "image");
        let violation = Violation {
            certainty: ViolationCertainty::Broken,
            fails: true,
            subject,
            message: "no".into(),
            help: None,
            evidence: Vec::new(),
            clause: ClausePlace::default(),
            code: None,
            waived: None,
            stands_for: 1,
        };
        let rule = RuleOutcome {
            rule: "p/r".into(),
            name: "r".into(),
            severity: Severity::Error,
            title: String::new(),
            documentation: String::new(),
            metadata: crate::policy::RuleMetadata::default(),
            subjects: 1,
            violations: if inventory.target.reference == "bad" { vec![violation] } else { Vec::new() },
        };
        Evaluation { rules: vec![rule], ..Evaluation::default() }
    }

    fn checked(targets: &[&str]) -> (Verdict, Vec<Verdict>) {
        let check = Check { scan: &scan, evaluate: &evaluate, policies: &[], strictness: Strictness::Ordinary, settings: None };
        let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        let mut verdicts = Vec::new();
        let worst = check.all(&targets, &mut |report| {
            verdicts.push(report.verdict);
            Ok(())
        });
        (worst.expect("reports are taken"), verdicts)
    }

    #[test]
    fn a_target_that_cannot_be_scanned_does_not_keep_others_from_being_checked() {
        let (worst, verdicts) = checked(&["torn", "good", "bad"]);
        assert_eq!(verdicts, [Verdict::Error, Verdict::Pass, Verdict::Fail]);
        assert_eq!(worst.exit_code(), 3);
    }

    #[test]
    fn exit_codes_follow_the_worst_verdict() {
        assert_eq!(checked(&["good"]).0.exit_code(), 0);
        assert_eq!(checked(&["bad", "good"]).0.exit_code(), 1);
    }
}

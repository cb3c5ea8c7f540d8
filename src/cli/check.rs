//! `douane check`: targets against policies.

use std::time::Instant;

use super::{
    arguments::CheckArguments,
    compiled::Policies,
    exit::Failure,
    modules::{ModuleCheck, is_module},
    output::Outputs,
    progress::Progress,
    terminal::Terminal,
};
use crate::{
    facts::Inventory,
    finding::{CheckReport, PolicyIdentity, RunContext, ScanFailure, Strictness, Verdict},
    limits::Limits,
    policy::Evaluation,
    scan::{ScanOptions, scan},
};

pub(super) fn run(arguments: &CheckArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let limits = Limits::default();
    let mut options = ScanOptions::new(arguments.platform.as_deref(), limits).map_err(Failure::platform)?;
    // Everything that can be wrong with the arguments is known before any scan begins.
    let modules = arguments.targets.iter().map(|target| {
        is_module(target, arguments).then(|| ModuleCheck::prepare(target, arguments, &options, terminal)).transpose()
    });
    let modules = modules.collect::<Result<Vec<_>, _>>()?;
    let policies = match modules.iter().all(Option::is_some) {
        true => None,
        false => Some(Policies::read(&arguments.policies, &arguments.parameters, &options.limits, terminal)?),
    };
    let mut outputs = Outputs::open(terminal, arguments.format, &arguments.outputs)?;
    let strictness = if arguments.strict { Strictness::Strict } else { Strictness::Ordinary };
    let mut worst = Verdict::Pass;
    for (target, module) in arguments.targets.iter().zip(&modules) {
        let Some(policies) = module.as_ref().map(|module| &module.contract).or(policies.as_ref()) else { continue };
        options.files = policies.files();
        let identities = policies.identities();
        let check = Check {
            scan: &|target| {
                let _progress = Progress::start(terminal, "looking into", target);
                match module {
                    Some(module) => module.inventory(&options),
                    None => scan(target, &options).map(|scanned| scanned.inventory).map_err(|error| ScanFailure::of(&error)),
                }
            },
            evaluate: &|inventory| policies.evaluate(inventory),
            policies: &identities,
            strictness,
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
        let context = RunContext { policies, strictness: self.strictness, elapsed: start.elapsed() };
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
            "torn" => Err(ScanFailure { message: "the archive is torn".into(), causes: Vec::new() }),
            _ => Ok(inventory(target)),
        }
    }

    /// Breaks its rule for the target `bad`, keeps it for all others.
    fn evaluate(inventory: &Inventory) -> Evaluation {
        let subject = Subject {
            kind: "image",
            identity: "image".into(),
            path: None,
            line: None,
            column: None,
            width: None,
            text: None,
            layer: None,
        };
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
        let check = Check { scan: &scan, evaluate: &evaluate, policies: &[], strictness: Strictness::Ordinary };
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

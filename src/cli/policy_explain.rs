//! `douane policy explain`: what one rule says, how it is decided, and what it comes to at a target.

use std::io::{self, Write};

use super::{
    arguments::PolicyExplainArguments,
    compiled::{Policies, explained},
    exit::Failure,
    output::print,
    progress::Progress,
    scan_options::scan_options,
    settings::Selection,
    targets::Target,
    terminal::Terminal,
};
use crate::{
    diagnostic::{LineIndex, Severity},
    policy::{GivenParam, RuleExplanation, RuleOutcome, ViolationCertainty},
};

pub(super) fn run(arguments: &PolicyExplainArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let selection = Selection::new(&arguments.config, &arguments.policies, &arguments.parameters, terminal)?;
    let explanation = explained(&arguments.rule, &selection, &selection.limits, terminal)?;
    let outcome = match &arguments.target {
        Some(target) => Some((target, outcome((arguments, &selection), target, &explanation.rule, terminal)?)),
        None => None,
    };
    print(terminal, |out| {
        explain(&explanation, arguments.desugar, out)?;
        match &outcome {
            Some((target, Some(outcome))) => come_to(target, outcome, out),
            _ => Ok(()),
        }
    })?;
    Ok(0)
}

/// What the rule comes to at a target.
fn outcome(
    (arguments, selection): (&PolicyExplainArguments, &Selection),
    target: &str,
    rule: &str,
    terminal: &Terminal,
) -> Result<Option<RuleOutcome>, Failure> {
    let mut options =
        scan_options(arguments.platform.as_deref(), selection.limits.clone(), &arguments.limits, &arguments.registries)?;
    let policies = Policies::read(selection, &options.limits, terminal)?;
    options.files = policies.files();
    options.integrity = policies.integrity();
    let named = Target::of(target, None, &options)?;
    let progress = Progress::start(terminal, "looking into", target);
    let inventory = named.inventory(&options).map_err(Failure::Scan)?;
    drop(progress);
    Ok(policies.evaluate(&inventory).rules.into_iter().find(|outcome| outcome.rule == rule))
}

fn explain(rule: &RuleExplanation, desugar: bool, out: &mut dyn Write) -> io::Result<()> {
    let severity = match rule.severity {
        Severity::Error => "error: it fails a run",
        Severity::Warning => "warning: it is shown, and fails no run",
        Severity::Note => "note: it is shown, and fails no run",
    };
    writeln!(out, "{}: {}", rule.rule, rule.title)?;
    writeln!(out, "{}:{}\n{severity}", rule.place.0, rule.place.1)?;
    if !rule.documentation.is_empty() {
        writeln!(out, "\n{}", rule.documentation)?;
    }
    let metadata = &rule.metadata;
    let owner = metadata.owner.iter().map(|owner| format!("owner {owner}"));
    let tags = (!metadata.tags.is_empty()).then(|| format!("tags {}", metadata.tags.join(", ")));
    let said: Vec<String> = owner.chain(tags).chain(metadata.links.iter().map(|link| format!("see {link}"))).collect();
    if !said.is_empty() {
        writeln!(out, "\n{}", said.join("\n"))?;
    }
    section("The rule", &rule.text, out)?;
    if !rule.definitions.trim().is_empty() {
        section("What it speaks of", &rule.definitions, out)?;
    }
    if !rule.given.is_empty() {
        let given: Vec<String> = rule.given.iter().map(given).collect();
        section("Given from outside", &given.join("\n"), out)?;
    }
    if desugar {
        section("In kernel terms", &rule.kernel, out)?;
    }
    section("How it is decided", &rule.plan.join("\n"), out)
}

/// A value with where it is given: `floor = 3.12, by douane.toml:4`.
fn given(GivenParam { name, value, .. }: &GivenParam) -> String {
    let source = &name.span.source;
    let line = LineIndex::new(&source.text).line_column(&source.text, name.span.start).line;
    let by = if source.name == "--param" { source.name.clone() } else { format!("{}:{line}", source.name) };
    format!("{} = {}, by {by}", name.text, value.text())
}

/// A caption and lines below it.
fn section(caption: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{caption}:\n")?;
    text.trim_end().lines().try_for_each(|line| writeln!(out, "{}", format!("    {line}").trim_end()))
}

fn come_to(target: &str, outcome: &RuleOutcome, out: &mut dyn Write) -> io::Result<()> {
    let violations = &outcome.violations;
    let waived = violations.iter().filter(|violation| violation.waived.is_some()).count();
    let of = |certainty| {
        let counts = violations.iter().filter(|violation| violation.waived.is_none() && violation.certainty == certainty);
        counts.count()
    };
    let (broken, undecided) = (of(ViolationCertainty::Broken), of(ViolationCertainty::Undecided));
    let verdict = match (outcome.subjects, broken, undecided) {
        (0, ..) => "it judges nothing: what it is about is not there, or mistyped".to_owned(),
        (subjects, 0, 0) => format!("it judges {}, and nothing is wrong", counted(subjects)),
        (subjects, ..) => format!("it judges {}: {broken} broken, {undecided} not to be settled", counted(subjects)),
    };
    let waived = if waived > 0 { format!(", {waived} waived") } else { String::new() };
    section(&format!("At {}", crate::report::sanitise(target)), &format!("{verdict}{waived}"), out)
}

fn counted(subjects: u64) -> String {
    if subjects == 1 { "1 subject".to_owned() } else { format!("{subjects} subjects") }
}

//! What one rule says, in its own words, in those of the kernel, and how it is decided; never a verdict.

mod desugar;
mod make;
mod mentioned;
mod plan;
mod structure;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::{
    DataFiles, GivenParam, PolicyText, check,
    compiled::{self, Purpose},
    outcome::RuleMetadata,
    syntax::{
        ast::{File, Rule},
        print,
        words::nearest,
    },
};
use crate::diagnostic::{Diagnostic, Severity, SourceText};

/// What one rule says.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleExplanation {
    /// Package and name.
    pub rule: String,
    /// Its file, and the 1-based line in it.
    pub place: (String, u32),
    /// Its severity.
    pub severity: Severity,
    /// The title.
    pub title: String,
    /// The `///` documentation.
    pub documentation: String,
    /// Tags, owner, links.
    pub metadata: RuleMetadata,
    /// The parameters, data and functions that it speaks of, as a policy has them.
    pub definitions: String,
    /// Parameters that are given another value than their own.
    pub given: Vec<GivenParam>,
    /// The rule itself.
    pub text: String,
    /// The rule in kernel terms; what only comes near says so in comments.
    pub kernel: String,
    /// How it is decided, a line for each thing.
    pub plan: Vec<String>,
}

/// Why a rule is not explained.
#[derive(Debug, Clone, PartialEq)]
pub enum NotExplained {
    /// The policies have mistakes.
    Mistakes(Vec<Diagnostic>),
    /// No policy has such a rule; one that is nearly called so.
    NoSuchRule(Option<String>),
    /// Several packages have it.
    Several(Vec<String>),
}

/// Explains the rule that a name (`python-floor`, or `acme.platform/python-floor`) means among policies.
pub fn explain_rule(
    texts: &[PolicyText],
    params: &[GivenParam],
    data: &dyn DataFiles,
    name: &str,
) -> Result<RuleExplanation, NotExplained> {
    let (files, mut diagnostics) = compiled::parsed(texts, Purpose::Judge);
    let (resolved, found) = check::check(&files, params, data, None);
    diagnostics.extend(found);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(NotExplained::Mistakes(diagnostics));
    }
    let (file, rule) = named(&files, name)?;
    let identity = identity(file, rule);
    let judged = resolved.rules.iter().find(|resolved| resolved.identity == identity);
    let mentioned = mentioned::of(&files, file, rule);
    let own = rule.clauses.iter().filter_map(mentioned::own_param);
    let given = params.iter().filter(|param| {
        let name = param.name.text.as_str();
        let (owner, bare) = name.rsplit_once('.').map_or((None, name), |(owner, bare)| (Some(owner), bare));
        let is_own = own.clone().any(|known| known == bare) && owner.is_none_or(|owner| owner.ends_with(&rule.name.text));
        is_own || mentioned.params.iter().any(|known| known.name.text == bare)
    });
    Ok(RuleExplanation {
        place: (file.source.name.clone(), file.lines.line_column(&file.source.text, rule.name.region.start).line),
        severity: rule.severity,
        title: rule.title.clone(),
        documentation: rule.documentation.clone(),
        metadata: judged.map(|judged| judged.metadata.clone()).unwrap_or_default(),
        given: given.cloned().collect(),
        text: print(&File { rules: vec![undocumented(rule)], ..nothing() }),
        kernel: desugar::kernel(rule),
        plan: judged.map(|judged| plan::plan(judged, rule, &resolved)).unwrap_or_default(),
        definitions: print(&mentioned),
        rule: identity,
    })
}

/// The rule of a name.
fn named<'f>(files: &'f [File], name: &str) -> Result<(&'f File, &'f Rule), NotExplained> {
    let all = || files.iter().flat_map(|file| file.rules.iter().map(move |rule| (file, rule)));
    let is_meant = |(file, rule): &(&File, &Rule)| rule.name.text == name || identity(file, rule) == name;
    let found: Vec<_> = all().filter(is_meant).collect();
    match found.as_slice() {
        [only] => Ok(*only),
        [] => {
            let (short, full): (Vec<_>, Vec<_>) =
                all().map(|(file, rule)| (rule.name.text.clone(), identity(file, rule))).unzip();
            let near = nearest(name, short.iter().chain(&full).map(String::as_str));
            Err(NotExplained::NoSuchRule(near.map(str::to_owned)))
        }
        several => Err(NotExplained::Several(several.iter().map(|(file, rule)| identity(file, rule)).collect())),
    }
}

fn identity(file: &File, rule: &Rule) -> String {
    format!("{}/{}", file.package.as_ref().map_or("", |package| package.text.as_str()), rule.name.text)
}

/// The rule without what is shown beside it.
fn undocumented(rule: &Rule) -> Rule {
    Rule { documentation: String::new(), ..rule.clone() }
}

/// A tree without text and items.
fn nothing() -> File {
    File::new(&Arc::new(SourceText { name: String::new(), text: String::new() }))
}

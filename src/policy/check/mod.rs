//! Names and types of all files of a run, all errors at once; never evaluating.

mod architecture;
mod builtins;
mod call;
mod collection;
mod comparison;
mod data;
#[cfg(test)]
mod data_tests;
mod expression;
mod functions;
pub(crate) mod given;
mod groups;
pub(in crate::policy) mod lint;
mod literal;
#[cfg(test)]
mod package_tests;
mod params;
pub(crate) mod pattern;
pub(crate) mod resolved;
mod rule;
mod scope;
mod structure;
#[cfg(test)]
mod tests;
mod types;
mod waiver;

use std::collections::BTreeMap;

use self::{
    given::Given,
    resolved::{Node, Resolved},
    scope::{Names, Package},
};
use super::{
    DataFiles, GivenParam,
    syntax::{
        ast::{File, Name, OnUnknown, Region},
        words::nearest,
    },
};
use crate::diagnostic::{Diagnostic, Severity, Span};

/// The edition of the language that this crate reads.
const EDITION: i64 = 1;

/// Resolves all files; `params` are given from outside, in whose place stand those that a test gives.
pub(crate) fn check(
    files: &[File],
    params: &[GivenParam],
    reader: &dyn DataFiles,
    given: Option<Given<'_>>,
) -> (Resolved, Vec<Diagnostic>) {
    let mut names = Names::default();
    let packages = names.packages(files);
    names.params(files, &packages);
    names.data(files, &packages, reader);
    names.overrides(params);
    if let Some(given) = given {
        names.given(&given, &packages);
    }
    names.functions(files, &packages);
    let rules = names.rules(files, &packages);
    let waivers = names.waivers(files, &packages, &rules);
    names.unused();
    let functions =
        names.functions.iter_mut().map(|function| (std::mem::replace(&mut function.body, Node::Poison), function.slots));
    let resolved = Resolved {
        rules,
        waivers,
        functions: functions.collect(),
        patterns: std::mem::take(&mut names.patterns.all),
        needs_files: names.needs_files,
        needs_integrity: names.needs_integrity,
    };
    names.diagnostics.extend(lint::confusables(files));
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    let is_read = |file: &File| file.broken.is_empty() && !file.rules.iter().any(|rule| rule.damaged);
    if files.iter().all(is_read) && !names.diagnostics.iter().any(is_error) {
        names.diagnostics.extend(lint::lint(files, &resolved.rules, &resolved.patterns));
    }
    (resolved, names.diagnostics)
}

/// The package of each file, as an index; and the packages' names.
pub(crate) struct Packages {
    of_file: Vec<usize>,
    names: Vec<String>,
}

impl Names {
    fn packages(&mut self, files: &[File]) -> Packages {
        let mut packages = Packages { of_file: Vec::new(), names: Vec::new() };
        for file in files {
            let span = |region| file.span(region);
            let start = Region { start: 0, end: file.source.text.lines().next().map_or(0, str::len) };
            match file.edition {
                Some((EDITION, _)) => {}
                Some((other, region)) => self.diagnostics.push(
                    Diagnostic::new("unknown-edition", Severity::Error, format!("there is no edition {other}"))
                        .label(span(region), "not known to this version")
                        .help("write `edition 1`"),
                ),
                None if file.broken.is_empty() && !file.unread => self.diagnostics.push(
                    Diagnostic::new("missing-edition", Severity::Error, "the policy does not say its edition")
                        .label(span(start), "should come first")
                        .note("a later edition of the language may change the meaning of a form, never silently")
                        .help("begin the file with `edition 1`"),
                ),
                None => {}
            }
            let name = match &file.package {
                Some(name) => name.text.clone(),
                None => {
                    if !file.package_damaged && !file.unread && (file.edition.is_some() || file.broken.is_empty()) {
                        self.diagnostics.push(
                            Diagnostic::new("missing-package", Severity::Error, "the policy does not say its package")
                                .label(span(start), "should stand below the edition")
                                .note("a rule is known by its package and name, such as `acme.platform/python-floor`")
                                .help("write `package` and a name"),
                        );
                    }
                    String::new()
                }
            };
            let index = packages.names.iter().position(|known| *known == name).unwrap_or_else(|| {
                packages.names.push(name);
                self.packages.push(Package::default());
                packages.names.len() - 1
            });
            packages.of_file.push(index);
        }
        let mut edges: Vec<Vec<(usize, Span)>> = vec![Vec::new(); packages.names.len()];
        for (file, index) in files.iter().zip(&packages.of_file) {
            for used in &file.uses {
                let found = self.used(file, used, &packages);
                if let (Some(found), Some(edges)) = (found, edges.get_mut(*index)) {
                    edges.push((found, file.span(used.region)));
                }
            }
            if let Some(package) = self.packages.get_mut(*index) {
                package.broken.extend(file.broken.iter().cloned());
            }
        }
        self.cycles(&edges, &packages.names);
        for (package, edges) in self.packages.iter_mut().zip(edges) {
            package.uses.extend(edges.into_iter().map(|(used, _)| used));
            package.uses.sort_unstable();
            package.uses.dedup();
        }
        packages
    }

    /// Reports packages that use each other in a circle, each circle once.
    fn cycles(&mut self, edges: &[Vec<(usize, Span)>], names: &[String]) {
        let reaches = |from: usize, to: usize| {
            let (mut pending, mut seen) = (vec![from], std::collections::BTreeSet::new());
            while let Some(at) = pending.pop() {
                if at == to {
                    return true;
                }
                if seen.insert(at) {
                    pending.extend(edges.get(at).into_iter().flatten().map(|(next, _)| *next));
                }
            }
            false
        };
        let mut told = std::collections::BTreeSet::new();
        for (from, uses) in edges.iter().enumerate() {
            let closing = uses.iter().filter(|(used, _)| reaches(*used, from));
            for (used, span) in closing {
                if told.contains(&from) {
                    break;
                }
                // All packages of a circle reach each other: the first one tells for all.
                told.extend((0..edges.len()).filter(|other| reaches(from, *other) && reaches(*other, from)));
                let name = |package: usize| names.get(package).map_or("", String::as_str);
                let message = format!("the package `{}` uses itself, perhaps through others", name(from));
                let mut diagnostic = Diagnostic::new("use-cycle", Severity::Error, message)
                    .label(span.clone(), format!("`{}` leads back to `{}`", name(*used), name(from)));
                let back =
                    edges.get(*used).into_iter().flatten().find(|(next, _)| reaches(*next, from)).filter(|_| *used != from);
                if let Some((_, back)) = back {
                    diagnostic = diagnostic.context(back.clone(), "on the way back");
                }
                self.diagnostics.push(diagnostic.help("move what both need into a package of its own"));
            }
        }
    }

    fn used(&mut self, file: &File, used: &Name, packages: &Packages) -> Option<usize> {
        let found = packages.names.iter().position(|name| *name == used.text);
        if found.is_none() {
            let known =
                super::library::packages().map(|name| -> &str { name }).chain(packages.names.iter().map(String::as_str));
            let help = match nearest(&used.text, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "give its file too, or use one of {}",
                    super::library::packages().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                ),
            };
            self.diagnostics.push(
                Diagnostic::new("unknown-package", Severity::Error, format!("there is no package `{}`", used.text))
                    .label(file.span(used.region), "not known here")
                    .help(help),
            );
        }
        found
    }

    fn rules(&mut self, files: &[File], packages: &Packages) -> Vec<resolved::Rule> {
        let mut defaults: BTreeMap<usize, (OnUnknown, Span)> = BTreeMap::new();
        for (file, package) in files.iter().zip(&packages.of_file) {
            if let Some((choice, region)) = file.on_unknown
                && let Some((before, span)) = defaults.insert(*package, (choice, file.span(region)))
                && before != choice
            {
                self.diagnostics.push(
                    Diagnostic::new("repeated-item", Severity::Error, "two files of a package disagree on `on unknown`")
                        .label(file.span(region), "here")
                        .context(span, "and here")
                        .help("say it in one of them"),
                );
            }
        }
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        let mut rules = Vec::new();
        for (file, package) in files.iter().zip(&packages.of_file) {
            let name = packages.names.get(*package).map_or("", String::as_str);
            for rule in &file.rules {
                let default = defaults.get(package).map(|(choice, _)| *choice);
                let resolved = self.rule(file, (*package, name), rule, default);
                let span = file.span(rule.name.region);
                if let Some(first) = seen.get(&resolved.identity) {
                    self.duplicate("rule", &rule.name.text, span, first.clone());
                } else {
                    seen.insert(resolved.identity.clone(), span);
                    rules.push(resolved);
                }
            }
        }
        rules
    }

    /// Warns of what is defined and never used.
    fn unused(&mut self) {
        let params = self.params.iter().filter(|param| !param.used).map(|param| ("parameter", &param.name, &param.span));
        let functions = self.functions.iter().filter(|function| !function.used);
        let functions = functions.map(|function| ("function", &function.name, &function.span));
        let warnings: Vec<_> = params
            .chain(functions)
            .map(|(what, name, span)| {
                Diagnostic::new("unused-definition", Severity::Warning, format!("the {what} `{name}` is never used"))
                    .label(span.clone(), "defined here")
                    .help("use it or remove it")
            })
            .collect();
        self.diagnostics.extend(warnings);
    }
}

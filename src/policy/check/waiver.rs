//! Waivers: the rule that each speaks of, what it must say, and how long it may last; never whether one is in force.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobMatcher;

use super::{
    Packages, literal,
    resolved::{AssertionKind, Constant, Rule},
    rule::{place, squeezed},
    scope::{Names, Scope},
};
use crate::{
    diagnostic::{Diagnostic, Severity, Span},
    facts::schema::{Scalar, Type},
    policy::{
        library,
        syntax::{
            ast::{self, File, Name, Region},
            words::nearest,
        },
        waiver::{Longest, Only, Waiver},
    },
};

/// The parameter that bounds how long waivers last.
const MAX_DAYS: &str = "max_waiver_days";

/// A rule that a waiver may name.
struct Known<'f> {
    package: usize,
    name: &'f str,
    span: Span,
}

impl Names {
    /// Resolves the waivers of all files; what is wrong is reported.
    pub(super) fn waivers(&mut self, files: &[File], packages: &Packages, rules: &[Rule]) -> Vec<Waiver> {
        self.longest_is_a_number();
        let mut known: Vec<Known<'_>> = Vec::new();
        for (file, package) in files.iter().zip(&packages.of_file) {
            known.extend(file.rules.iter().map(|rule| Known {
                package: *package,
                name: &rule.name.text,
                span: file.span(rule.name.region),
            }));
        }
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        let mut waivers = Vec::new();
        for (file, package) in files.iter().zip(&packages.of_file) {
            for waiver in &file.waivers {
                let found = self.waived_rule((file, *package), &waiver.rule, packages, &known);
                let rule = found.and_then(|found| {
                    let identity = format!("{}/{}", packages.names.get(found.package)?, found.name);
                    Some((rules.iter().find(|rule| rule.identity == identity)?, found))
                });
                let name = rule.map_or(waiver.rule.text.as_str(), |(rule, _)| &rule.identity);
                self.repeated_waiver(&mut seen, file, name, waiver);
                waivers.extend(self.waiver((file, *package), rule, waiver));
            }
        }
        waivers
    }

    /// One waiver: nothing where something that it must have is missing.
    fn waiver(
        &mut self,
        (file, package): (&File, usize),
        rule: Option<(&Rule, &Known<'_>)>,
        waiver: &ast::Waiver,
    ) -> Option<Waiver> {
        let mut scope = Scope::new(file, package);
        let region = Region { start: waiver.region.start, end: waiver.rule.region.end };
        let owner = self.said(&scope, waiver, waiver.owner.as_ref(), "owner", "add `owner` and who answers for it");
        let reason = self.said(&scope, waiver, waiver.reason.as_ref(), "reason", "add `reason` and why, such as a ticket");
        if waiver.expires.is_none() && !waiver.damaged {
            let message = format!("the waiver of `{}` never ends", waiver.rule.text);
            let diagnostic = self.error(&scope, region, "missing-clause", message, "has no `expires`".into());
            diagnostic.help =
                Some("add `expires` and the last day on which it is in force, such as `expires 2027-03-31`".into());
        }
        let at_most = waiver.at_most.and_then(|(number, region)| {
            if number < 1 {
                let message = format!("a waiver that may take {number} findings waives nothing");
                self.error(&scope, region, "invalid-limit", message, "less than 1".into()).help =
                    Some("give at least 1, or remove the waiver".into());
            }
            u64::try_from(number).ok()
        });
        let only = waiver.only.iter().map(|only| self.only(&scope, rule, only)).collect();
        let conditions = waiver.condition.iter().map(|condition| self.condition(&mut scope, condition)).collect();
        let (rule, found) = rule?;
        Some(Waiver {
            rule: rule.identity.clone(),
            name: rule.name.clone(),
            only,
            conditions,
            slots: scope.slots,
            needs_image: scope.mentions_image,
            owner: owner?,
            reason: reason?,
            expires: waiver.expires?.0,
            expires_at: file.span(waiver.expires?.1),
            at_most,
            longest: self.longest(package, found.package),
            place: place(file, region),
        })
    }

    /// The text of a clause that every waiver has.
    fn said(
        &mut self,
        scope: &Scope<'_>,
        waiver: &ast::Waiver,
        clause: Option<&Name>,
        word: &str,
        help: &str,
    ) -> Option<String> {
        let (region, message, label) = match clause {
            Some(name) if !name.text.trim().is_empty() => return Some(name.text.trim().to_owned()),
            Some(name) => (name.region, format!("the `{word}` of a waiver is empty"), "says nothing".to_owned()),
            None if waiver.damaged => return None,
            None => (
                Region { start: waiver.region.start, end: waiver.rule.region.end },
                format!("the waiver of `{}` does not say its {word}", waiver.rule.text),
                format!("has no `{word}`"),
            ),
        };
        self.error(scope, region, "missing-clause", message, label).help = Some(help.to_owned());
        None
    }

    fn only(&mut self, scope: &Scope<'_>, rule: Option<(&Rule, &Known<'_>)>, only: &ast::Only) -> Only {
        match only {
            ast::Only::Import(from, to) => {
                if let Some((rule, known)) = rule.filter(|(rule, _)| !finds_imports(rule)) {
                    let region = Region { start: from.region.start, end: to.region.end };
                    let message = format!("`only import` never meets what `{}` finds", rule.name);
                    let span = known.span.clone();
                    let diagnostic = self.error(scope, region, "wrong-only", message, "speaks of imports".into());
                    diagnostic.labels.push(crate::diagnostic::Label { span, text: "forbids none".into(), primary: false });
                    diagnostic.help = Some("write `only module`, `only path` or `only subject`, or remove it".into());
                }
                Only::Import(self.side(scope, from), self.side(scope, to))
            }
            ast::Only::Module(modules) => Only::Module(self.side(scope, modules)),
            ast::Only::Path(globs) => Only::Path(self.globs(scope, globs)),
            ast::Only::Subject(globs) => Only::Subject(self.globs(scope, globs)),
        }
    }

    fn globs(&mut self, scope: &Scope<'_>, texts: &[Name]) -> Vec<GlobMatcher> {
        let mut globs = Vec::new();
        for name in texts {
            match literal::constant(&name.text, Scalar::Glob, &mut self.patterns) {
                Ok(Constant::Glob(glob)) => globs.push(*glob),
                Ok(_) => {}
                Err(error) => self.literal(scope, &name.text, name.region, error),
            }
        }
        globs
    }

    /// The rule that a waiver names: `rule` of the own package or else of one that it uses, or `package/rule`.
    fn waived_rule<'k, 'f>(
        &mut self,
        (file, own): (&File, usize),
        written: &Name,
        packages: &Packages,
        known: &'k [Known<'f>],
    ) -> Option<&'k Known<'f>> {
        let scope = Scope::new(file, own);
        if let Some((package, name)) = written.text.rsplit_once('/') {
            let Some(package) = packages.names.iter().position(|known| known == package) else {
                self.no_package(&scope, package, written.region, packages);
                return None;
            };
            let found = known.iter().find(|rule| rule.package == package && rule.name == name);
            if found.is_none() {
                self.no_rule(&scope, written, &BTreeSet::from([package]), packages, known);
            }
            return found;
        }
        let named = |package: usize| known.iter().find(|rule| rule.package == package && rule.name == written.text);
        if let Some(found) = named(own) {
            return Some(found);
        }
        let uses: BTreeSet<usize> = self.packages.get(own).into_iter().flat_map(|own| own.uses.iter().copied()).collect();
        let found: Vec<&Known<'_>> = uses.iter().filter_map(|package| named(*package)).collect();
        match found.as_slice() {
            [only] => Some(only),
            [] => {
                let visible = uses.into_iter().chain([own]).collect();
                self.no_rule(&scope, written, &visible, packages, known);
                None
            }
            several => {
                let full = |rule: &&Known<'_>| {
                    format!("`{}/{}`", packages.names.get(rule.package).map_or("", String::as_str), rule.name)
                };
                let message = format!("several packages have a rule `{}`", written.text);
                let diagnostic = self.error(&scope, written.region, "ambiguous-rule", message, "which of them?".into());
                diagnostic.help = Some(format!("write {}", several.iter().map(full).collect::<Vec<_>>().join(" or ")));
                let labels = several.iter().map(|rule| crate::diagnostic::Label {
                    span: rule.span.clone(),
                    text: "one of them".into(),
                    primary: false,
                });
                diagnostic.labels.extend(labels);
                None
            }
        }
    }

    /// Reports a package that does not take part.
    fn no_package(&mut self, scope: &Scope<'_>, package: &str, region: Region, packages: &Packages) {
        let known = library::packages().map(|name| -> &str { name }).chain(packages.names.iter().map(String::as_str));
        let help = match nearest(package, known) {
            _ if library::packages().any(|known| known == package) => format!("add `use {package}`"),
            Some(near) => format!("did you mean `{near}`?"),
            None => "give its file too".to_owned(),
        };
        let message = format!("there is no package `{package}` in this run");
        self.error(scope, region, "unknown-package", message, "waives nothing".into()).help = Some(help);
    }

    /// Reports a rule that the packages do not have, unless one of them has a rule that could not be read.
    fn no_rule(
        &mut self,
        scope: &Scope<'_>,
        written: &Name,
        among: &BTreeSet<usize>,
        packages: &Packages,
        known: &[Known<'_>],
    ) {
        let name = written.text.rsplit_once('/').map_or(written.text.as_str(), |(_, name)| name);
        // Of a rule that could not be read, the first word of its name is known.
        let first = name.split('-').next().unwrap_or(name);
        let broken = |package: &usize| self.packages.get(*package).is_some_and(|package| package.broken.contains(first));
        if among.iter().any(broken) {
            return;
        }
        let visible = known.iter().filter(|rule| among.contains(&rule.package)).map(|rule| rule.name);
        let elsewhere = known.iter().find(|rule| rule.name == name);
        let elsewhere = elsewhere.and_then(|rule| packages.names.get(rule.package));
        let help = match (nearest(name, visible.clone()), elsewhere) {
            (_, Some(package)) => format!("write `{package}/{name}`"),
            (Some(near), None) => format!("did you mean `{near}`?"),
            (None, None) if visible.clone().next().is_none() => {
                "name a rule with its package, such as `acme.platform/python-floor`, or `use` its package".to_owned()
            }
            (None, None) => {
                let listed: BTreeSet<String> = visible.map(|name| format!("`{name}`")).collect();
                format!("known here are {}", listed.into_iter().collect::<Vec<_>>().join(", "))
            }
        };
        let message = format!("there is no rule `{}`", written.text);
        self.error(scope, written.region, "unknown-rule", message, "waives nothing".into()).help = Some(help);
    }

    /// Warns of a waiver that says the same as one before it.
    fn repeated_waiver(&mut self, seen: &mut BTreeMap<String, Span>, file: &File, rule: &str, waiver: &ast::Waiver) {
        let text = |region: Region| squeezed(file.text(region));
        let mut only: Vec<String> = waiver.only.iter().map(|only| only_text(only, &text)).collect();
        only.sort();
        let mut conditions: Vec<String> = waiver.condition.iter().map(|condition| text(condition.region)).collect();
        conditions.sort();
        let said = |name: &Option<Name>| name.as_ref().map(|name| name.text.clone());
        let end = (waiver.expires.map(|(day, _)| day), waiver.at_most.map(|(number, _)| number));
        let all = format!("{:?}", (rule, only, conditions, said(&waiver.owner), said(&waiver.reason), end));
        let span = file.span(waiver.rule.region);
        if let Some(first) = seen.get(&all) {
            self.diagnostics.push(
                Diagnostic::new(
                    "repeated-waiver",
                    Severity::Warning,
                    format!("two waivers of `{}` say the same", waiver.rule.text),
                )
                .label(span, "the second time")
                .context(first.clone(), "the first time")
                .help("remove one of them"),
            );
        } else {
            seen.insert(all, span);
        }
    }

    /// Reports a bound on waivers that is no number; the language reads it, so it is never unused.
    fn longest_is_a_number(&mut self) {
        let named = self.packages.iter().filter_map(|package| package.params.get(MAX_DAYS).copied());
        for id in named.collect::<Vec<_>>() {
            let Some(param) = self.params.get_mut(id) else { continue };
            param.used = true;
            let Some(ty) = param.ty.filter(|ty| ty.ty != Type::One(Scalar::Int)) else { continue };
            let message = format!("`{MAX_DAYS}` bounds how long waivers last: a number of days, and this is of type `{ty}`");
            let diagnostic =
                Diagnostic::new("type-mismatch", Severity::Error, message).label(param.span.clone(), "not a number");
            self.diagnostics.push(diagnostic.help(format!("write `param {MAX_DAYS}: Int = 90`")));
        }
    }

    /// The shortest bound that the waiver's package, those that it uses, or the rule's package says: none can be got round.
    fn longest(&self, own: usize, of_rule: usize) -> Option<Longest> {
        let uses = self.packages.get(own).into_iter().flat_map(|package| package.uses.iter().copied());
        let bounds = uses.chain([own, of_rule]).filter_map(|package| {
            let param = self.params.get(*self.packages.get(package)?.params.get(MAX_DAYS)?)?;
            match param.value {
                Some(Constant::Int(days)) => Some(Longest { days, defined: param.span.clone() }),
                _ => None,
            }
        });
        bounds.min_by_key(|longest| longest.days)
    }
}

/// Whether a rule may find imports of one module by another.
fn finds_imports(rule: &Rule) -> bool {
    // A rule without assertions was reported: it may have lost them.
    rule.assertions.is_empty()
        || rule.assertions.iter().any(|assertion| {
            matches!(
                assertion.kind,
                AssertionKind::Ban(_) | AssertionKind::Chain(_) | AssertionKind::Layers(_) | AssertionKind::Independent(_)
            )
        })
}

/// What an `only` says, however its items are ordered.
fn only_text(only: &ast::Only, text: &dyn Fn(Region) -> String) -> String {
    let names = |names: &[Name]| {
        let mut names: Vec<String> = names.iter().map(|name| text(name.region)).collect();
        names.sort();
        names.join(", ")
    };
    match only {
        ast::Only::Import(from, to) => format!("import {} -> {}", names(&from.patterns), names(&to.patterns)),
        ast::Only::Module(modules) => format!("module {}", names(&modules.patterns)),
        ast::Only::Path(globs) => format!("path {}", names(globs)),
        ast::Only::Subject(globs) => format!("subject {}", names(globs)),
    }
}

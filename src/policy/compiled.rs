//! From policy texts to something that can be evaluated, all errors at once; never reading a file.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{
    check,
    compile::Plan,
    contract::{self, Needs},
    evaluate, library,
    outcome::Evaluation,
    parameter::GivenParam,
    syntax, unmatched,
};
use crate::{
    diagnostic::{Diagnostic, Severity, SourceText},
    facts::Inventory,
};

/// A policy file: its name for messages, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// Such as `policies/imports.douane`.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// Which policy took part in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyIdentity {
    /// Its package.
    pub package: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
    /// The names of its rules, in the order of the file.
    pub rules: Vec<String>,
}

/// Policies that compile, ready to be evaluated any number of times.
#[derive(Debug, Clone)]
pub struct Compiled {
    plan: Plan,
    identities: Vec<PolicyIdentity>,
    warnings: Vec<Diagnostic>,
}

/// Compiles policies and the library packages that they use; yields every error of every file where there is one.
///
/// `params` are `name=value` pairs (`package.name=value` for one package alone) that take the place of parameters' defaults.
pub fn compile(texts: &[PolicyText], params: &[(String, String)]) -> Result<Compiled, Vec<Diagnostic>> {
    compile_with(texts, &GivenParam::pairs(params), &NoDataFiles)
}

/// The package of a policy and those that it uses, as far as they can be read.
pub fn package_and_uses(text: &PolicyText) -> (Option<String>, Vec<String>) {
    let source = Arc::new(SourceText { name: text.name.clone(), text: text.text.clone() });
    let file = match contract::is_contract(&source.name) {
        true => contract::parse(&source, None).into_parts().0,
        false => syntax::header(&source),
    };
    (file.package.map(|package| package.text), file.uses.into_iter().map(|used| used.text).collect())
}

/// Where `data` items find their files.
pub trait DataFiles {
    /// The text of a file that a policy names, or why it cannot be read.
    fn read(&self, policy: &str, path: &str) -> Result<String, String>;
}

/// No files at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDataFiles;

impl DataFiles for NoDataFiles {
    fn read(&self, _policy: &str, _path: &str) -> Result<String, String> {
        Err("no file is read here".to_owned())
    }
}

/// As `compile`, with the files of `data` items.
pub fn compile_with(texts: &[PolicyText], params: &[GivenParam], data: &dyn DataFiles) -> Result<Compiled, Vec<Diagnostic>> {
    let (files, diagnostics) = parsed(texts, Purpose::Judge);
    checked(files, params, data, diagnostics)
}

/// Compiles one contract about one module (ImportSpy's, or a policy), and says what it takes to judge it.
pub fn compile_contract(text: &PolicyText, module: &str) -> Result<(Compiled, Needs), Vec<Diagnostic>> {
    if !contract::is_contract(&text.name) {
        let (files, _) = parsed(std::slice::from_ref(text), Purpose::Judge);
        let needs = if files.iter().all(contract::asks_for_structure_alone) { Needs::Module } else { Needs::Environment };
        return Ok((compile(std::slice::from_ref(text), &[])?, needs));
    }
    let source = Arc::new(SourceText { name: text.name.clone(), text: text.text.clone() });
    let contract = contract::parse(&source, Some(module));
    let needs = contract.needs;
    let (file, diagnostics) = contract.into_parts();
    Ok((checked(vec![file], &[], &NoDataFiles, diagnostics)?, needs))
}

/// Checks files that were read, and plans what they ask for.
fn checked(
    files: Vec<syntax::ast::File>,
    params: &[GivenParam],
    data: &dyn DataFiles,
    mut diagnostics: Vec<Diagnostic>,
) -> Result<Compiled, Vec<Diagnostic>> {
    let (resolved, found) = check::check(&files, params, data, None);
    diagnostics.extend(found);
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    if diagnostics.iter().any(is_error) {
        diagnostics.sort_by_key(place(&files));
        return Err(diagnostics);
    }
    let identities = files.iter().map(identity).collect();
    Ok(Compiled { plan: Plan::new(resolved), identities, warnings: diagnostics })
}

/// What policies are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To judge: files that hold nothing but tests, and what only they use, take no part.
    Judge,
    /// To be tested.
    Test,
}

/// The files of a run, those that were given first, then the library's that they use; and what is wrong with their syntax.
pub(crate) fn parsed(texts: &[PolicyText], purpose: Purpose) -> (Vec<syntax::ast::File>, Vec<Diagnostic>) {
    let (mut files, mut diagnostics) = (Vec::new(), Vec::new());
    let mut parse = |text: PolicyText, files: &mut Vec<syntax::ast::File>| {
        let source = Arc::new(SourceText { name: text.name, text: text.text });
        let (file, errors) = match contract::is_contract(&source.name) {
            true => contract::parse(&source, None).into_parts(),
            false => syntax::parse(&source),
        };
        if purpose == Purpose::Test || !file.holds_only_tests() || !errors.is_empty() {
            files.push(file);
        }
        diagnostics.extend(errors);
    };
    for text in texts {
        parse(text.clone(), &mut files);
    }
    let mut known: BTreeSet<String> =
        files.iter().filter_map(|file| file.package.as_ref()).map(|package| package.text.clone()).collect();
    let mut next = 0;
    while let Some(file) = files.get(next) {
        let wanted: Vec<_> = file.uses.iter().map(|used| used.text.clone()).filter(|used| known.insert(used.clone())).collect();
        for text in wanted.iter().filter_map(|used| library::find(used)) {
            parse(text, &mut files);
        }
        next += 1;
    }
    (files, diagnostics)
}

/// Where a diagnostic stands: its file's place in the run, then the place in it.
pub(crate) fn place(files: &[syntax::ast::File]) -> impl Fn(&Diagnostic) -> (usize, usize) + use<'_> {
    move |diagnostic| {
        let span = diagnostic.labels.first().map(|label| &label.span);
        let file = span.and_then(|span| files.iter().position(|file| Arc::ptr_eq(&file.source, &span.source)));
        (file.unwrap_or(usize::MAX), span.map_or(0, |span| span.start))
    }
}

pub(crate) fn identity(file: &syntax::ast::File) -> PolicyIdentity {
    let sha256 = Sha256::digest(file.source.text.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    PolicyIdentity {
        package: file.package.as_ref().map(|package| package.text.clone()).unwrap_or_default(),
        file: file.source.name.clone(),
        sha256,
        rules: file.rules.iter().map(|rule| rule.name.text.clone()).collect(),
    }
}

impl Compiled {
    /// What is worth a look and no error, such as a parameter that nothing uses.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The policies that were compiled, with the library's that they use.
    pub fn identities(&self) -> &[PolicyIdentity] {
        &self.identities
    }

    /// Whether any of them asks for `files`: a scan makes that list only where it is told to.
    pub fn needs_files(&self) -> bool {
        self.plan.needs_files
    }

    /// Whether any of them asks what became of installed files: a scan hashes those only where it is told to.
    pub fn needs_integrity(&self) -> bool {
        self.plan.needs_integrity
    }

    /// Evaluates every rule; the same inventory and day always yield the same.
    pub fn evaluate(&self, inventory: &Inventory, today: Date) -> Evaluation {
        evaluate::evaluate(&self.plan, inventory, today).evaluation
    }

    /// Evaluates every rule, and warns of patterns that matched nothing: a mistyped one must not read as a pass.
    pub fn evaluate_with_warnings(&self, inventory: &Inventory, today: Date) -> (Evaluation, Vec<Diagnostic>) {
        let outcome = evaluate::evaluate(&self.plan, inventory, today);
        let warnings = unmatched::warnings(&self.plan, &outcome, inventory);
        (outcome.evaluation, warnings)
    }
}

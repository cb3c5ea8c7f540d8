//! What names mean: packages, parameters, functions and variables; never the types of expressions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    builtins::BUILTINS,
    literal::Patterns,
    resolved::{Constant, Node},
};
use crate::{
    diagnostic::{Diagnostic, Severity, SourceText, Span},
    facts::schema::{FieldType, GLOBALS},
    policy::{
        contract,
        syntax::{
            ast::{Expression, File, Region},
            print_expression,
            words::nearest,
        },
    },
};

/// A package: what it uses and defines.
#[derive(Default)]
pub(crate) struct Package {
    pub(crate) uses: Vec<usize>,
    pub(crate) params: BTreeMap<String, usize>,
    pub(crate) functions: BTreeMap<String, usize>,
    /// Names whose definitions have syntax errors.
    pub(crate) broken: BTreeSet<String>,
}

/// A parameter.
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) package: String,
    pub(crate) span: Span,
    /// `None` where its definition has an error.
    pub(crate) ty: Option<FieldType>,
    pub(crate) value: Option<Constant>,
    pub(crate) used: bool,
    /// Whether it is a `data` item, which the command line does not change.
    pub(crate) from_file: bool,
}

/// A function.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) parameters: Vec<Option<FieldType>>,
    pub(crate) returns: Option<FieldType>,
    pub(crate) body: Node,
    pub(crate) slots: usize,
    pub(crate) calls: Vec<usize>,
    pub(crate) size: u64,
    pub(crate) mentions_image: bool,
    pub(crate) used: bool,
}

/// All that is defined, and all that was found wrong.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) packages: Vec<Package>,
    pub(crate) params: Vec<Param>,
    /// The parameters of rules, by their text and place in it.
    pub(crate) params_of_rules: HashMap<(*const SourceText, usize), usize>,
    pub(crate) functions: Vec<Function>,
    pub(crate) patterns: Patterns,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether anything asks for the list of all files.
    pub(crate) needs_files: bool,
    /// Whether anything asks for the integrity of installed files.
    pub(crate) needs_integrity: bool,
}

/// What a name means.
pub(crate) enum Meaning {
    /// A variable: its slot and type.
    Variable(usize, Option<FieldType>),
    /// A parameter.
    Param(usize),
    /// A global name's place in the table.
    Global(usize),
    /// `today`.
    Today,
    /// Its definition has an error.
    Broken,
}

/// Where an expression stands: its file and package, and the variables in force.
pub(crate) struct Scope<'f> {
    pub(crate) file: &'f File,
    pub(crate) package: usize,
    pub(crate) variables: Vec<(String, Option<FieldType>)>,
    /// Most variables at once so far.
    pub(crate) slots: usize,
    pub(crate) mentions_image: bool,
    /// How many of the variables are those of `for`: the others are bound within an expression.
    pub(crate) loop_variables: usize,
    /// Whether one of those was mentioned.
    pub(crate) mentions_variable: bool,
    pub(crate) calls: Vec<usize>,
    pub(crate) size: u64,
    /// Parameters of the rule itself.
    pub(crate) rule_params: Vec<(String, usize)>,
}

impl<'f> Scope<'f> {
    pub(crate) fn new(file: &'f File, package: usize) -> Self {
        Self {
            file,
            package,
            variables: Vec::new(),
            slots: 0,
            mentions_image: false,
            loop_variables: 0,
            mentions_variable: false,
            calls: Vec::new(),
            size: 0,
            rule_params: Vec::new(),
        }
    }

    /// An expression for messages: as written, and of a contract, whose text says it in YAML, as a policy has it.
    pub(super) fn written(&self, expression: &Expression) -> String {
        match contract::is_contract(&self.file.source.name) {
            true => print_expression(self.file, expression),
            false => self.file.text(expression.region).to_owned(),
        }
    }

    /// Brings a variable into force and yields its slot.
    pub(crate) fn declare(&mut self, name: &str, ty: Option<FieldType>) -> usize {
        self.variables.push((name.to_owned(), ty));
        self.slots = self.slots.max(self.variables.len());
        self.variables.len() - 1
    }
}

impl Names {
    /// Reports an error.
    pub(crate) fn error(
        &mut self,
        scope: &Scope<'_>,
        region: Region,
        code: &'static str,
        message: String,
        label: String,
    ) -> &mut Diagnostic {
        let at = self.diagnostics.len();
        self.diagnostics.push(Diagnostic::new(code, Severity::Error, message).label(scope.file.span(region), label));
        #[expect(clippy::indexing_slicing, reason = "pushed right above")]
        &mut self.diagnostics[at]
    }

    /// What a name means here: variables, then the package's own, then those of packages that it uses, then globals.
    pub(crate) fn meaning(&self, scope: &Scope<'_>, name: &str) -> Option<Meaning> {
        if let Some(slot) = scope.variables.iter().rposition(|(variable, _)| variable == name) {
            let ty = scope.variables.get(slot).and_then(|(_, ty)| *ty);
            return Some(Meaning::Variable(slot, ty));
        }
        if let Some((_, param)) = scope.rule_params.iter().find(|(known, _)| known == name) {
            return Some(Meaning::Param(*param));
        }
        for package in self.visible(scope) {
            if let Some(param) = package.params.get(name) {
                return Some(Meaning::Param(*param));
            }
            if package.broken.contains(name) {
                return Some(Meaning::Broken);
            }
        }
        if name == "today" {
            return Some(Meaning::Today);
        }
        GLOBALS.iter().position(|global| global.name == name).map(Meaning::Global)
    }

    /// Where used packages define a name that the own package does not, if more than one does.
    pub(crate) fn clash(&self, scope: &Scope<'_>, name: &str) -> Vec<Span> {
        let defined = |package: &Package| {
            let param = package.params.get(name).and_then(|id| self.params.get(*id)).map(|param| param.span.clone());
            let function = package.functions.get(name).and_then(|id| self.functions.get(*id));
            param.or_else(|| function.map(|function| function.span.clone()))
        };
        let own = self.packages.get(scope.package);
        let local = scope.variables.iter().any(|(variable, _)| variable == name)
            || scope.rule_params.iter().any(|(param, _)| param == name)
            || own.is_some_and(|own| defined(own).is_some());
        let places: Vec<Span> = if local { Vec::new() } else { self.visible(scope).filter_map(defined).collect() };
        if places.len() > 1 { places } else { Vec::new() }
    }

    /// Reports a name that several used packages define.
    pub(crate) fn ambiguous(&mut self, scope: &Scope<'_>, name: &str, region: Region) {
        let places = self.clash(scope, name);
        if places.is_empty() {
            return;
        }
        let message = format!("`{name}` is defined by several packages that are used here");
        let diagnostic = self.error(scope, region, "ambiguous-name", message, "which one?".into());
        for place in places {
            diagnostic.labels.push(crate::diagnostic::Label { span: place, text: "defined here".into(), primary: false });
        }
        diagnostic.help = Some("use one of the packages only, or rename one of the definitions".into());
    }

    /// The function that a name means here.
    pub(crate) fn function(&self, scope: &Scope<'_>, name: &str) -> Option<usize> {
        self.visible(scope).find_map(|package| package.functions.get(name).copied())
    }

    /// Whether a name would be defined if its item had no syntax error.
    pub(crate) fn broken(&self, scope: &Scope<'_>, name: &str) -> bool {
        self.visible(scope).any(|package| package.broken.contains(name))
    }

    pub(super) fn visible<'a>(&'a self, scope: &Scope<'_>) -> impl Iterator<Item = &'a Package> {
        let own = self.packages.get(scope.package);
        let used = own.into_iter().flat_map(|package| package.uses.iter());
        own.into_iter().chain(used.filter_map(|used| self.packages.get(*used)))
    }

    /// Reports a name that means nothing.
    pub(crate) fn unknown_name(&mut self, scope: &Scope<'_>, name: &str, region: Region) {
        let mut known: Vec<String> = scope.variables.iter().map(|(variable, _)| variable.clone()).collect();
        known.extend(scope.rule_params.iter().map(|(name, _)| name.clone()));
        known.extend(self.visible(scope).flat_map(|package| package.params.keys().cloned()));
        known.extend(GLOBALS.iter().map(|global| global.name.to_owned()));
        known.push("today".into());
        let ending = known.iter().find(|known| known.strip_suffix(name).is_some_and(|rest| rest.ends_with('_')));
        let near = nearest(name, known.iter().map(String::as_str)).or(ending.map(String::as_str)).map(str::to_owned);
        let function = self.function(scope, name).is_some() || BUILTINS.iter().any(|builtin| builtin.name == name);
        let diagnostic = self.error(scope, region, "unknown-name", format!("`{name}` is not defined"), "not known here".into());
        diagnostic.help = Some(match near {
            _ if matches!(name, "None" | "null" | "nil" | "none") => "ask `is absent` or `is present`".into(),
            _ if matches!(name, "True" | "False") => format!("write `{}`", name.to_lowercase()),
            _ if function => format!("call it: `{name}(...)`"),
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let globals: Vec<_> = GLOBALS.iter().map(|global| format!("`{}`", global.name)).collect();
                format!("known everywhere are {} and `today`", globals.join(", "))
            }
        });
    }

    /// Reports a function that is not defined.
    pub(crate) fn unknown_function(&mut self, scope: &Scope<'_>, name: &str, region: Region) {
        let mut known: Vec<String> = BUILTINS.iter().map(|builtin| builtin.name.to_owned()).collect();
        known.extend(self.visible(scope).flat_map(|package| package.functions.keys().cloned()));
        let help = match nearest(name, known.iter().map(String::as_str)) {
            _ if matches!(name, "len" | "length" | "size") => "write `count(...)`".into(),
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        };
        let diagnostic =
            self.error(scope, region, "unknown-function", format!("there is no function `{name}`"), "not known here".into());
        diagnostic.help = Some(help);
    }
}

//! Parameters: their types, defaults and the values that are given from outside; never their use.

use std::sync::Arc;

use super::{
    Packages,
    literal::{self, LiteralError},
    resolved::{Constant, Node},
    scope::{Names, Param, Scope},
};
use crate::{
    diagnostic::{Diagnostic, Severity, Span},
    facts::schema::{FieldType, Scalar, Type},
    policy::{
        parameter::{GivenParam, GivenValue, Piece, Undeclared},
        syntax::{
            ast::{self, ClauseKind, Expression, ExpressionKind, File, Rule},
            words::nearest,
        },
    },
};

impl Names {
    /// Defines the parameters of all files and of their rules.
    pub(super) fn params(&mut self, files: &[File], packages: &Packages) {
        for (file, package) in files.iter().zip(&packages.of_file) {
            let package_name = packages.names.get(*package).cloned().unwrap_or_default();
            for param in &file.params {
                let name = param.name.text.clone();
                let id = self.params.len();
                let first = self.packages.get_mut(*package).and_then(|owner| owner.params.insert(name.clone(), id));
                if let Some(first) = first.and_then(|first| self.params.get_mut(first)) {
                    // Which of the two is used is not known: one mistake is told once.
                    first.used = true;
                    let first = first.span.clone();
                    self.duplicate("parameter", &name, file.span(param.name.region), first);
                }
                self.param(file, (*package, package_name.clone()), param);
            }
            for rule in &file.rules {
                let owner = format!("{package_name}/{}", rule.name.text);
                for param in rule_params(rule) {
                    let place = (Arc::as_ptr(&file.source), param.name.region.start);
                    self.params_of_rules.insert(place, self.params.len());
                    self.param(file, (*package, owner.clone()), param);
                }
            }
        }
    }

    /// The parameters of a rule by name.
    pub(super) fn rule_params(&mut self, file: &File, rule: &Rule) -> Vec<(String, usize)> {
        let mut found: Vec<(String, usize)> = Vec::new();
        for param in rule_params(rule) {
            let span = file.span(param.name.region);
            let id = self.params_of_rules.get(&(Arc::as_ptr(&file.source), span.start)).copied();
            let first = found.iter().find(|(name, _)| *name == param.name.text).and_then(|(_, id)| self.params.get(*id));
            if let Some(first) = first.map(|first| first.span.clone()) {
                self.duplicate("parameter", &param.name.text, span, first);
            }
            found.extend(id.map(|id| (param.name.text.clone(), id)));
        }
        found
    }

    fn param(&mut self, file: &File, (package, owner): (usize, String), param: &ast::Param) {
        let ty = self.type_named(file, &param.type_name);
        let mut scope = Scope::new(file, package);
        let value = match ty {
            Some(ty) => self.literal_of(&mut scope, &param.value, ty),
            None => {
                self.expression(&mut scope, &param.value, None);
                None
            }
        };
        let ty = ty.filter(|_| value.is_some());
        let (name, span) = (param.name.text.clone(), file.span(param.name.region));
        self.params.push(Param { name, package: owner, span, ty, value, used: false, from_file: false });
    }

    /// A literal of a type; anything else is reported.
    pub(super) fn literal_of(&mut self, scope: &mut Scope<'_>, value: &Expression, wanted: FieldType) -> Option<Constant> {
        let expected = match wanted.ty {
            Type::One(scalar) | Type::List(scalar) | Type::Set(scalar) => Some(scalar),
            Type::Map => None,
        };
        let typed = self.expression(scope, value, expected);
        match self.assigned(scope, typed, wanted, value.region)? {
            Node::Constant(constant) if is_literal(value) => Some(constant),
            _ => {
                let message = "the value of a parameter is a literal".to_owned();
                let label = "known only when the policy runs".to_owned();
                self.error(scope, value.region, "not-constant", message, label);
                None
            }
        }
    }

    /// Gives parameters the values of the command line or of a settings file: to `name`, or to `package.name`.
    pub(super) fn overrides(&mut self, given: &[GivenParam]) {
        for (at, GivenParam { name, value, undeclared }) in given.iter().enumerate() {
            let key = name.text.as_str();
            if let Some(earlier) = given.iter().take(at).find(|earlier| earlier.name.text == key) {
                let message = format!("the parameter `{key}` is given twice");
                let mut diagnostic = Diagnostic::new("duplicate-name", Severity::Error, message)
                    .label(name.span.clone(), "the second time")
                    .help("give it once");
                if Arc::ptr_eq(&earlier.name.span.source, &name.span.source) {
                    diagnostic = diagnostic.context(earlier.name.span.clone(), "the first time");
                }
                self.diagnostics.push(diagnostic);
                continue;
            }
            let mut matched = false;
            for index in 0..self.params.len() {
                let Some(param) = self.params.get(index) else { continue };
                if param.from_file || !is_named(param, key) {
                    continue;
                }
                matched = true;
                let Some(ty) = param.ty else { continue };
                match self.argument(value, ty) {
                    Ok(constant) => {
                        if let Some(param) = self.params.get_mut(index) {
                            param.value = Some(constant);
                        }
                    }
                    Err((error, span)) => {
                        let defined = self.params.get(index).map(|param| param.span.clone());
                        let message = format!("the value of the parameter `{key}` is {}", error.reason);
                        let diagnostic = Diagnostic::new(error.code, Severity::Error, message)
                            .label(span, format!("should be of type `{ty}`"));
                        let diagnostic = Diagnostic { help: error.help, ..diagnostic };
                        self.diagnostics.push(match defined {
                            Some(defined) => diagnostic.context(defined, "defined here"),
                            None => diagnostic,
                        });
                    }
                }
            }
            if !matched {
                self.undeclared(name, *undeclared);
            }
        }
    }

    /// Tells of a value for a parameter that no policy has, as far as that is worth telling.
    fn undeclared(&mut self, name: &Piece, undeclared: Undeclared) {
        let changeable = || self.params.iter().filter(|param| !param.from_file);
        let owned: Vec<String> = changeable().map(|param| format!("{}.{}", param.package, param.name)).collect();
        let known = changeable().map(|param| param.name.as_str()).chain(owned.iter().map(String::as_str));
        let help = match nearest(&name.text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if undeclared == Undeclared::Slip => return,
            None if owned.is_empty() => "these policies have no parameters".to_owned(),
            None => {
                let known: Vec<_> = changeable().map(|param| format!("`{}`", param.name)).collect();
                format!("known are {}", known.join(", "))
            }
        };
        let severity = if undeclared == Undeclared::Mistake { Severity::Error } else { Severity::Warning };
        let message = format!("no policy has a parameter `{}`", name.text);
        let diagnostic = Diagnostic::new("unknown-param", severity, message).label(name.span.clone(), "not known");
        self.diagnostics.push(diagnostic.help(help));
    }

    /// A value from outside; of a text for a set or list, the elements stand between commas. An error has its place.
    fn argument(&mut self, value: &GivenValue, ty: FieldType) -> Result<Constant, (LiteralError, Span)> {
        let placed = |piece: &Piece, error: LiteralError| {
            let span = piece.part(error.start, error.end);
            (error, span)
        };
        match (value, ty.ty, ty.ty.element()) {
            (GivenValue::One(piece), Type::One(scalar), _) => {
                self.single(&piece.text, scalar).map_err(|error| placed(piece, error))
            }
            (GivenValue::One(piece), _, Some(element)) => {
                let mut elements = Vec::new();
                let mut start = 0;
                for part in piece.text.split(',').filter(|_| !piece.text.is_empty()) {
                    let offset = start + (part.len() - part.trim_start().len());
                    let shifted =
                        |error: LiteralError| LiteralError { start: offset + error.start, end: offset + error.end, ..error };
                    let read = self.single(part.trim(), element).map_err(|error| placed(piece, shifted(error)));
                    elements.push(read?);
                    start += part.len() + 1;
                }
                Ok(Constant::Collection(elements))
            }
            (GivenValue::Several(_, pieces), _, Some(element)) => {
                let read = pieces.iter().map(|piece| self.single(&piece.text, element).map_err(|error| placed(piece, error)));
                Ok(Constant::Collection(read.collect::<Result<_, _>>()?))
            }
            (value, _, _) => Err((wrong("", "not a single value"), value.span().clone())),
        }
    }

    fn single(&mut self, value: &str, scalar: Scalar) -> Result<Constant, LiteralError> {
        match scalar {
            Scalar::Bool => match value {
                "true" => Ok(Constant::Bool(true)),
                "false" => Ok(Constant::Bool(false)),
                _ => Err(wrong(value, "neither `true` nor `false`")),
            },
            Scalar::Int => value.parse().map(Constant::Int).map_err(|_| wrong(value, "not a whole number")),
            Scalar::Date => value.parse().map(Constant::Date).map_err(|_| wrong(value, "not a day such as 2027-03-31")),
            Scalar::Record(_) => Err(wrong(value, "not to be given from outside")),
            _ => literal::constant(value, scalar, &mut self.patterns),
        }
    }
}

/// The parameters of a rule, as written.
fn rule_params(rule: &Rule) -> impl Iterator<Item = &ast::Param> {
    rule.clauses.iter().filter_map(|clause| match &clause.kind {
        ClauseKind::Param(param) => Some(param),
        _ => None,
    })
}

/// Whether a parameter goes by this name: `floor`, `acme.platform.floor`; a rule's own also `rule.limit`.
fn is_named(param: &Param, key: &str) -> bool {
    let name = |owner: &str| key.strip_prefix(owner).and_then(|rest| rest.strip_prefix('.')) == Some(param.name.as_str());
    param.name == key || name(&param.package) || param.package.rsplit_once('/').is_some_and(|(_, rule)| name(rule))
}

/// Whether an expression is a literal through and through: no other parameter, whose value may change.
fn is_literal(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Set(items) | ExpressionKind::List(items) => items.iter().all(is_literal),
        ExpressionKind::Text(_) | ExpressionKind::Integer(_) | ExpressionKind::Boolean(_) | ExpressionKind::Date(_) => true,
        _ => false,
    }
}

fn wrong(value: &str, reason: &str) -> LiteralError {
    LiteralError { start: 0, end: value.len(), code: "invalid-param", reason: reason.to_owned(), help: None }
}

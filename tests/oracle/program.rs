//! The policies of a run as their syntax trees, with what their names mean.

use std::sync::Arc;

use douane::{
    diagnostic::SourceText,
    facts::schema::{FieldType, GLOBALS, Kind, Scalar, Type, fields},
    policy::{
        PolicyText,
        syntax::{
            self,
            ast::{ClauseKind, Expression, ExpressionKind, File, Function, Param, Rule, TypeName},
        },
    },
};

/// All files of a run.
pub struct Program {
    pub files: Vec<File>,
}

/// Variables with their types, innermost last.
pub type Types = Vec<(String, FieldType)>;

impl Program {
    /// Reads the texts, which are valid policies.
    pub fn new(texts: &[PolicyText]) -> Self {
        let parse = |text: &PolicyText| {
            let source = Arc::new(SourceText { name: text.name.clone(), text: text.text.clone() });
            let (file, errors) = syntax::parse(&source);
            assert!(errors.is_empty(), "{errors:?}\n{}", text.text);
            file
        };
        Self { files: texts.iter().map(parse).collect() }
    }

    /// A file, then those that it uses.
    fn visible<'p>(&'p self, file: &'p File) -> impl Iterator<Item = &'p File> {
        let used = |candidate: &&File| {
            file.uses.iter().any(|used| candidate.package.as_ref().is_some_and(|package| package.text == used.text))
        };
        std::iter::once(file).chain(self.files.iter().filter(used))
    }

    /// A parameter by its name, the rule's own first, with the file that defines it.
    pub fn param<'p>(&'p self, file: &'p File, rule: Option<&'p Rule>, name: &str) -> Option<(&'p File, &'p Param)> {
        let own = rule.into_iter().flat_map(|rule| &rule.clauses).find_map(|clause| match &clause.kind {
            ClauseKind::Param(param) if param.name.text == name => Some((file, param)),
            _ => None,
        });
        own.or_else(|| self.file_param(file, name))
    }

    fn file_param<'p>(&'p self, file: &'p File, name: &str) -> Option<(&'p File, &'p Param)> {
        self.visible(file).find_map(|file| Some((file, file.params.iter().find(|param| param.name.text == name)?)))
    }

    /// A function by its name, with the file that defines it.
    pub fn function<'p>(&'p self, file: &'p File, name: &str) -> Option<(&'p File, &'p Function)> {
        let named = |file: &'p File| file.functions.iter().find(|function| function.name.text == name);
        self.visible(file).find_map(|file| Some((file, named(file)?)))
    }

    /// Whether an expression speaks of `image`, itself or through what it calls.
    pub fn speaks_of_image(&self, file: &File, expression: &Expression) -> bool {
        let mut found = false;
        walk(expression, &mut |part| match &part.kind {
            ExpressionKind::Name(name) => found |= name == "image",
            ExpressionKind::Call(name, _) => {
                if let Some((file, function)) = self.function(file, &name.text) {
                    found |= self.speaks_of_image(file, &function.body);
                }
            }
            _ => {}
        });
        found
    }

    /// The type of an expression that compiles; of a text literal, text.
    pub fn type_of(&self, (file, rule): (&File, Option<&Rule>), expression: &Expression, variables: &Types) -> FieldType {
        let of = |expression: &Expression| self.type_of((file, rule), expression, variables);
        match &expression.kind {
            ExpressionKind::Name(name) => {
                if let Some((_, ty)) = variables.iter().rev().find(|(variable, _)| variable == name) {
                    *ty
                } else if let Some((_, param)) = self.param(file, rule, name) {
                    named(&param.type_name)
                } else if name == "today" {
                    FieldType::one(Scalar::Date)
                } else {
                    GLOBALS.iter().find(|global| global.name == name).expect("a global name").ty
                }
            }
            ExpressionKind::Field(base, field) => {
                let base = of(base);
                let Type::One(Scalar::Record(kind)) = base.ty else { panic!("{base} has no fields") };
                let found = fields(kind).iter().find(|candidate| candidate.name == field.text).expect("a field").ty;
                FieldType { optional: base.optional || found.optional, ..found }
            }
            ExpressionKind::Index(base, _) => match of(base).ty {
                Type::List(element) => FieldType::one(element).optional(),
                _ => FieldType::one(Scalar::String).optional(),
            },
            ExpressionKind::Fallback(operands) => {
                let last = operands.last().expect("an operand");
                FieldType { optional: of(last).optional, ..of(&operands[0]) }
            }
            ExpressionKind::Call(name, _) => match (self.function(file, &name.text), name.text.as_str()) {
                (Some((_, function)), _) => named(&function.returns),
                (None, "lower") => FieldType::one(Scalar::String),
                (None, "days_between") => FieldType::one(Scalar::Int),
                (None, _) => FieldType::one(Scalar::Bool),
            },
            ExpressionKind::Count(_)
            | ExpressionKind::CountWhere(_)
            | ExpressionKind::CountDistinct(..)
            | ExpressionKind::Integer(_) => FieldType::one(Scalar::Int),
            ExpressionKind::Text(_) => FieldType::one(Scalar::String),
            ExpressionKind::Date(_) => FieldType::one(Scalar::Date),
            ExpressionKind::Set(items) | ExpressionKind::List(items) => {
                let element = items.first().and_then(|item| scalar(of(item))).unwrap_or(Scalar::String);
                let is_set = matches!(expression.kind, ExpressionKind::Set(_));
                FieldType { ty: if is_set { Type::Set(element) } else { Type::List(element) }, optional: false }
            }
            _ => FieldType::one(Scalar::Bool),
        }
    }
}

/// The single type of a value or of its elements.
pub fn scalar(ty: FieldType) -> Option<Scalar> {
    match ty.ty {
        Type::One(scalar) | Type::List(scalar) | Type::Set(scalar) => Some(scalar),
        Type::Map => Some(Scalar::String),
    }
}

/// The type that a type's name means.
pub fn named(written: &TypeName) -> FieldType {
    let single = |word: &str| match word {
        "Bool" => Scalar::Bool,
        "Int" => Scalar::Int,
        "String" => Scalar::String,
        "Version" => Scalar::Version,
        "Date" => Scalar::Date,
        "Glob" => Scalar::Glob,
        "Requirement" => Scalar::Requirement,
        "VersionRange" => Scalar::VersionRange,
        "ModuleName" => Scalar::ModuleName,
        "ModulePattern" => Scalar::ModulePattern,
        record => Scalar::Record(Kind::ALL.into_iter().find(|kind| kind.type_name() == record).expect("a type")),
    };
    let ty = match (written.name.text.as_str(), written.arguments.as_slice()) {
        ("Set", [element]) => Type::Set(single(&element.text)),
        ("List", [element]) => Type::List(single(&element.text)),
        ("Map", _) => Type::Map,
        (word, _) => Type::One(single(word)),
    };
    FieldType { ty, optional: written.optional }
}

/// Visits an expression and all that it holds.
pub fn walk(expression: &Expression, visit: &mut impl FnMut(&Expression)) {
    visit(expression);
    let mut inner = |expression: &Expression| walk(expression, visit);
    match &expression.kind {
        ExpressionKind::Or(items)
        | ExpressionKind::And(items)
        | ExpressionKind::Fallback(items)
        | ExpressionKind::Set(items)
        | ExpressionKind::List(items)
        | ExpressionKind::Call(_, items) => items.iter().for_each(inner),
        ExpressionKind::Not(operand)
        | ExpressionKind::IsAbsent(operand, _)
        | ExpressionKind::Field(operand, _)
        | ExpressionKind::Count(operand) => inner(operand),
        ExpressionKind::Compare(left, _, right) | ExpressionKind::Index(left, right) => {
            inner(left);
            inner(right);
        }
        ExpressionKind::Any(binding, body) | ExpressionKind::All(binding, body) => {
            inner(&binding.relation);
            binding.condition.iter().for_each(|condition| inner(condition));
            inner(body);
        }
        ExpressionKind::CountDistinct(value, binding) => {
            inner(&binding.relation);
            binding.condition.iter().for_each(|condition| inner(condition));
            inner(value);
        }
        ExpressionKind::CountWhere(binding) => {
            inner(&binding.relation);
            binding.condition.iter().for_each(|condition| inner(condition));
        }
        ExpressionKind::Name(_)
        | ExpressionKind::Text(_)
        | ExpressionKind::Integer(_)
        | ExpressionKind::Boolean(_)
        | ExpressionKind::Date(_)
        | ExpressionKind::Broken => {}
    }
}

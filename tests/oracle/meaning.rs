//! What expressions mean: recursion over the syntax tree, as the language reference says it.

use douane::{
    facts::{
        Inventory,
        schema::{FieldType, GLOBALS, Kind, Record, Scalar, Type, fields},
    },
    policy::syntax::ast::{Binding, Expression, ExpressionKind, File, Operator, Presence, Rule},
};
use jiff::civil::Date;
use pep440_rs::VersionSpecifiers;

use crate::{
    matching,
    program::{Program, Types, named, scalar},
    truth::{Truth, every, not, some},
    value::{Value, differ, equal, exact, fact, has, index, less, literal, member, same_elements},
};

/// What every expression sees.
pub struct World<'a> {
    pub program: &'a Program,
    pub inventory: &'a Inventory,
    pub today: Date,
}

/// Where an expression stands: its file, and the variables in force.
#[derive(Clone)]
pub struct Scope<'a> {
    pub file: &'a File,
    /// The rule that the expression stands in, if it is in one: it may have parameters of its own.
    pub rule: Option<&'a Rule>,
    pub variables: Vec<(String, FieldType, Value<'a>)>,
}

impl<'a> Scope<'a> {
    pub fn new(file: &'a File, rule: Option<&'a Rule>) -> Self {
        Self { file, rule, variables: Vec::new() }
    }

    /// The scope with one more variable.
    pub fn with(&self, name: &str, ty: FieldType, value: Value<'a>) -> Self {
        let mut inner = self.clone();
        inner.variables.push((name.to_owned(), ty, value));
        inner
    }

    fn types(&self) -> Types {
        self.variables.iter().map(|(name, ty, _)| (name.clone(), *ty)).collect()
    }
}

impl<'a> World<'a> {
    pub fn type_of(&self, expression: &Expression, scope: &Scope<'a>) -> FieldType {
        self.program.type_of((scope.file, scope.rule), expression, &scope.types())
    }

    /// A condition.
    pub fn truth(&self, expression: &'a Expression, scope: &Scope<'a>) -> Truth {
        match self.value(expression, None, scope) {
            Value::Bool(value) => Some(value),
            Value::Unknown => None,
            other => panic!("{other:?} is no condition"),
        }
    }

    /// A value; a text literal is of the type that its place asks for.
    pub fn value(&self, expression: &'a Expression, wanted: Option<Scalar>, scope: &Scope<'a>) -> Value<'a> {
        let truth = |expression: &'a Expression| self.truth(expression, scope);
        let plain = |expression: &'a Expression| self.value(expression, None, scope);
        match &expression.kind {
            ExpressionKind::Or(operands) => truth_value(some(operands.iter().map(truth))),
            ExpressionKind::And(operands) => truth_value(every(operands.iter().map(truth))),
            ExpressionKind::Not(operand) => truth_value(not(truth(operand))),
            ExpressionKind::Compare(left, operator, right) => truth_value(self.compare(left, *operator, right, scope)),
            ExpressionKind::IsAbsent(operand, presence) => match plain(operand) {
                Value::Unknown => Value::Unknown,
                Value::Absent => Value::Bool(*presence == Presence::Absent),
                _ => Value::Bool(*presence == Presence::Present),
            },
            ExpressionKind::Fallback(operands) => {
                let first = match self.type_of(&operands[0], scope).ty {
                    Type::One(scalar) => Some(scalar),
                    _ => wanted,
                };
                let mut values = operands.iter().map(|operand| self.value(operand, first, scope));
                values.find(|value| !matches!(value, Value::Absent)).unwrap_or(Value::Absent)
            }
            ExpressionKind::Field(base, field) => match plain(base) {
                Value::Record(record) => read(record, &field.text),
                Value::Unknown => Value::Unknown,
                _ => Value::Absent,
            },
            ExpressionKind::Index(base, key) => index(&plain(base), &plain(key)),
            ExpressionKind::Any(binding, body) => {
                let Value::Many(elements, whole) = plain(&binding.relation) else { return Value::Unknown };
                let meant = |element| {
                    let inner = self.bind(binding, element, scope);
                    every([self.is_meant(binding, &inner), self.truth(body, &inner)])
                };
                let missing = if whole { Some(false) } else { None };
                truth_value(some(elements.into_iter().map(meant).chain([missing])))
            }
            ExpressionKind::All(binding, body) => {
                let Value::Many(elements, whole) = plain(&binding.relation) else { return Value::Unknown };
                let meets = |element| {
                    let inner = self.bind(binding, element, scope);
                    some([not(self.is_meant(binding, &inner)), self.truth(body, &inner)])
                };
                let missing = if whole { Some(true) } else { None };
                truth_value(every(elements.into_iter().map(meets).chain([missing])))
            }
            ExpressionKind::CountWhere(binding) => {
                let Value::Many(elements, whole) = plain(&binding.relation) else { return Value::Int(0, None) };
                let meant: Vec<Truth> =
                    elements.into_iter().map(|element| self.is_meant(binding, &self.bind(binding, element, scope))).collect();
                let sure = meant.iter().filter(|meant| **meant == Some(true)).count() as i64;
                let perhaps = meant.iter().filter(|meant| meant.is_none()).count() as i64;
                Value::Int(sure, whole.then_some(sure + perhaps))
            }
            ExpressionKind::CountDistinct(value, binding) => {
                let Value::Many(elements, whole) = plain(&binding.relation) else { return Value::Int(0, None) };
                let (mut sure, mut possible, mut open): (Vec<Value<'a>>, Vec<Value<'a>>, i64) = (Vec::new(), Vec::new(), 0);
                for element in elements {
                    let inner = self.bind(binding, element, scope);
                    let meant = self.is_meant(binding, &inner);
                    let value = self.value(value, None, &inner);
                    match (meant, told(&value)) {
                        (Some(false), _) => {}
                        // What is absent is no value; what is not known may be absent, or any value.
                        (_, Told::Unknown) => open += 1,
                        (_, Told::Absent) => {}
                        (_, Told::Known) => {
                            let lists = if meant == Some(true) { vec![&mut sure, &mut possible] } else { vec![&mut possible] };
                            for list in lists {
                                if !list.iter().any(|known| equal(known, &value) == Some(true)) {
                                    list.push(value.clone());
                                }
                            }
                        }
                    }
                }
                Value::Int(sure.len() as i64, whole.then_some(possible.len() as i64 + open))
            }
            ExpressionKind::Count(relation) => match plain(relation) {
                Value::Many(elements, whole) => Value::Int(elements.len() as i64, whole.then_some(elements.len() as i64)),
                _ => Value::Int(0, None),
            },
            ExpressionKind::Name(name) => self.name(name, scope),
            ExpressionKind::Call(name, arguments) => self.call(&name.text, arguments, scope),
            ExpressionKind::Text(text) => literal(text, wanted),
            ExpressionKind::Integer(number) => Value::Int(*number, Some(*number)),
            ExpressionKind::Boolean(value) => Value::Bool(*value),
            ExpressionKind::Date(date) => Value::Date(*date),
            ExpressionKind::Set(items) | ExpressionKind::List(items) => {
                Value::Many(items.iter().map(|item| self.value(item, wanted, scope)).collect(), true)
            }
            ExpressionKind::Broken => panic!("the policy compiles"),
        }
    }

    /// The scope of one element of a binding's relation.
    pub fn bind(&self, binding: &'a Binding, element: Value<'a>, scope: &Scope<'a>) -> Scope<'a> {
        let ty = scalar(self.type_of(&binding.relation, scope)).expect("a relation");
        scope.with(&binding.variable.text, FieldType::one(ty), element)
    }

    /// Whether the `where` of a binding means the element that the scope holds.
    pub fn is_meant(&self, binding: &'a Binding, inner: &Scope<'a>) -> Truth {
        binding.condition.as_ref().map_or(Some(true), |condition| self.truth(condition, inner))
    }

    fn name(&self, name: &str, scope: &Scope<'a>) -> Value<'a> {
        if let Some((_, _, value)) = scope.variables.iter().rev().find(|(variable, ..)| variable == name) {
            return value.clone();
        }
        if let Some((file, param)) = self.program.param(scope.file, scope.rule, name) {
            return self.value(&param.value, scalar(named(&param.type_name)), &Scope::new(file, None));
        }
        if name == "today" {
            return Value::Date(self.today);
        }
        let global = GLOBALS.iter().find(|global| global.name == name).expect("a global name");
        fact((global.get)(self.inventory), global.ty)
    }

    fn call(&self, name: &str, arguments: &'a [Expression], scope: &Scope<'a>) -> Value<'a> {
        if let Some((file, function)) = self.program.function(scope.file, name) {
            let mut inner = Scope::new(file, None);
            for ((parameter, ty), argument) in function.parameters.iter().zip(arguments) {
                let ty = named(ty);
                let value = self.value(argument, scalar(ty), scope);
                inner = inner.with(&parameter.text, ty, value);
            }
            return self.value(&function.body, scalar(named(&function.returns)), &inner);
        }
        let arguments: Vec<Value<'a>> = arguments.iter().map(|argument| self.value(argument, None, scope)).collect();
        match (name, arguments.as_slice()) {
            (_, arguments) if arguments.iter().any(|argument| matches!(argument, Value::Unknown)) => Value::Unknown,
            ("starts_with", [Value::Text(text), Value::Text(part)]) => Value::Bool(text.starts_with(part)),
            ("ends_with", [Value::Text(text), Value::Text(part)]) => Value::Bool(text.ends_with(part)),
            ("contains", [Value::Text(text), Value::Text(part)]) => Value::Bool(text.contains(part)),
            // Nobody proves anything yet.
            ("evidence", _) => Value::Unknown,
            ("lower", [Value::Text(text)]) => Value::Text(text.to_lowercase()),
            ("days_between", [Value::Date(from), Value::Date(to)]) => {
                let days = day_number(*to) - day_number(*from);
                Value::Int(days, Some(days))
            }
            (name, arguments) => panic!("{name}({arguments:?})"),
        }
    }

    fn compare(&self, left: &'a Expression, operator: Operator, right: &'a Expression, scope: &Scope<'a>) -> Truth {
        let (left_type, right_type) = (self.type_of(left, scope), self.type_of(right, scope));
        let is_text = |side: &Expression| matches!(side.kind, ExpressionKind::Text(_));
        let (left_wanted, right_wanted) = match operator {
            Operator::Matches => (None, Some(pattern_for(left_type))),
            _ if is_text(left) && !is_text(right) => (scalar(right_type), None),
            _ => (None, scalar(left_type)),
        };
        let left = self.value(left, left_wanted, scope);
        let right = self.value(right, right_wanted, scope);
        let of_sets = matches!(left_type.ty, Type::Set(_)) || matches!(right_type.ty, Type::Set(_));
        match operator {
            Operator::Equal if of_sets => same_elements(&left, &right),
            Operator::NotEqual if of_sets => not(same_elements(&left, &right)),
            Operator::Equal => equal(&left, &right),
            Operator::NotEqual => differ(&left, &right),
            Operator::Less => less(&left, &right),
            Operator::LessOrEqual => not(less(&right, &left)),
            Operator::Greater => less(&right, &left),
            Operator::GreaterOrEqual => not(less(&left, &right)),
            Operator::In => member(&left, &right),
            Operator::NotIn => not(member(&left, &right)),
            Operator::Has => has(&left, &right),
            Operator::Matches => matches(&left, &right),
        }
    }
}

/// What is known of a single value.
pub enum Told {
    Known,
    Absent,
    Unknown,
}

pub fn told(value: &Value<'_>) -> Told {
    match value {
        Value::Absent => Told::Absent,
        Value::Unknown => Told::Unknown,
        Value::Int(..) if exact(value).is_none() => Told::Unknown,
        _ => Told::Known,
    }
}

fn truth_value<'a>(truth: Truth) -> Value<'a> {
    truth.map_or(Value::Unknown, Value::Bool)
}

/// A field of a record.
fn read<'a>(record: Record<'a>, name: &str) -> Value<'a> {
    let field = fields(record.kind()).iter().find(|field| field.name == name).expect("a field");
    fact((field.get)(record), field.ty)
}

/// What a value of a type is matched with.
fn pattern_for(ty: FieldType) -> Scalar {
    match ty.ty {
        Type::One(Scalar::ModuleName | Scalar::Record(Kind::Module)) => Scalar::ModulePattern,
        Type::One(Scalar::Record(_)) => Scalar::Requirement,
        Type::One(Scalar::Version) => Scalar::VersionRange,
        _ => Scalar::Glob,
    }
}

/// `x matches p`, `x matches {p, q}`: an absent value matches nothing.
fn matches(left: &Value<'_>, right: &Value<'_>) -> Truth {
    match (left, right) {
        (Value::Absent, _) => Some(false),
        (_, Value::Many(patterns, whole)) => {
            let missing = if *whole { Some(false) } else { None };
            some(patterns.iter().map(|pattern| matches(left, pattern)).chain([missing]))
        }
        (Value::Unknown, _) => None,
        (Value::Text(text), Value::Glob(glob)) => Some(matching::glob(glob, text)),
        (Value::Version(version), Value::Range(range)) => {
            let range: VersionSpecifiers = range.parse().expect("a generated range is valid");
            Some(range.contains(version))
        }
        (Value::Text(name), Value::Pattern(pattern)) => Some(matching::module(pattern, name)),
        (Value::Record(Record::Module(_, module)), Value::Pattern(pattern)) => Some(matching::module(pattern, &module.name)),
        (Value::Record(Record::Distribution(_, distribution)), Value::Requirement(wanted)) => {
            matching::requirement(wanted, distribution)
        }
        _ => panic!("{left:?} matches {right:?}"),
    }
}

/// Days since a fixed day.
fn day_number(date: Date) -> i64 {
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    let before = |year: i64| 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    before(year - 1) + lengths[..month as usize - 1].iter().sum::<i64>() + i64::from(date.day())
}

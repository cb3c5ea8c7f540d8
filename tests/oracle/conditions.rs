//! Conditions with every operator of the language.

use douane::facts::schema::{FieldType, Kind, Scalar, Type};

use crate::expressions::{Typed, Writer, alike, is_text};

/// Types that have values which can be compared.
const COMPARED: [Scalar; 5] = [Scalar::String, Scalar::Int, Scalar::Version, Scalar::Date, Scalar::Bool];

impl Writer<'_, '_> {
    /// A condition.
    pub fn condition(&mut self, depth: usize) -> String {
        let simple = ["true", "false"];
        let inner = depth.saturating_sub(1);
        match self.chance.below(if depth > 0 { 26 } else { 16 }) {
            0 => self.chance.one(&simple).into(),
            1..=3 => self.equality(inner),
            4 | 5 => self.order(inner),
            6..=8 => self.membership(inner),
            9..=11 => self.matching(inner),
            12 | 13 => self.presence(inner),
            14 => self.question(inner),
            15 => self.value(Scalar::Bool, false, inner).0,
            16..=19 => self.quantifier(inner),
            20 => format!("(not {})", self.condition(inner)),
            21..=23 => format!("({})", [self.condition(inner), self.condition(inner)].join(" and ")),
            24 => format!("({})", [self.condition(inner), self.condition(inner), self.condition(inner)].join(" or ")),
            _ => format!("({} == {})", self.condition(inner), self.condition(inner)),
        }
    }

    /// `any` or `all`.
    fn quantifier(&mut self, depth: usize) -> String {
        let before = self.names.variables.len();
        let word = self.chance.one(&["any", "all"]);
        let (relation, element) = self.relation(depth);
        let variable = self.declare(FieldType::one(element));
        let condition = if self.chance.happens(1, 3) { format!(" where {}", self.condition(depth)) } else { String::new() };
        let body = self.condition(depth);
        self.names.variables.truncate(before);
        format!("({word} {variable} in {relation}{condition}: {body})")
    }

    /// Both sides of a comparison, in either order: the second is a literal or another value of the type.
    fn sides(&mut self, scalar: Scalar, may_be_absent: bool, depth: usize, operator: &str) -> String {
        let (first, ty) = self.value(scalar, may_be_absent, depth);
        let Type::One(scalar) = ty.ty else { panic!("{first} is a single value") };
        let is_literal = self.chance.happens(2, 3);
        let second = if is_literal { self.literal(scalar) } else { self.value(scalar, may_be_absent, depth).0 };
        if self.chance.happens(1, 5) {
            format!("({second} {operator} {first})")
        } else {
            format!("({first} {operator} {second})")
        }
    }

    fn equality(&mut self, depth: usize) -> String {
        let operator = self.chance.one(&["==", "!="]);
        match self.chance.below(8) {
            6 => {
                let is_record = |ty: FieldType| matches!(ty.ty, Type::One(Scalar::Record(_)));
                let (left, ty) = self.path(is_record).expect("there are records everywhere");
                let (right, _) = self.path(|other| other.ty == ty.ty).expect("at least itself");
                format!("({left} {operator} {right})")
            }
            7 => {
                let texts = |ty: FieldType| ty.ty.element().is_some_and(is_text);
                let (left, _) = self.path(texts).expect("there are lists of text everywhere");
                let right = self.collection(Scalar::String, true);
                format!("({left} {operator} {right})")
            }
            _ => {
                let scalar = *self.chance.pick(&COMPARED);
                self.sides(scalar, true, depth, operator)
            }
        }
    }

    fn order(&mut self, depth: usize) -> String {
        let operator = self.chance.one(&["<", "<=", ">", ">="]);
        let scalar = *self.chance.pick(&[Scalar::Int, Scalar::Version, Scalar::Date]);
        self.sides(scalar, false, depth, operator)
    }

    fn membership(&mut self, depth: usize) -> String {
        if self.chance.happens(1, 3) {
            let held = |ty: FieldType| match ty.ty {
                Type::Map => true,
                other => other.element().is_some_and(|element| {
                    !matches!(
                        element,
                        Scalar::Record(_) | Scalar::Glob | Scalar::Requirement | Scalar::VersionRange | Scalar::ModulePattern
                    )
                }),
            };
            let (left, ty) = self.path(held).expect("there are lists everywhere");
            let element = ty.ty.element().unwrap_or(Scalar::String);
            let right = match self.chance.below(4) {
                0 | 1 => self.literals(element),
                2 => self.literal(element),
                _ => self.value(element, true, depth).0,
            };
            return format!("({left} has {right})");
        }
        let operator = self.chance.one(&["in", "not in"]);
        let scalar = *self.chance.pick(&COMPARED);
        let (left, ty): Typed = self.value(scalar, true, depth);
        let Type::One(scalar) = ty.ty else { panic!("{left} is a single value") };
        let is_map = |ty: FieldType| ty.ty == Type::Map;
        let map = if is_text(scalar) && self.chance.happens(1, 6) { self.path(is_map).map(|(map, _)| map) } else { None };
        let right = map.unwrap_or_else(|| self.collection(scalar, true));
        format!("({left} {operator} {right})")
    }

    fn matching(&mut self, depth: usize) -> String {
        let kind = self.chance.below(5);
        let record = |kind| move |ty: FieldType| ty.ty == Type::One(Scalar::Record(kind));
        let (left, pattern) = match kind {
            1 => (self.path(record(Kind::Distribution)), Scalar::Requirement),
            2 => (self.path(record(Kind::Module)), Scalar::ModulePattern),
            3 => (self.path(|ty| ty.ty == Type::One(Scalar::ModuleName)), Scalar::ModulePattern),
            4 => (Some(self.value(Scalar::Version, true, depth)), Scalar::VersionRange),
            _ => (None, Scalar::Glob),
        };
        let (left, pattern) = left.map(|(left, _)| (left, pattern)).unwrap_or_else(|| {
            let (left, ty) = self.value(Scalar::String, true, depth);
            let is_name = ty.ty == Type::One(Scalar::ModuleName);
            (left, if is_name { Scalar::ModulePattern } else { Scalar::Glob })
        });
        let same = |ty: FieldType| match ty.ty {
            Type::One(scalar) | Type::List(scalar) | Type::Set(scalar) => scalar == pattern,
            Type::Map => false,
        };
        let right = match self.chance.below(5) {
            0..=2 => self.literal(pattern),
            3 => self.literals(pattern),
            _ => self.path(same).expect("a parameter of the type").0,
        };
        format!("({left} matches {right})")
    }

    fn presence(&mut self, depth: usize) -> String {
        let question = self.chance.one(&["is absent", "is present", "is not absent", "is not present"]);
        let scalar = *self.chance.pick(&COMPARED);
        let (text, ty) = self.value(scalar, true, depth);
        if ty.optional {
            return format!("({text} {question})");
        }
        let optional = |ty: FieldType| ty.optional;
        let (text, _) = self.path(optional).expect("there are optional fields everywhere");
        format!("({text} {question})")
    }

    fn question(&mut self, depth: usize) -> String {
        let name = self.chance.one(&["starts_with", "ends_with", "contains", "evidence"]);
        let text = self.value(Scalar::String, false, depth).0;
        let part =
            if self.chance.happens(2, 3) { self.literal(Scalar::String) } else { self.value(Scalar::String, false, depth).0 };
        debug_assert!(alike(Scalar::String, Scalar::ModuleName));
        format!("{name}({text}, {part})")
    }
}

//! Expressions that are well-typed by construction, out of the schema.

use std::{collections::HashMap, sync::LazyLock};

use douane::facts::schema::{FieldType, GLOBALS, Kind, Scalar, Type, fields};

use crate::{
    chance::Chance,
    inventories::{ELSEWHERE, NAMES, PATHS, WORDS},
};

/// Most fields one after another.
const STEPS: usize = 3;

pub const VERSIONS: [&str; 5] = ["1.0", "1", "2", "3.11", "2.0rc1"];
pub const GLOBS: [&str; 12] =
    ["*", "**", "a", "/usr/*", "/usr/**", "**/b.so", "/usr/**/y", "?", "{a,B}*", "*_TOKEN", "[ab]*", "/**/x/*"];
pub const REQUIREMENTS: [&str; 7] = ["a", "a-b", "A_b >=1", "urllib3 <2", "urllib3 >=1,<3,!=2.1", "a ==1.0", "a ~=2.0"];
pub const RANGES: [&str; 6] = [">=1", "<2,>=1", "==1.*", "~=2.0", "!=1.0", "==3.11"];
pub const PATTERNS: [&str; 20] = [
    "a",
    "a.b",
    "b",
    "pickle",
    "a.*",
    "a.**",
    "**",
    "*",
    "**.b",
    "a.*.c",
    "test_*",
    "a.**.d",
    "*.b",
    "a*",
    "*_x",
    "a.test_*",
    "os.**",
    "a.**.b.**",
    "**.test_*.**",
    "t*t_*",
];

/// The names that an expression can use: variables with their types, parameters, and functions with the types of their parameters.
#[derive(Default, Clone)]
pub struct Names {
    pub variables: Vec<(String, FieldType)>,
    pub params: Vec<(String, FieldType)>,
    pub functions: Vec<(String, Vec<FieldType>, FieldType)>,
    /// How many variables there have been.
    pub made: usize,
}

/// Writes expressions.
pub struct Writer<'c, 'x> {
    pub chance: &'x mut Chance<'c>,
    pub names: Names,
}

/// An expression with its type.
pub type Typed = (String, FieldType);

/// The fields that a record leads to, one after another.
static FIELDS: LazyLock<HashMap<Kind, Vec<Typed>>> = LazyLock::new(|| {
    let reach = |kind| {
        let mut all: Vec<Typed> = Vec::new();
        let mut ends = vec![(String::new(), FieldType::one(Scalar::Record(kind)))];
        for _ in 0..STEPS {
            let mut next = Vec::new();
            for (before, ty) in &ends {
                let Type::One(Scalar::Record(kind)) = ty.ty else { continue };
                next.extend(fields(kind).iter().map(|field| {
                    (format!("{before}.{}", field.name), FieldType { optional: ty.optional || field.ty.optional, ..field.ty })
                }));
            }
            all.extend(next.iter().cloned());
            ends = next;
        }
        all
    };
    Kind::ALL.into_iter().map(|kind| (kind, reach(kind))).collect()
});

pub fn is_text(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::String | Scalar::Choice(_) | Scalar::ModuleName)
}

/// Whether values of the types can be compared.
pub fn alike(left: Scalar, right: Scalar) -> bool {
    left == right || is_text(left) && is_text(right)
}

fn one(ty: FieldType) -> Option<Scalar> {
    match ty.ty {
        Type::One(scalar) => Some(scalar),
        _ => None,
    }
}

impl Writer<'_, '_> {
    /// A new variable of a type, in force from here on.
    pub fn declare(&mut self, ty: FieldType) -> String {
        let name = format!("v{}", self.names.made);
        self.names.made += 1;
        self.names.variables.push((name.clone(), ty));
        name
    }

    /// A name, perhaps with fields, whose type is fit: mostly from variables.
    pub fn path(&mut self, fits: impl Fn(FieldType) -> bool) -> Option<Typed> {
        let follow = |bases: &[Typed]| {
            let mut found = Vec::new();
            for (name, ty) in bases {
                found.extend(fits(*ty).then(|| (name.clone(), *ty)));
                let Type::One(Scalar::Record(kind)) = ty.ty else { continue };
                for (suffix, field) in &FIELDS[&kind] {
                    let field = FieldType { optional: ty.optional || field.optional, ..*field };
                    found.extend(fits(field).then(|| (format!("{name}{suffix}"), field)));
                }
            }
            found
        };
        let own = follow(&self.names.variables);
        let mut bases: Vec<Typed> = GLOBALS.iter().map(|global| (global.name.to_owned(), global.ty)).collect();
        bases.push(("today".into(), FieldType::one(Scalar::Date)));
        bases.extend(self.names.params.iter().cloned());
        let elsewhere = follow(&bases);
        let from = match (own.is_empty(), elsewhere.is_empty()) {
            (true, true) => return None,
            (false, true) => own,
            (true, false) => elsewhere,
            (false, false) if self.chance.happens(1, 4) => elsewhere,
            (false, false) => own,
        };
        Some(self.chance.pick(&from).clone())
    }

    /// `list[0]`, `map["key"]`, perhaps with fields, of a fit type: it may be absent.
    fn indexed(&mut self, depth: usize, fits: impl Fn(FieldType) -> bool) -> Option<Typed> {
        let reaches = |ty: FieldType| match ty.ty {
            Type::Map => fits(FieldType::one(Scalar::String).optional()),
            Type::List(element) => {
                fits(FieldType::one(element).optional())
                    || matches!(element, Scalar::Record(kind) if FIELDS[&kind].iter().any(|(_, ty)| fits(ty.optional())))
            }
            _ => false,
        };
        let (base, ty) = self.path(reaches)?;
        let Type::List(element) = ty.ty else {
            let key = if self.chance.happens(1, 3) {
                self.value(Scalar::String, false, depth.saturating_sub(1)).0
            } else {
                self.chance.one(&["\"a\"", "\"team\""]).into()
            };
            return Some((format!("{base}[{key}]"), FieldType::one(Scalar::String).optional()));
        };
        let key = match self.chance.below(6) {
            0..=2 => "0".into(),
            3 => "1".into(),
            4 => "-1".into(),
            _ => self.value(Scalar::Int, false, depth.saturating_sub(1)).0,
        };
        let base = format!("{base}[{key}]");
        let itself = FieldType::one(element).optional();
        let mut ends: Vec<Typed> = if fits(itself) { vec![(String::new(), itself)] } else { Vec::new() };
        if let Scalar::Record(kind) = element {
            ends.extend(FIELDS[&kind].iter().map(|(suffix, ty)| (suffix.clone(), ty.optional())).filter(|(_, ty)| fits(*ty)));
        }
        let (suffix, ty) = self.chance.pick(&ends).clone();
        Some((format!("{base}{suffix}"), ty))
    }

    /// A literal.
    pub fn literal(&mut self, scalar: Scalar) -> String {
        let chance = &mut self.chance;
        let text = match scalar {
            Scalar::Bool => return chance.one(&["true", "false"]).into(),
            Scalar::Int => return chance.one(&["0", "1", "2", "-1", "1000", "30"]).into(),
            Scalar::Date => return chance.one(&["2026-11-01", "2026-10-02", "2024-02-29"]).into(),
            Scalar::String => match chance.below(3) {
                0 => chance.one(&WORDS),
                1 => chance.one(&PATHS),
                _ => chance.one(&["pip", "debian", "bash", "amd64", "CPython", "source", "A", "int"]),
            },
            Scalar::ModuleName => match chance.below(4) {
                0 => chance.one(&ELSEWHERE),
                _ => chance.one(&NAMES),
            },
            Scalar::Choice(words) => chance.one(words),
            Scalar::Version => chance.one(&VERSIONS),
            Scalar::Glob => chance.one(&GLOBS),
            Scalar::Requirement => chance.one(&REQUIREMENTS),
            Scalar::VersionRange => chance.one(&RANGES),
            Scalar::ModulePattern => chance.one(&PATTERNS),
            Scalar::Record(kind) => panic!("there are no literals of {kind:?}"),
        };
        format!("\"{text}\"")
    }

    /// A value that is more than a literal, and that may be absent only where that is allowed.
    pub fn value(&mut self, scalar: Scalar, may_be_absent: bool, depth: usize) -> Typed {
        let fits = |ty: FieldType| (may_be_absent || !ty.optional) && one(ty).is_some_and(|found| alike(found, scalar));
        let found = match self.chance.below(9) {
            0..=3 => self.path(fits),
            4 if depth > 0 => self.fallback(scalar, may_be_absent, depth),
            5 if depth > 0 => self.call(depth, fits),
            6 if may_be_absent && depth > 0 => self.indexed(depth, fits),
            7 if depth > 0 => self.computed(scalar, depth),
            _ => None,
        };
        if let Some(found) = found {
            return found;
        }
        // There is a parameter of every type, so that there is always a path.
        let path = self.path(fits).expect("a parameter of the type");
        if self.chance.happens(3, 4) || !self.is_plain(scalar) { path } else { (self.literal(scalar), FieldType::one(scalar)) }
    }

    /// Whether a literal of the type is of that type wherever it stands; text takes another type beside one.
    fn is_plain(&self, scalar: Scalar) -> bool {
        matches!(scalar, Scalar::Bool | Scalar::Int | Scalar::Date)
    }

    /// `a ?? b`.
    fn fallback(&mut self, scalar: Scalar, may_be_absent: bool, depth: usize) -> Option<Typed> {
        let optional = |ty: FieldType| ty.optional && one(ty).is_some_and(|found| alike(found, scalar));
        let (first, ty) = if self.chance.happens(1, 3) { self.indexed(depth, optional)? } else { self.path(optional)? };
        let kind = one(ty)?;
        let (last, last_ty) = if self.chance.happens(1, 2) && !matches!(kind, Scalar::Record(_)) {
            (self.literal(kind), FieldType::one(kind))
        } else {
            self.value(kind, may_be_absent, depth - 1)
        };
        Some((format!("({first} ?? {last})"), FieldType { optional: last_ty.optional, ..ty }))
    }

    /// A call of a function of the policy that yields something fit.
    fn call(&mut self, depth: usize, fits: impl Fn(FieldType) -> bool) -> Option<Typed> {
        let fit: Vec<_> = self.names.functions.iter().filter(|(_, _, returns)| fits(*returns)).cloned().collect();
        if fit.is_empty() {
            return None;
        }
        let (name, parameters, returns) = self.chance.pick(&fit).clone();
        let mut arguments = Vec::new();
        for parameter in parameters {
            arguments.push(self.argument(parameter, depth - 1)?);
        }
        Some((format!("{name}({})", arguments.join(", ")), returns))
    }

    /// Something of a parameter's type.
    pub fn argument(&mut self, wanted: FieldType, depth: usize) -> Option<String> {
        match wanted.ty {
            Type::One(Scalar::Record(kind)) => {
                let fits = |ty: FieldType| ty.ty == Type::One(Scalar::Record(kind)) && (wanted.optional || !ty.optional);
                Some(self.path(fits)?.0)
            }
            Type::One(scalar) if self.chance.happens(1, 3) => Some(self.literal(scalar)),
            Type::One(scalar) => Some(self.value(scalar, wanted.optional, depth).0),
            Type::List(scalar) | Type::Set(scalar) => Some(self.collection(scalar, wanted.optional)),
            Type::Map => None,
        }
    }

    fn computed(&mut self, scalar: Scalar, depth: usize) -> Option<Typed> {
        let text = match scalar {
            Scalar::Int if self.chance.happens(1, 4) => {
                let (from, to) = (self.value(Scalar::Date, false, depth - 1).0, self.value(Scalar::Date, false, depth - 1).0);
                format!("days_between({from}, {to})")
            }
            Scalar::Int if self.chance.happens(1, 2) => format!("count({})", self.relation(depth - 1).0),
            Scalar::Int if self.chance.happens(1, 4) => self.count_distinct(depth - 1),
            Scalar::Int => {
                let before = self.names.variables.len();
                let (relation, element) = self.relation(depth - 1);
                let variable = self.declare(FieldType::one(element));
                let condition =
                    if self.chance.happens(3, 4) { format!(" where {}", self.condition(depth - 1)) } else { String::new() };
                self.names.variables.truncate(before);
                format!("count({variable} in {relation}{condition})")
            }
            Scalar::Date => "today".into(),
            _ if is_text(scalar) => {
                let text = self.value(Scalar::String, false, depth - 1).0;
                return Some((format!("lower({text})"), FieldType::one(Scalar::String)));
            }
            _ => return None,
        };
        Some((text, FieldType::one(scalar)))
    }

    /// `count(distinct e for x in r where c)`.
    fn count_distinct(&mut self, depth: usize) -> String {
        let before = self.names.variables.len();
        let (relation, element) = self.relation(depth);
        let variable = self.declare(FieldType::one(element));
        let condition = if self.chance.happens(1, 3) { format!(" where {}", self.condition(depth)) } else { String::new() };
        let (value, _) = self.told_apart(depth);
        self.names.variables.truncate(before);
        format!("count(distinct {value} for {variable} in {relation}{condition})")
    }

    /// A single value, mostly of the last variable.
    pub fn told_apart(&mut self, depth: usize) -> Typed {
        let is_known = |ty: FieldType| {
            one(ty).is_some_and(|scalar| {
                is_text(scalar)
                    || matches!(scalar, Scalar::Int | Scalar::Bool | Scalar::Version | Scalar::Record(_) | Scalar::Date)
            })
        };
        match self.chance.below(4) {
            3 => self.value(Scalar::Int, true, depth),
            _ => self.path(is_known).expect("there are values everywhere"),
        }
    }

    /// A list or set to range over, with the type of its elements.
    pub fn relation(&mut self, depth: usize) -> (String, Scalar) {
        let fits = |ty: FieldType| !ty.optional && ty.ty.element().is_some();
        if depth > 0 && self.chance.happens(1, 10) {
            let optional = |ty: FieldType| ty.optional && matches!(ty.ty, Type::List(_));
            if let Some((first, ty)) = self.indexed(depth, optional) {
                let element = ty.ty.element().expect("a list");
                if let Some((last, _)) = self.path(|other| !other.optional && other.ty == ty.ty) {
                    return (format!("({first} ?? {last})"), element);
                }
            }
        }
        let records = |ty: FieldType| fits(ty) && matches!(ty.ty, Type::List(Scalar::Record(_)));
        let found = if self.chance.happens(1, 4) { self.path(fits) } else { self.path(records) };
        let (text, ty) = found.expect("there are relations everywhere");
        (text, ty.ty.element().expect("a list"))
    }

    /// A list or set of a type.
    pub fn collection(&mut self, scalar: Scalar, may_be_absent: bool) -> String {
        let fits = |ty: FieldType| (may_be_absent || !ty.optional) && ty.ty.element().is_some_and(|found| alike(found, scalar));
        match self.chance.below(4) {
            3 => {
                if let Some((text, _)) = self.path(fits) {
                    return text;
                }
                self.literals(scalar)
            }
            _ => self.literals(scalar),
        }
    }

    /// `{a, b}` or `[a, b]`; now and then there is nothing in it.
    pub fn literals(&mut self, scalar: Scalar) -> String {
        let count = self.chance.below(3) + 1;
        let count = if self.chance.happens(1, 12) { 0 } else { count };
        self.literals_of(scalar, count)
    }

    /// So many literals and parameters.
    pub fn literals_of(&mut self, scalar: Scalar, count: usize) -> String {
        let is_fit = |ty: FieldType| ty.ty == Type::One(scalar) && !ty.optional;
        let params: Vec<String> =
            self.names.params.iter().filter(|(_, ty)| is_fit(*ty)).map(|(name, _)| name.clone()).collect();
        let mut items = Vec::new();
        for _ in 0..count {
            let item = if !params.is_empty() && self.chance.happens(1, 6) {
                self.chance.pick(&params).clone()
            } else {
                self.literal(scalar)
            };
            items.push(item);
        }
        let items = items.join(", ");
        if self.chance.happens(1, 4) { format!("[{items}]") } else { format!("{{{items}}}") }
    }
}

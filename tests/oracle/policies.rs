//! Policies: parameters, functions and rules with every clause of the kernel.

use std::fmt::Write as _;

use douane::{
    facts::schema::{FieldType, Kind, Scalar, Type},
    policy::PolicyText,
};

use crate::{
    chance::Chance,
    expressions::{Names, PATTERNS, Writer},
};

/// Patterns that only a ban reads as classes.
const CLASSES: [&str; 3] = ["own", "third_party", "stdlib"];
/// Patterns that much matches.
const BROAD: [&str; 4] = ["a.**", "**", "*", "b.**"];
/// Types of functions' parameters, as written.
const PARAMETERS: [(&str, FieldType); 12] = [
    ("Module", FieldType::one(Scalar::Record(Kind::Module))),
    ("Distribution", FieldType::one(Scalar::Record(Kind::Distribution))),
    ("Interpreter", FieldType::one(Scalar::Record(Kind::Interpreter))),
    ("Import", FieldType::one(Scalar::Record(Kind::Import))),
    ("String", FieldType::one(Scalar::String)),
    ("String?", FieldType::one(Scalar::String).optional()),
    ("Int", FieldType::one(Scalar::Int)),
    ("Version?", FieldType::one(Scalar::Version).optional()),
    ("Set<String>", FieldType { ty: Type::Set(Scalar::String), optional: false }),
    ("Set<Glob>", FieldType { ty: Type::Set(Scalar::Glob), optional: false }),
    ("List<Int>", FieldType { ty: Type::List(Scalar::Int), optional: false }),
    ("Environment?", FieldType::one(Scalar::Record(Kind::Environment)).optional()),
];
/// Types of functions' results, as written.
const RESULTS: [(&str, FieldType); 6] = [
    ("Bool", FieldType::one(Scalar::Bool)),
    ("Int", FieldType::one(Scalar::Int)),
    ("String", FieldType::one(Scalar::String)),
    ("String?", FieldType::one(Scalar::String).optional()),
    ("Version", FieldType::one(Scalar::Version)),
    ("Version?", FieldType::one(Scalar::Version).optional()),
];
/// Types of parameters of the policy.
const PARAMS: [(&str, &str, Scalar); 10] = [
    ("p_bool", "Bool", Scalar::Bool),
    ("p_int", "Int", Scalar::Int),
    ("p_text", "String", Scalar::String),
    ("p_version", "Version", Scalar::Version),
    ("p_date", "Date", Scalar::Date),
    ("p_glob", "Glob", Scalar::Glob),
    ("p_requirement", "Requirement", Scalar::Requirement),
    ("p_range", "VersionRange", Scalar::VersionRange),
    ("p_pattern", "ModulePattern", Scalar::ModulePattern),
    ("p_name", "ModuleName", Scalar::ModuleName),
];

/// What rules are about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum About {
    Everything,
    Imports,
}

/// The policies of a run: one file, or one that uses the definitions of another. Each of `rules` makes a rule.
pub fn policies(chance: &mut Chance<'_>, rules: &[Vec<u16>], about: About) -> Vec<PolicyText> {
    let mut writer = Writer { chance, names: Names::default() };
    let params = writer.params();
    let mut functions = Vec::new();
    for number in 0..writer.chance.below(3) {
        let function = writer.function(number);
        functions.push(function);
    }
    let default = match writer.chance.below(8) {
        5 => "on unknown fail\n",
        6 => "on unknown warn\n",
        7 => "on unknown pass\n",
        _ => "",
    };
    let elsewhere = writer.chance.happens(1, 5);
    let names = writer.names;
    let rule = |(number, choices): (usize, &Vec<u16>)| {
        Writer { chance: &mut Chance::new(choices), names: names.clone() }.rule(number, about)
    };
    let rules: String = rules.iter().enumerate().map(rule).collect();
    let mut used = rules.clone();
    functions.retain(|(name, text)| {
        let is_used = rules.contains(&format!("{name}(")) || functions_use(&used, name);
        used.push_str(if is_used { text } else { "" });
        is_used
    });
    let mut definitions = String::new();
    for (name, text) in &params {
        definitions.push_str(if used.contains(name) { text } else { "" });
    }
    functions.iter().for_each(|(_, text)| definitions.push_str(text));
    if elsewhere {
        vec![
            PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage a\nuse b\n{default}{rules}") },
            PolicyText { name: "b.douane".into(), text: format!("edition 1\npackage b\n{definitions}") },
        ]
    } else {
        vec![PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage a\n{default}{definitions}{rules}") }]
    }
}

fn functions_use(text: &str, name: &str) -> bool {
    text.contains(&format!("{name}("))
}

impl Writer<'_, '_> {
    /// A parameter of every type, and a set or list of every type.
    fn params(&mut self) -> Vec<(String, String)> {
        let mut params = Vec::new();
        for (name, ty, scalar) in PARAMS {
            let value = self.literal(scalar);
            params.push((name.to_owned(), format!("param {name}: {ty} = {value}\n")));
            self.names.params.push((name.to_owned(), FieldType::one(scalar)));
        }
        let singles = std::mem::take(&mut self.names.params);
        for (name, ty, scalar) in PARAMS {
            let (name, is_list) = (format!("{name}s"), self.chance.happens(1, 4));
            let value = self.literals(scalar);
            let outer = if is_list { "List" } else { "Set" };
            params.push((name.clone(), format!("param {name}: {outer}<{ty}> = {value}\n")));
            let ty = if is_list { Type::List(scalar) } else { Type::Set(scalar) };
            self.names.params.push((name, FieldType { ty, optional: false }));
        }
        self.names.params.extend(singles);
        params
    }

    fn function(&mut self, number: usize) -> (String, String) {
        let name = format!("f{number}");
        let parameters = self.chance.some(2, |chance| *chance.pick(&PARAMETERS));
        let (result, returns) = *self.chance.pick(&RESULTS);
        let named: Vec<String> = parameters.iter().map(|(written, ty)| format!("{}: {written}", self.declare(*ty))).collect();
        let Type::One(scalar) = returns.ty else { panic!("functions yield single values") };
        let body = match scalar {
            Scalar::Bool => self.condition(2),
            _ if self.chance.happens(1, 6) => self.literal(scalar),
            _ => self.value(scalar, returns.optional, 2).0,
        };
        self.names.variables.clear();
        let types = parameters.iter().map(|(_, ty)| *ty).collect();
        self.names.functions.push((name.clone(), types, returns));
        let text = format!("fn {name}({}) -> {result} = {body}\n", named.join(", "));
        (name, text)
    }

    fn rule(&mut self, number: usize, about: About) -> String {
        let mut text = format!("rule r{number} {} \"t\" {{\n", self.chance.one(&["error", "warning", "note"]));
        let is_ban = about == About::Imports || self.chance.happens(1, 3);
        if !is_ban {
            for _ in 0..*self.chance.pick(&[1, 0, 1, 2, 2, 3]) {
                let loop_clause = if self.chance.happens(1, 6) { self.groups_clause() } else { self.loop_clause() };
                let _ = writeln!(text, "  {loop_clause}");
            }
        }
        let before = self.names.params.len();
        if self.chance.happens(1, 8) {
            let (ty, scalar) =
                *self.chance.pick(&[("Int", Scalar::Int), ("String", Scalar::String), ("Version", Scalar::Version)]);
            let _ = writeln!(text, "  param p_own: {ty} = {}", self.literal(scalar));
            self.names.params.push(("p_own".into(), FieldType::one(scalar)));
        }
        for _ in 0..self.chance.below(5) / 3 {
            let condition = self.condition(2);
            let _ = writeln!(text, "  where {condition}");
        }
        for _ in 0..self.chance.below(3) / 2 + 1 {
            let assertion = if is_ban && self.chance.happens(9, 10) { self.ban(about) } else { self.assertion() };
            let _ = writeln!(text, "  {assertion}");
        }
        if self.chance.happens(1, 5) {
            let told = if is_ban { "importer.name".into() } else { self.told() };
            let told = if is_ban && !text.trim_end().lines().last().is_some_and(|line| line.contains("forbid import")) {
                "target.reference".into()
            } else {
                told
            };
            let _ = writeln!(text, "  message \"told: {{{told}}}\"");
        }
        match self.chance.below(8) {
            5 => text.push_str("  on unknown fail\n"),
            6 => text.push_str("  on unknown warn\n"),
            7 => text.push_str("  on unknown pass\n"),
            _ => {}
        }
        self.names.variables.clear();
        self.names.params.truncate(before);
        text + "}\n"
    }

    fn loop_clause(&mut self) -> String {
        let (relation, element) = self.relation(1);
        // Elements are named in verdicts, so they are records or what has one spelling.
        let (relation, element) = match element {
            Scalar::Record(_) | Scalar::String | Scalar::ModuleName | Scalar::Int | Scalar::Bool => (relation, element),
            _ => ("modules".into(), Scalar::Record(Kind::Module)),
        };
        let variable = self.declare(FieldType::one(element));
        let condition = if self.chance.happens(1, 3) { format!(" where {}", self.condition(2)) } else { String::new() };
        format!("for {variable} in {relation}{condition}")
    }

    fn groups_clause(&mut self) -> String {
        let before = self.names.variables.len();
        let (relation, element) = self.relation(1);
        let single = self.declare(FieldType::one(element));
        let (by, key) = self.told_apart(1);
        self.names.variables.truncate(before);
        // What a secret is grouped by has no spelling.
        let (by, key) = if by.contains(".value") { ("1".into(), FieldType::one(Scalar::Int)) } else { (by, key) };
        let (key, items) = (self.declare(key), self.declare(FieldType::list(element)));
        let condition = if self.chance.happens(1, 3) { format!(" where {}", self.condition(2)) } else { String::new() };
        format!("for {key}, {items} in {relation} group {single} by {by}{condition}")
    }

    fn assertion(&mut self) -> String {
        let word = self.chance.one(&["require", "forbid"]);
        let condition = self.condition(3);
        let unless = if self.chance.happens(1, 4) { format!(" unless {}", self.condition(1)) } else { String::new() };
        format!("{word} {condition}{unless}")
    }

    /// What a message tells.
    fn told(&mut self) -> String {
        self.path(|_| true).expect("there are names everywhere").0
    }

    /// A clause over imports.
    fn ban(&mut self, about: About) -> String {
        let start = if about == About::Imports { 4 } else { 0 };
        let text = match start + self.chance.below(12 - start) {
            6 | 7 => {
                let via = if self.chance.happens(1, 3) { format!(" via {}", self.side()) } else { String::new() };
                format!("forbid import {} ->* {}{via}", self.side(), self.side())
            }
            8 => format!("protected {} only from {}", self.side(), self.side()),
            9 => self.layers(),
            10 => format!("independent {}", self.side()),
            11 => format!("acyclic {}", self.side()),
            _ => format!("forbid import {} -> {}", self.side(), self.side()),
        };
        self.exempt(text)
    }

    /// Layers with whole names, or below containers.
    fn layers(&mut self) -> String {
        let (container, mut names) = if self.chance.happens(1, 2) {
            (format!(" in {}", self.side()), vec!["b", "c", "d", "b.c", "test_x"])
        } else {
            (String::new(), vec!["a", "b", "c", "a.b", "test_x", "a.test_x"])
        };
        let mut text = String::new();
        for number in 0..self.chance.below(3) + 2 {
            let separator = if number == 0 { "" } else { *self.chance.pick(&[" > ", " > ", " | ", ", "]) };
            let name = names.remove(self.chance.below(names.len()));
            // One row has one kind of separator between its layers.
            let row = text.rsplit(" > ").next().unwrap_or_default();
            let clashes = separator == ", " && row.contains('|') || separator == " | " && row.contains(',');
            let separator = if clashes { " > " } else { separator };
            let begins = number == 0 || separator == " > ";
            let closed = if begins && self.chance.happens(1, 4) { "closed " } else { "" };
            let optional = if self.chance.happens(1, 2) { "optional " } else { "" };
            let _ = write!(text, "{separator}{closed}{optional}{name}");
        }
        format!("layers{container} {{ {text} }}")
    }

    /// A clause with what does not count.
    fn exempt(&mut self, mut text: String) -> String {
        let exceptions: Vec<String> = (0..self.chance.below(4) / 2 + self.chance.below(4) / 3)
            .map(|_| format!("{} -> {}", self.side(), self.side()))
            .collect();
        if !exceptions.is_empty() {
            let _ = write!(text, " except {}", exceptions.join(", "));
        }
        if self.chance.happens(1, 4) {
            let kinds = self.chance.some(2, |chance| {
                (*chance.pick(&["type_checking", "function", "top_level", "guarded", "conditional", "dynamic"])).to_owned()
            });
            if !kinds.is_empty() {
                let _ = write!(text, " ignoring {{{}}}", kinds.join(", "));
            }
        }
        text
    }

    /// A side of a ban.
    pub fn side(&mut self) -> String {
        let one = |writer: &mut Self| {
            let pattern = match writer.chance.below(6) {
                0..=2 => writer.chance.one(&PATTERNS),
                3 => writer.chance.one(&BROAD),
                _ => writer.chance.one(&CLASSES),
            };
            pattern.to_owned()
        };
        if self.chance.happens(2, 3) {
            return one(self);
        }
        let patterns = [one(self), one(self)];
        format!("{{{}}}", patterns.join(", "))
    }
}

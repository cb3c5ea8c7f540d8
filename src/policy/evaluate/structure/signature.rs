//! Functions and variables against what a contract asks of them: what differs, in words; never where it stands.

use super::{
    annotation::is_same,
    literal::{Sameness, compare, shown, type_of},
};
use crate::{
    facts::{Function, Parameter, ParameterKind, REDACTED},
    policy::shape::{
        FunctionShape, NamePattern, OtherParameters, ParameterOrder, ParameterShape, ParametersShape, ValueShape, VariableShape,
    },
};

/// What differs, each as what follows a name: "lacks the parameter `x`"; and what may differ, and why that is not known.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Differences {
    pub(super) known: Vec<String>,
    pub(super) unknown: Vec<String>,
    /// How many of what is known say that something is not there.
    pub(super) missing: usize,
}

impl Differences {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }

    /// Something is not there.
    pub(super) fn lacks(&mut self, difference: String) {
        self.known.push(difference);
        self.missing += 1;
    }

    fn add(&mut self, difference: Option<String>) {
        self.known.extend(difference);
    }
}

/// What a function has other than asked.
pub(super) fn function(shape: &FunctionShape, function: &Function) -> Differences {
    let mut differences = Differences::default();
    if let Some(parameters) = &shape.parameters {
        Parameters { shape: parameters, function, differences: &mut differences }.compare();
    }
    differences.add(returns(shape.returns.as_deref(), function.returns.as_deref()));
    differences.add(match (shape.is_async, function.is_async) {
        (Some(true), false) => Some("is not `async`".into()),
        (Some(false), true) => Some("is `async`, which was not expected".into()),
        _ => None,
    });
    differences.known.extend(decorators(&shape.decorators, &function.decorators));
    differences
}

/// What a variable has other than asked; `annotation` is also that of a statement before.
pub(super) fn variable(shape: &VariableShape, annotation: Option<&str>, value: Option<&str>) -> Differences {
    let mut differences = Differences::default();
    differences.add(shape.annotation.as_deref().and_then(|wanted| match annotation {
        None => Some(format!("has no annotation, expected `{wanted}`")),
        Some(found) if is_same(found, wanted) => None,
        Some(found) => Some(format!("is annotated `{found}`, expected `{wanted}`")),
    }));
    match (&shape.value, value) {
        (ValueShape::Anything, _) | (ValueShape::Present, Some(_)) => {}
        // A loop or an unpacked tuple gives a value that no text stands for.
        (ValueShape::Present, None) if annotation.is_none() => {}
        (ValueShape::Present, None) => differences.add(Some("has no value".into())),
        (ValueShape::Literal(wanted), None) if annotation.is_some() => {
            differences.add(Some(format!("has no value, expected `{}`", shown(wanted))));
        }
        (ValueShape::Literal(_), None) => differences.unknown.push("its value is known only when the program runs".into()),
        (ValueShape::Literal(wanted), Some(found)) => match compare(wanted, found) {
            Sameness::Same => {}
            Sameness::Different => differences.add(Some(format!("is `{found}`, expected `{}`", shown(wanted)))),
            Sameness::Unknown if found == REDACTED => {
                differences.unknown.push("its value is a secret's, which is not read".into())
            }
            Sameness::Unknown => differences.unknown.push(format!("its value is computed: `{found}`")),
        },
    }
    differences
}

/// What a module's variable has other than asked: a literal without an annotation is of its own type.
pub(super) fn module_variable(shape: &VariableShape, annotation: Option<&str>, value: Option<&str>) -> Differences {
    if annotation.is_some() || shape.annotation.is_none() {
        return variable(shape, annotation, value);
    }
    match value.and_then(type_of) {
        Some(inferred) => variable(shape, Some(inferred), value),
        None => {
            let unannotated = VariableShape { annotation: None, ..shape.clone() };
            let mut differences = variable(&unannotated, None, value);
            differences.unknown.push("it has no annotation, and its value does not tell its type".into());
            differences
        }
    }
}

/// Decorators that are asked for and missing.
pub(super) fn decorators(wanted: &[NamePattern], found: &[impl AsRef<str>]) -> Vec<String> {
    let has = |pattern: &&NamePattern| {
        found.iter().any(|decorator| pattern.matches(decorator.as_ref().split('(').next().unwrap_or_default().trim_end()))
    };
    wanted.iter().filter(|pattern| !has(pattern)).map(|pattern| format!("lacks the decorator `@{}`", pattern.text)).collect()
}

fn returns(wanted: Option<&str>, found: Option<&str>) -> Option<String> {
    let wanted = wanted?;
    match found {
        None => Some(format!("has no return annotation, expected `{wanted}`")),
        Some(found) if is_same(found, wanted) => None,
        Some(found) => Some(format!("returns `{found}`, expected `{wanted}`")),
    }
}

/// The parameters of one function.
struct Parameters<'s, 'd> {
    shape: &'s ParametersShape,
    function: &'s Function,
    differences: &'d mut Differences,
}

impl<'s> Parameters<'s, '_> {
    fn compare(&mut self) {
        let found = &self.function.parameters;
        let mut matched = Vec::new();
        for (index, wanted) in self.shape.parameters.iter().enumerate() {
            let place = self.place(index, wanted);
            match place.and_then(|place| found.get(place)) {
                Some(parameter) => self.parameter(wanted, parameter),
                None => self.differences.lacks(format!("lacks the parameter `{}`", spelt(&wanted.name, wanted.kind))),
            }
            matched.extend(place.map(|place| (place, wanted)));
        }
        if self.shape.order == ParameterOrder::AsWritten {
            self.order(&matched);
        }
        if self.shape.others == OtherParameters::LeftOut {
            let is_var = |kind| matches!(kind, ParameterKind::VarPositional | ParameterKind::VarKeyword);
            for (place, parameter) in found.iter().enumerate() {
                let is_named = matched.iter().any(|(known, _)| *known == place);
                if !is_named && parameter.default.is_none() && !is_var(parameter.kind) {
                    let name = &parameter.name;
                    self.differences.known.push(format!("requires the parameter `{name}`, which the contract does not name"));
                }
            }
        }
    }

    /// Where the parameter that is asked for stands.
    fn place(&self, index: usize, wanted: &ParameterShape) -> Option<usize> {
        let found = &self.function.parameters;
        match wanted.kind {
            Some(kind @ (ParameterKind::VarPositional | ParameterKind::VarKeyword)) => {
                found.iter().position(|parameter| parameter.kind == kind)
            }
            _ if index == 0 && matches!(wanted.name.as_str(), "self" | "cls") => {
                let is_static = self.function.decorators.iter().any(|decorator| decorator == "staticmethod");
                let first = found.first().filter(|first| is_positional(first.kind) && !is_static);
                first.map(|_| 0).or_else(|| found.iter().position(|parameter| parameter.name == wanted.name))
            }
            _ => found.iter().position(|parameter| parameter.name == wanted.name),
        }
    }

    fn parameter(&mut self, wanted: &ParameterShape, found: &Parameter) {
        let name = spelt(&wanted.name, wanted.kind);
        if let Some(kind) = wanted.kind.filter(|kind| !reaches(found.kind, *kind)) {
            let difference = format!("takes `{name}` {}, expected {}", way(found.kind), way(kind));
            self.differences.known.push(difference);
        }
        self.differences.add(wanted.annotation.as_deref().and_then(|wanted| match found.annotation.as_deref() {
            None => Some(format!("does not annotate `{name}`, expected `{wanted}`")),
            Some(found) if is_same(found, wanted) => None,
            Some(found) => Some(format!("annotates `{name}` as `{found}`, expected `{wanted}`")),
        }));
        match (&wanted.default, found.default.as_deref()) {
            (ValueShape::Anything, _) | (ValueShape::Present, Some(_)) => {}
            (ValueShape::Present, None) => self.differences.known.push(format!("gives `{name}` no default")),
            (ValueShape::Literal(wanted), None) => {
                self.differences.known.push(format!("gives `{name}` no default, expected `{}`", shown(wanted)));
            }
            (ValueShape::Literal(wanted), Some(found)) => match compare(wanted, found) {
                Sameness::Same => {}
                Sameness::Different => {
                    let difference = format!("gives `{name}` the default `{found}`, expected `{}`", shown(wanted));
                    self.differences.known.push(difference);
                }
                Sameness::Unknown => {
                    self.differences.unknown.push(format!("the default of `{name}` is computed: `{found}`"));
                }
            },
        }
    }

    /// Whether those that arguments reach by position stand as the contract has them.
    fn order(&mut self, matched: &[(usize, &'s ParameterShape)]) {
        let found = &self.function.parameters;
        let positional: Vec<&(usize, &ParameterShape)> =
            matched.iter().filter(|(_, wanted)| wanted.kind.is_none_or(is_positional)).collect();
        for pair in positional.windows(2) {
            if let [(earlier, first), (later, second)] = pair
                && earlier > later
            {
                self.differences.known.push(format!("has `{}` before `{}`", second.name, first.name));
            }
        }
        let last = positional.iter().max_by_key(|(place, _)| place);
        if let (Some((last, wanted)), OtherParameters::LeftOut) = (last, self.shape.others) {
            let before = found.iter().take(*last).enumerate();
            for (place, parameter) in
                before.filter(|(_, parameter)| parameter.default.is_some() && is_positional(parameter.kind))
            {
                if !matched.iter().any(|(known, _)| *known == place) {
                    let difference = format!(
                        "has the parameter `{}`, which the contract does not name, before `{}`",
                        parameter.name, wanted.name
                    );
                    self.differences.known.push(difference);
                }
            }
        }
    }
}

fn is_positional(kind: ParameterKind) -> bool {
    matches!(kind, ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword)
}

/// Whether arguments that are given as asked reach a parameter of this kind.
fn reaches(found: ParameterKind, asked: ParameterKind) -> bool {
    found == asked
        || found == ParameterKind::PositionalOrKeyword
            && matches!(asked, ParameterKind::PositionalOnly | ParameterKind::KeywordOnly)
}

fn way(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::PositionalOnly => "by position only",
        ParameterKind::PositionalOrKeyword => "by position and by name",
        ParameterKind::VarPositional => "as the rest of the positions",
        ParameterKind::KeywordOnly => "by name only",
        ParameterKind::VarKeyword => "as the rest of the names",
    }
}

fn spelt(name: &str, kind: Option<ParameterKind>) -> String {
    let stars = match kind {
        Some(ParameterKind::VarPositional) => "*",
        Some(ParameterKind::VarKeyword) => "**",
        _ => "",
    };
    format!("{stars}{name}")
}

/// A function's header as Python has it.
pub(super) fn header(function: &Function) -> String {
    let mut parts = Vec::new();
    let mut before = None;
    for parameter in &function.parameters {
        if before == Some(ParameterKind::PositionalOnly) && parameter.kind != ParameterKind::PositionalOnly {
            parts.push("/".to_owned());
        }
        let starred = before.is_some_and(|kind| matches!(kind, ParameterKind::VarPositional | ParameterKind::KeywordOnly));
        if parameter.kind == ParameterKind::KeywordOnly && !starred {
            parts.push("*".to_owned());
        }
        let annotation = parameter.annotation.as_ref().map(|annotation| format!(": {annotation}")).unwrap_or_default();
        let equals = if annotation.is_empty() { "=" } else { " = " };
        let default = parameter.default.as_ref().map(|default| format!("{equals}{default}")).unwrap_or_default();
        parts.push(format!("{}{annotation}{default}", spelt(&parameter.name, Some(parameter.kind))));
        before = Some(parameter.kind);
    }
    if before == Some(ParameterKind::PositionalOnly) {
        parts.push("/".to_owned());
    }
    let word = if function.is_async { "async def" } else { "def" };
    let returns = function.returns.as_ref().map(|returns| format!(" -> {returns}")).unwrap_or_default();
    format!("{word} {}({}){returns}", function.name, parts.join(", "))
}

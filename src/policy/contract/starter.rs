//! A contract to begin with: the public structure of a module as a policy; never its values.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    diagnostic::{Severity, SourceText},
    facts::{Class, Function, ParameterKind, PythonSource, Variable},
    policy::syntax::{
        ast::{
            AttributeMember, Base, ClassMember, Clause, ClauseKind, File, FunctionMember, Member, MemberKind, Name,
            ParameterMember, Patterns, PythonValue, Region, Rule, Signature, SignaturePart, Structure,
        },
        print,
    },
};

/// What stands above a contract to begin with.
const REMARK: &str = "// What must stay as it is: remove what may change, add what values and superclasses must be.\n";

const NOWHERE: Region = Region { start: 0, end: 0 };

/// A contract that a module keeps as it is today, as the text of a policy.
pub fn starter(module: &str, source: &PythonSource) -> String {
    let mut members = variables(&source.variables, &source.functions, &source.classes);
    members.extend(functions(&source.functions, Owner::Module));
    members.extend(latest(&source.classes, |class| &class.name).into_iter().map(class));
    let structure = Structure { modules: Patterns { patterns: vec![name(module)], region: NOWHERE }, members };
    let title = format!("`{module}` keeps its shape");
    let mut file = File::new(&Arc::new(SourceText { name: String::new(), text: String::new() }));
    file.edition = Some((1, NOWHERE));
    file.package = Some(name(&format!("contracts.{module}")));
    if !structure.members.is_empty() {
        file.rules.push(Rule {
            name: name("structure"),
            severity: Severity::Error,
            title,
            documentation: String::new(),
            clauses: vec![Clause { kind: ClauseKind::Structure(structure), region: NOWHERE }],
            damaged: false,
        });
    }
    format!("{REMARK}{}", print(&file))
}

/// Where functions stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Module,
    Class,
}

fn name(text: &str) -> Name {
    Name { text: text.to_owned(), region: NOWHERE }
}

/// Of definitions of one name the last: it is what the name stands for.
fn latest<T>(definitions: &[T], named: fn(&T) -> &str) -> Vec<&T> {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, definition) in definitions.iter().enumerate() {
        last.insert(named(definition), place);
    }
    let mut places: Vec<usize> = last.iter().filter(|(name, _)| is_public(name)).map(|(_, place)| *place).collect();
    places.sort_unstable();
    places.into_iter().filter_map(|place| definitions.get(place)).collect()
}

fn is_public(name: &str) -> bool {
    !name.starts_with('_') || name == "__init__" || name == "__call__"
}

fn variables(variables: &[Variable], functions: &[Function], classes: &[Class]) -> Vec<Member> {
    let is_other =
        |name: &str| functions.iter().any(|function| function.name == name) || classes.iter().any(|class| class.name == name);
    let kept = latest(variables, |variable| &variable.name).into_iter().filter(|variable| !is_other(&variable.name));
    let member = |variable: &Variable| {
        let annotation = variable.annotation.as_ref().map(|annotation| name(annotation));
        let attribute = AttributeMember { name: name(&variable.name), instance: false, annotation, value: None };
        member(MemberKind::Attribute(attribute), variable.conditional)
    };
    kept.map(member).collect()
}

fn functions(functions: &[Function], owner: Owner) -> Vec<Member> {
    let kept = latest(functions, |function| &function.name).into_iter().filter(move |function| {
        // A decorator makes of a function what it likes: a property is no method.
        function.decorators.is_empty() || (owner == Owner::Class && is_method(&function.decorators))
    });
    kept.map(|function| {
        let signature = Some(Signature { by_name: false, parts: parameters(function) });
        let returns = function.returns.as_ref().map(|returns| name(returns));
        let kind = FunctionMember { name: name(&function.name), is_async: function.is_async, signature, returns };
        member(MemberKind::Function(kind), function.conditional)
    })
    .collect()
}

fn is_method(decorators: &[smol_str::SmolStr]) -> bool {
    decorators
        .iter()
        .all(|decorator| matches!(decorator.as_str(), "classmethod" | "staticmethod" | "abstractmethod" | "override"))
}

fn parameters(function: &Function) -> Vec<SignaturePart> {
    let mut parts = Vec::new();
    let last_positional = function.parameters.iter().rposition(|parameter| parameter.kind == ParameterKind::PositionalOnly);
    let mut starred = false;
    for (place, parameter) in function.parameters.iter().enumerate() {
        if parameter.kind == ParameterKind::KeywordOnly && !starred {
            parts.push(SignaturePart::Star(NOWHERE));
            starred = true;
        }
        let stars = match parameter.kind {
            ParameterKind::VarPositional => 1,
            ParameterKind::VarKeyword => 2,
            _ => 0,
        };
        starred |= stars == 1;
        parts.push(SignaturePart::Parameter(ParameterMember {
            name: name(&parameter.name),
            stars,
            annotation: parameter.annotation.as_ref().map(|annotation| name(annotation)),
            default: parameter.default.as_ref().map(|_| PythonValue::Any),
        }));
        if Some(place) == last_positional {
            parts.push(SignaturePart::Slash(NOWHERE));
        }
    }
    parts
}

fn class(class: &Class) -> Member {
    let plain = |base: &&smol_str::SmolStr| {
        base.split('.').all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        })
    };
    // A superclass goes by its last name: under which name it was imported is nobody's business.
    let bases = class.bases.iter().filter(plain).map(|base| {
        let last = base.rsplit('.').next().unwrap_or(base);
        Base { name: name(last), bases: Vec::new(), members: Vec::new() }
    });
    let mut members = variables(&class.attributes, &class.methods, &class.classes);
    members.extend(functions(&class.methods, Owner::Class));
    let kind = ClassMember { name: name(&class.name), bases: bases.collect(), members };
    member(MemberKind::Class(kind), class.conditional)
}

fn member(kind: MemberKind, conditional: bool) -> Member {
    Member { optional: conditional, decorators: Vec::new(), kind, region: NOWHERE }
}

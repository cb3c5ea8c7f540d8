//! A contract to begin with: the public structure of a module as a policy; never its values.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    diagnostic::{LineIndex, Severity, SourceText},
    facts::{Class, Function, Inventory, ParameterKind, PythonSource, Variable},
    policy::{
        PolicyText, compile,
        syntax::{
            ast::{
                AttributeMember, Base, ClassMember, Clause, ClauseKind, File, FunctionMember, Member, MemberKind, Name,
                ParameterMember, Patterns, PythonValue, Region, Rule, Signature, SignaturePart, Structure,
            },
            parse, print,
        },
    },
};

/// What stands above a contract to begin with.
const REMARK: &str = "// What must stay as it is: remove what may change, add what values and superclasses must be.\n";

const NOWHERE: Region = Region { start: 0, end: 0 };

/// Most times that what cannot be proved is taken out of a contract to begin with.
const MOST_ROUNDS: usize = 16;

/// A contract that a module of this inventory keeps as it is today, as the text of a policy. What the module has and nobody can prove
/// (a name that only a condition binds, a superclass that is computed) is left out; `None` where nothing is left.
pub fn starter(module: &str, source: &PythonSource, inventory: &Inventory) -> Option<String> {
    let mut members = variables(&source.variables, &source.functions, &source.classes);
    members.extend(functions(&source.functions, Owner::Module));
    members.extend(latest(&source.classes, |class| &class.name).into_iter().map(class));
    for _ in 0..MOST_ROUNDS {
        if members.is_empty() {
            return None;
        }
        let text = print(&policy(module, members));
        let lines = unproved(&text, inventory);
        if lines.is_empty() {
            return Some(format!("{REMARK}{text}"));
        }
        members = kept(text, &lines);
    }
    None
}

/// The policy with one contract of these members.
fn policy(module: &str, members: Vec<Member>) -> File {
    let structure = Structure { modules: Patterns { patterns: vec![name(module)], region: NOWHERE }, members };
    let mut file = File::new(&Arc::new(SourceText { name: String::new(), text: String::new() }));
    file.edition = Some((1, NOWHERE));
    file.package = Some(name(&format!("contracts.{module}")));
    file.rules.push(Rule {
        name: name("structure"),
        severity: Severity::Error,
        title: format!("`{module}` keeps its shape"),
        documentation: String::new(),
        clauses: vec![Clause { kind: ClauseKind::Structure(structure), region: NOWHERE }],
        damaged: false,
    });
    file
}

/// The lines of a contract that the module does not keep for certain.
fn unproved(text: &str, inventory: &Inventory) -> BTreeSet<u32> {
    let contract = PolicyText { name: "contract.douane".to_owned(), text: text.to_owned() };
    match compile(&[contract], &[]) {
        Ok(compiled) => {
            let evaluation = compiled.evaluate(inventory, jiff::civil::Date::default());
            let violations = evaluation.rules.into_iter().flat_map(|rule| rule.violations);
            violations.filter(|violation| violation.fails).map(|violation| violation.clause.line).collect()
        }
        // What the language has no words for cannot be asked for.
        Err(mistakes) => {
            let lines = LineIndex::new(text);
            let places = mistakes.iter().flat_map(|mistake| mistake.labels.first());
            places.map(|label| lines.line_column(text, label.span.start).line).collect()
        }
    }
}

/// The members of the contract in a text without those that begin on these lines.
fn kept(text: String, lines: &BTreeSet<u32>) -> Vec<Member> {
    let (file, _) = parse(&Arc::new(SourceText { name: String::new(), text }));
    let is_unproved = |region: Region| lines.contains(&file.lines.line_column(&file.source.text, region.start).line);
    let clauses = file.rules.iter().flat_map(|rule| &rule.clauses);
    let members = clauses.filter_map(|clause| match &clause.kind {
        ClauseKind::Structure(structure) => Some(structure.members.clone()),
        _ => None,
    });
    proved(members.flatten().collect(), &is_unproved)
}

fn proved(members: Vec<Member>, is_unproved: &impl Fn(Region) -> bool) -> Vec<Member> {
    let mut kept = Vec::new();
    for mut member in members {
        let wrong = is_unproved(member.region);
        match &mut member.kind {
            MemberKind::Class(class) => {
                // A class whose superclasses cannot be proved may be asked for without them.
                if wrong && class.bases.is_empty() {
                    continue;
                }
                if wrong {
                    class.bases.clear();
                }
                class.members = proved(std::mem::take(&mut class.members), is_unproved);
            }
            MemberKind::Function(_) | MemberKind::Attribute(_) if wrong => continue,
            MemberKind::Function(_) | MemberKind::Attribute(_) => {}
        }
        kept.push(member);
    }
    kept
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

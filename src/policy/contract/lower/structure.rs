//! What a contract asks of a module's structure, as members of `every module A has { ... }`; never where the module runs.

use super::{Lowering, expression::At};
use crate::policy::{
    contract::spy_model::{AttributeKind, Class, Function, Literal, LiteralKind, Module, Variable},
    syntax::ast::{
        AttributeMember, Base, ClassMember, Clause, ClauseKind, Codes, FunctionMember, Member, MemberKind, Name,
        ParameterMember, Patterns, PythonValue, Region, Signature, SignaturePart, Structure,
    },
};

impl Lowering<'_> {
    /// The clauses that ask for a module's structure; none where the contract asks for nothing of it.
    pub(super) fn structure(&self, module: &Module) -> Vec<Clause> {
        let mut members = Vec::new();
        if let Some(version) = &module.version {
            let name = Name { text: "__version__".to_owned(), region: version.region };
            let value = Some(PythonValue::Text(version.text.clone()));
            let attribute = AttributeMember { name, instance: false, annotation: None, value };
            members.push(member(MemberKind::Attribute(attribute), version.region));
        }
        members.extend(module.variables.iter().map(|variable| attribute(variable, AttributeKind::Class)));
        members.extend(module.functions.iter().map(function));
        members.extend(module.classes.iter().map(class));
        let Some(first) = members.first() else { return Vec::new() };
        let at = At(first.region);
        let modules = Patterns { patterns: vec![at.word(&self.subject)], region: first.region };
        let codes = Codes { missing: "S101".to_owned(), different: Some("S102".to_owned()), unknown: Some("S103".to_owned()) };
        vec![at.clause(ClauseKind::Structure(Structure { modules, members })), at.clause(ClauseKind::Code(codes))]
    }
}

fn member(kind: MemberKind, region: Region) -> Member {
    Member { optional: false, decorators: Vec::new(), kind, region }
}

fn attribute(variable: &Variable, kind: AttributeKind) -> Member {
    let attribute = AttributeMember {
        name: variable.name.clone(),
        instance: kind == AttributeKind::Instance,
        annotation: variable.annotation.clone(),
        value: variable.value.as_ref().map(value),
    };
    member(MemberKind::Attribute(attribute), variable.region)
}

fn function(function: &Function) -> Member {
    let parts = function.arguments.iter().map(|argument| {
        SignaturePart::Parameter(ParameterMember {
            name: Name { text: argument.name.text.trim_start_matches('*').to_owned(), region: argument.name.region },
            stars: 0,
            annotation: argument.annotation.clone(),
            default: argument.value.as_ref().map(value),
        })
    });
    let parts: Vec<SignaturePart> = parts.collect();
    let signature = (!parts.is_empty()).then_some(Signature { by_name: true, parts });
    let returns = function.return_annotation.clone();
    let kind = FunctionMember { name: function.name.clone(), is_async: false, signature, returns };
    member(MemberKind::Function(kind), function.region)
}

fn class(class: &Class) -> Member {
    let kind =
        ClassMember { name: class.name.clone(), bases: class.superclasses.iter().map(base).collect(), members: members(class) };
    member(MemberKind::Class(kind), class.region)
}

fn base(class: &Class) -> Base {
    Base { name: class.name.clone(), bases: class.superclasses.iter().map(base).collect(), members: members(class) }
}

fn members(class: &Class) -> Vec<Member> {
    let attributes = class.attributes.iter().map(|(kind, variable)| attribute(variable, *kind));
    attributes.chain(class.methods.iter().map(function)).collect()
}

fn value(literal: &Literal) -> PythonValue {
    match &literal.kind {
        LiteralKind::None => PythonValue::None,
        LiteralKind::Bool(value) => PythonValue::Boolean(*value),
        LiteralKind::Number(number) => PythonValue::Number(number.clone()),
        LiteralKind::Text(text) => PythonValue::Text(text.clone()),
    }
}

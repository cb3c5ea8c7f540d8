//! Calls of functions: that there is one, and that what it is given fits; never the functions themselves.

use super::{
    builtins::BUILTINS,
    expression::Typed,
    resolved::Node,
    scope::{Names, Scope},
};
use crate::{
    diagnostic::Label,
    facts::schema::{FieldType, Type},
    policy::syntax::ast::{Expression, Name, Region},
};

impl Names {
    /// A call of a function, built in or defined.
    pub(super) fn call(&mut self, scope: &mut Scope<'_>, name: &Name, arguments: &[Expression], region: Region) -> Typed {
        self.ambiguous(scope, &name.text, name.region);
        let own = self.function(scope, &name.text);
        let builtin = BUILTINS.iter().find(|builtin| builtin.name == name.text).filter(|_| own.is_none());
        let parameters: Vec<Option<FieldType>> = match (own.and_then(|id| self.functions.get_mut(id)), builtin) {
            (Some(function), _) => {
                function.used = true;
                function.parameters.clone()
            }
            (None, Some(builtin)) => builtin.parameters.iter().map(|scalar| Some(FieldType::one(*scalar))).collect(),
            (None, None) => {
                if !self.broken(scope, &name.text) {
                    self.unknown_function(scope, &name.text, name.region);
                }
                return Typed::poison();
            }
        };
        if parameters.len() != arguments.len() {
            let message =
                format!("`{}` takes {} and is given {}", name.text, values(parameters.len()), values(arguments.len()));
            let defined = own.and_then(|id| self.functions.get(id)).map(|function| function.span.clone());
            let diagnostic = self.error(scope, region, "wrong-arguments", message, "called here".into());
            diagnostic.labels.extend(defined.map(|span| Label { span, text: "defined here".into(), primary: false }));
            diagnostic.help = Some(format!("call it as {}", signature(&name.text, &parameters)));
            return Typed::poison();
        }
        let mut nodes = Vec::new();
        for (argument, parameter) in arguments.iter().zip(&parameters) {
            let expected = parameter.and_then(|ty| match ty.ty {
                Type::One(scalar) | Type::List(scalar) | Type::Set(scalar) => Some(scalar),
                Type::Map => None,
            });
            let typed = self.expression(scope, argument, expected);
            nodes.extend(parameter.and_then(|wanted| self.assigned(scope, typed, wanted, argument.region)));
        }
        if nodes.len() != parameters.len() {
            return Typed::poison();
        }
        match (own, builtin) {
            (Some(id), _) => {
                scope.calls.push(id);
                scope.mentions_image |= self.functions.get(id).is_some_and(|function| function.mentions_image);
                Typed { node: Node::Call(id, nodes), ty: self.functions.get(id).and_then(|function| function.returns) }
            }
            (None, Some(builtin)) => Typed::new(Node::Builtin(builtin.builtin, nodes), FieldType::one(builtin.returns)),
            (None, None) => Typed::poison(),
        }
    }
}

/// A function with the types of what it takes, such as `starts_with(String, String)`; what has no type is left open.
fn signature(name: &str, parameters: &[Option<FieldType>]) -> String {
    let types = parameters.iter().map(|ty| ty.map_or_else(|| "_".to_owned(), |ty| ty.to_string()));
    format!("`{name}({})`", types.collect::<Vec<_>>().join(", "))
}

fn values(count: usize) -> String {
    match count {
        0 => "no values".to_owned(),
        1 => "one value".to_owned(),
        more => format!("{more} values"),
    }
}

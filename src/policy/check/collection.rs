//! Sets and lists as written: that they hold constants of one type; never what is compared with them.

use super::{
    expression::{Typed, same_scalar},
    resolved::{Constant, Node},
    scope::{Names, Scope},
};
use crate::{
    facts::schema::{FieldType, Scalar, Type},
    policy::syntax::ast::{Expression, ExpressionKind, File, Region},
};

/// The longest set that is written out in a message.
const LONGEST: usize = 80;

impl Names {
    /// A set or list of literals of one type.
    pub(super) fn collection(
        &mut self,
        scope: &mut Scope<'_>,
        items: &[Expression],
        expected: Option<Scalar>,
        region: Region,
        build: fn(Scalar) -> Type,
    ) -> Typed {
        let mut constants = Vec::new();
        let mut element = None;
        let mut poisoned = false;
        for item in items {
            let typed = self.expression(scope, item, expected);
            match (typed.node, typed.ty) {
                (Node::Constant(constant), Some(ty)) => {
                    let Type::One(scalar) = ty.ty else {
                        let message = "a set or list holds single values".to_owned();
                        let help = in_one(scope.file, items, region);
                        let diagnostic =
                            self.error(scope, item.region, "nested-collection", message, format!("of type `{ty}`"));
                        diagnostic.help = Some(help);
                        return Typed::poison();
                    };
                    if element.is_some_and(|element| !same_scalar(element, scalar)) {
                        let message = "the elements of a set or list are of one type".to_owned();
                        self.error(scope, item.region, "type-mismatch", message, format!("of type `{ty}`"));
                        poisoned = true;
                    }
                    element = element.or(Some(scalar));
                    constants.push(constant);
                }
                (_, Some(_)) => {
                    let message = "a set or list holds literals and parameters".to_owned();
                    let diagnostic =
                        self.error(scope, item.region, "not-constant", message, "known only when the policy runs".into());
                    diagnostic.help = Some("compare with `==` and `or`".into());
                    poisoned = true;
                }
                (_, None) => poisoned = true,
            }
        }
        let Some(element) = element.or(expected).filter(|_| !poisoned) else {
            if items.is_empty() && !poisoned {
                let message = "nothing says what this would hold".to_owned();
                self.error(scope, region, "empty-set", message, "empty".into()).help =
                    Some("write what it holds, or name it with a type: `param names: Set<String> = {}`".into());
            }
            return Typed::poison();
        };
        Typed::new(Node::Constant(Constant::Collection(constants)), FieldType { ty: build(element), optional: false })
    }
}

/// What to do about sets in a set: all their values in one, where they can be written out.
fn in_one(file: &File, items: &[Expression], region: Region) -> String {
    let mut values = Vec::new();
    for item in items {
        match &item.kind {
            ExpressionKind::Set(inner) | ExpressionKind::List(inner) => {
                values.extend(inner.iter().map(|value| file.text(value.region)))
            }
            ExpressionKind::Name(_) => return "ask for each set on its own, with `or` between".to_owned(),
            _ => values.push(file.text(item.region)),
        }
    }
    let all = values.join(", ");
    let written = if file.text(region).starts_with('[') { format!("[{all}]") } else { format!("{{{all}}}") };
    match written.len() <= LONGEST && !written.contains('\n') {
        true => format!("write all values into one: `{written}`"),
        false => "write all values into one".to_owned(),
    }
}

//! Groups and distinct values: `for k, xs in r group x by e`, `count(distinct e for x in r)`; never other expressions.

use super::{
    expression::{Typed, described},
    resolved::{Binding, Grouping, Node},
    scope::{Meaning, Names, Scope},
};
use crate::{
    facts::schema::{FieldType, Scalar, Type},
    policy::syntax::ast::{self, Expression, Name},
};

impl Names {
    /// `for key, items in relation group element by value where condition`: the key and the items stay in force.
    pub(super) fn grouping(&mut self, scope: &mut Scope<'_>, grouping: &ast::Grouping) -> Binding {
        let (relation, element) = self.relation(scope, &grouping.relation);
        self.fresh(scope, &grouping.element);
        let before = scope.variables.len();
        let element_slot = scope.declare(&grouping.element.text, element.map(FieldType::one));
        let by = self.expression(scope, &grouping.by, None);
        let key = self.one_value(scope, &by, &grouping.by);
        scope.variables.truncate(before);
        self.fresh(scope, &grouping.key);
        let slot = scope.declare(&grouping.key.text, key);
        self.fresh(scope, &grouping.items);
        let items = scope.declare(&grouping.items.text, element.map(FieldType::list));
        // A single element is in force while groups are made, when there are neither keys nor items yet.
        debug_assert_eq!(element_slot, slot);
        (scope.loop_variables, scope.mentions_variable) = (scope.variables.len(), false);
        let condition = grouping.condition.as_ref().map(|condition| self.condition(scope, condition));
        let shown = scope.written(&grouping.relation);
        Binding { slot, relation, condition, shown, grouping: Some(Grouping { element: element_slot, by: by.node, items }) }
    }

    /// `count(distinct value for x in relation where condition)`.
    pub(super) fn count_distinct(&mut self, scope: &mut Scope<'_>, value: &Expression, binding: &ast::Binding) -> Typed {
        let before = scope.variables.len();
        let resolved = self.binding(scope, binding);
        let typed = self.expression(scope, value, None);
        let fits = self.one_value(scope, &typed, value).is_some();
        scope.variables.truncate(before);
        if !fits {
            return Typed::poison();
        }
        let node = Node::CountDistinct(Box::new(resolved), Box::new(typed.node));
        Typed::new(node, FieldType::one(Scalar::Int))
    }

    /// The type of what is compared for equality: a single value.
    fn one_value(&mut self, scope: &Scope<'_>, typed: &Typed, expression: &Expression) -> Option<FieldType> {
        let ty = typed.ty?;
        if matches!(ty.ty, Type::One(_)) {
            return Some(ty);
        }
        let message = format!("single values are told apart, and this is {}", described(ty));
        let diagnostic = self.error(scope, expression.region, "type-mismatch", message, format!("of type `{ty}`"));
        diagnostic.help = Some("take one value of each element, such as its name".into());
        None
    }

    /// Reports a variable whose name is taken.
    pub(super) fn fresh(&mut self, scope: &Scope<'_>, name: &Name) {
        if self.meaning(scope, &name.text).is_some_and(|meaning| !matches!(meaning, Meaning::Broken)) {
            let message = format!("`{}` already means something else here", name.text);
            let diagnostic = self.error(scope, name.region, "shadowed-name", message, "taken".into());
            diagnostic.help = Some("choose another name".into());
        }
    }
}

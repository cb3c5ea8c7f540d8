//! Expressions: names and types; comparisons stand in `comparison`.

use super::{
    literal::{self, LiteralError},
    resolved::{Binding, Constant, Node},
    scope::{Meaning, Names, Scope},
};
use crate::{
    facts::schema::{FILES, FieldType, GLOBALS, Kind, Scalar, Type, fields, is_of_integrity},
    policy::syntax::{
        ast::{self, Expression, ExpressionKind, Name, Region},
        words::nearest,
    },
};

/// `any` or `all`, from its binding and body.
type BuildQuantifier = fn(Box<Binding>, Box<Node>) -> Node;

/// A resolved expression with its type; no type where an error was reported.
pub(crate) struct Typed {
    pub(crate) node: Node,
    pub(crate) ty: Option<FieldType>,
}

impl Typed {
    pub(crate) fn new(node: Node, ty: FieldType) -> Self {
        Self { node, ty: Some(ty) }
    }

    pub(crate) fn poison() -> Self {
        Self { node: Node::Poison, ty: None }
    }

    fn boolean(node: Node) -> Self {
        Self::new(node, FieldType::one(Scalar::Bool))
    }
}

impl Names {
    /// A condition.
    pub(crate) fn condition(&mut self, scope: &mut Scope<'_>, expression: &Expression) -> Node {
        let typed = self.expression(scope, expression, None);
        match typed.ty {
            Some(ty) if ty.ty != Type::One(Scalar::Bool) => {
                let message = format!("a condition is true or false, and this is {}", described(ty));
                let diagnostic = self.error(scope, expression.region, "type-mismatch", message, format!("of type `{ty}`"));
                diagnostic.help = match ty.ty {
                    Type::List(_) | Type::Set(_) => Some("ask `any x in ...: condition`, or `count(...) > 0`".into()),
                    _ => Some("compare it with something".into()),
                };
                Node::Poison
            }
            _ => typed.node,
        }
    }

    /// An expression; text literals take the expected type.
    pub(crate) fn expression(&mut self, scope: &mut Scope<'_>, expression: &Expression, expected: Option<Scalar>) -> Typed {
        scope.size = scope.size.saturating_add(1);
        let region = expression.region;
        match &expression.kind {
            ExpressionKind::Or(operands) => Typed::boolean(Node::Or(self.conditions(scope, operands))),
            ExpressionKind::And(operands) => Typed::boolean(Node::And(self.conditions(scope, operands))),
            ExpressionKind::Not(operand) => Typed::boolean(Node::Not(Box::new(self.condition(scope, operand)))),
            ExpressionKind::Compare(left, operator, right) => self.comparison(scope, left, *operator, right, region),
            ExpressionKind::IsAbsent(operand, presence) => {
                let shown = super::comparison::shown(scope, operand);
                let typed = self.expression(scope, operand, None);
                if let Some(ty) = typed.ty.filter(|ty| !ty.optional) {
                    self.never_absent(scope, operand.region, ty);
                }
                Typed::boolean(Node::Presence(Box::new(typed.node), *presence, shown))
            }
            ExpressionKind::Fallback(operands) => self.fallback(scope, operands, expected),
            ExpressionKind::Field(base, field) => self.field(scope, base, field),
            ExpressionKind::Index(base, key) => self.index(scope, base, key),
            ExpressionKind::Any(binding, body) => self.quantifier(scope, binding, Some((body, Node::Any))),
            ExpressionKind::All(binding, body) => self.quantifier(scope, binding, Some((body, Node::All))),
            ExpressionKind::CountWhere(binding) => self.quantifier(scope, binding, None),
            ExpressionKind::Count(relation) => match self.relation(scope, relation) {
                (node, Some(_)) => Typed::new(Node::Count(Box::new(node)), FieldType::one(Scalar::Int)),
                _ => Typed::poison(),
            },
            ExpressionKind::CountDistinct(value, binding) => self.count_distinct(scope, value, binding),
            ExpressionKind::Name(name) => self.name(scope, name, region),
            ExpressionKind::Call(name, arguments) => self.call(scope, name, arguments, region),
            ExpressionKind::Text(text) => self.text(scope, text, region, expected),
            ExpressionKind::Integer(number) => Typed::new(Node::Constant(Constant::Int(*number)), FieldType::one(Scalar::Int)),
            ExpressionKind::Boolean(value) => Typed::boolean(Node::Constant(Constant::Bool(*value))),
            ExpressionKind::Date(date) => Typed::new(Node::Constant(Constant::Date(*date)), FieldType::one(Scalar::Date)),
            ExpressionKind::Set(items) => self.collection(scope, items, expected, region, Type::Set),
            ExpressionKind::List(items) => self.collection(scope, items, expected, region, Type::List),
            ExpressionKind::Broken => Typed::poison(),
        }
    }

    fn conditions(&mut self, scope: &mut Scope<'_>, operands: &[Expression]) -> Vec<Node> {
        operands.iter().map(|operand| self.condition(scope, operand)).collect()
    }

    fn never_absent(&mut self, scope: &Scope<'_>, region: Region, ty: FieldType) {
        let text = scope.file.text(region).to_owned();
        let diagnostic =
            self.error(scope, region, "never-absent", format!("`{text}` is never absent"), format!("of type `{ty}`"));
        diagnostic.notes.push("only a type with `?` can be absent".into());
        diagnostic.help = Some("remove the question".into());
    }

    fn fallback(&mut self, scope: &mut Scope<'_>, operands: &[Expression], expected: Option<Scalar>) -> Typed {
        let mut nodes = Vec::new();
        let mut result: Option<FieldType> = None;
        let mut poisoned = false;
        for (index, operand) in operands.iter().enumerate() {
            let wanted = match result.map(|ty| ty.ty) {
                Some(Type::One(scalar)) => Some(scalar),
                _ => expected,
            };
            let typed = self.expression(scope, operand, wanted);
            nodes.push(typed.node);
            let Some(ty) = typed.ty else {
                poisoned = true;
                continue;
            };
            if !ty.optional && index + 1 < operands.len() {
                self.never_absent(scope, operand.region, ty);
                poisoned = true;
            }
            match result {
                Some(before) if !same_type(before.ty, ty.ty) => {
                    let message = format!("`??` joins {} and {}", described(before), described(ty));
                    self.error(scope, operand.region, "type-mismatch", message, format!("of type `{ty}`"));
                    poisoned = true;
                }
                Some(before) => result = Some(FieldType { optional: ty.optional, ..before }),
                None => result = Some(ty),
            }
        }
        match result {
            Some(ty) if !poisoned => Typed::new(Node::Fallback(nodes), ty),
            _ => Typed::poison(),
        }
    }

    fn field(&mut self, scope: &mut Scope<'_>, base: &Expression, field: &Name) -> Typed {
        let typed = self.expression(scope, base, None);
        let Some(ty) = typed.ty else { return Typed::poison() };
        let Type::One(Scalar::Record(kind)) = ty.ty else {
            let message = format!("{} has no fields", described(ty));
            let diagnostic = self.error(
                scope,
                field.region,
                "no-fields",
                message,
                format!("`{}` is of type `{ty}`", scope.file.text(base.region)),
            );
            diagnostic.help = match ty.ty {
                Type::List(_) | Type::Set(_) if matches!(field.text.as_str(), "count" | "len" | "length" | "size") => {
                    Some(format!("write `count({})`", scope.file.text(base.region)))
                }
                Type::List(_) | Type::Set(_) => {
                    Some(format!("ask each of them: `any x in {}: x.{} ...`", scope.file.text(base.region), field.text))
                }
                Type::Map => Some(format!("write `{}[\"{}\"]`", scope.file.text(base.region), field.text)),
                Type::One(_) => None,
            };
            return Typed::poison();
        };
        let Some(found) = fields(kind).iter().find(|candidate| candidate.name == field.text) else {
            self.unknown_field(scope, kind, field);
            return Typed::poison();
        };
        self.needs_integrity |= is_of_integrity(kind, found.name);
        let read = Node::Field(Box::new(typed.node), found.get);
        let node = if found.ty.ty == Type::One(Scalar::Version) { Node::Version(Box::new(read)) } else { read };
        Typed::new(node, FieldType { optional: ty.optional || found.ty.optional, ..found.ty })
    }

    fn unknown_field(&mut self, scope: &Scope<'_>, kind: Kind, field: &Name) {
        let names = fields(kind).iter().map(|candidate| candidate.name);
        let near = nearest(&field.text, names.clone());
        let listed: Vec<_> = names.map(|name| format!("`{name}`")).collect();
        let message = format!("`{}` has no field `{}`", kind.type_name(), field.text);
        let diagnostic = self.error(scope, field.region, "unknown-field", message, "not a field".into());
        diagnostic.notes.push(format!("its fields are {}", listed.join(", ")));
        diagnostic.help = near.map(|near| format!("did you mean `{near}`?"));
    }

    fn index(&mut self, scope: &mut Scope<'_>, base: &Expression, key: &Expression) -> Typed {
        let typed = self.expression(scope, base, None);
        let (wanted, element) = match typed.ty.map(|ty| ty.ty) {
            None => return Typed::poison(),
            Some(Type::Map) => (Scalar::String, Scalar::String),
            Some(Type::List(element)) => (Scalar::Int, element),
            Some(other) => {
                let message = format!("`{other}` has no elements to pick by `[...]`");
                self.error(scope, base.region, "type-mismatch", message, "neither a map nor a list".into());
                return Typed::poison();
            }
        };
        let key_typed = self.expression(scope, key, None);
        let Some(node) = self.assigned(scope, key_typed, FieldType::one(wanted), key.region) else { return Typed::poison() };
        Typed::new(Node::Index(Box::new(typed.node), Box::new(node)), FieldType::one(element).optional())
    }

    /// A value that must be of a type: the node, where it is.
    pub(crate) fn assigned(&mut self, scope: &Scope<'_>, typed: Typed, wanted: FieldType, region: Region) -> Option<Node> {
        let ty = typed.ty?;
        if !same_type(ty.ty, wanted.ty) {
            let message = format!("expected {}, found {}", described(wanted), described(ty));
            self.error(scope, region, "type-mismatch", message, format!("of type `{ty}`"));
            return None;
        }
        if ty.optional && !wanted.optional {
            self.may_be_absent(scope, region);
            return None;
        }
        Some(typed.node)
    }

    pub(crate) fn may_be_absent(&mut self, scope: &Scope<'_>, region: Region) {
        let text = scope.file.text(region).to_owned();
        let diagnostic = self.error(scope, region, "may-be-absent", format!("`{text}` may be absent"), "may be absent".into());
        diagnostic.help = Some(format!("say what then counts: `({text} ?? ...)`"));
    }

    fn quantifier(
        &mut self,
        scope: &mut Scope<'_>,
        binding: &ast::Binding,
        body: Option<(&Expression, BuildQuantifier)>,
    ) -> Typed {
        let before = scope.variables.len();
        let resolved = self.binding(scope, binding);
        let typed = match body {
            None => Typed::new(Node::CountWhere(Box::new(resolved)), FieldType::one(Scalar::Int)),
            Some((body, build)) => {
                let body = self.condition(scope, body);
                Typed::boolean(build(Box::new(resolved), Box::new(body)))
            }
        };
        scope.variables.truncate(before);
        typed
    }

    /// `x in relation where condition`: the variable stays in force.
    pub(crate) fn binding(&mut self, scope: &mut Scope<'_>, binding: &ast::Binding) -> Binding {
        let ranged = self.ranged(scope, binding);
        let condition = binding.condition.as_ref().map(|condition| self.condition(scope, condition));
        Binding { condition, ..ranged }
    }

    /// `x in relation` without the condition: the variable stays in force.
    pub(crate) fn ranged(&mut self, scope: &mut Scope<'_>, binding: &ast::Binding) -> Binding {
        let (relation, element) = self.relation(scope, &binding.relation);
        let name = &binding.variable;
        self.fresh(scope, name);
        let slot = scope.declare(&name.text, element.map(FieldType::one));
        let shown = scope.written(&binding.relation);
        Binding { slot, relation, condition: None, shown, grouping: None }
    }

    pub(super) fn relation(&mut self, scope: &mut Scope<'_>, relation: &Expression) -> (Node, Option<Scalar>) {
        let typed = self.expression(scope, relation, None);
        let Some(ty) = typed.ty else { return (Node::Poison, None) };
        match ty.ty.element() {
            Some(_) if ty.optional => {
                self.may_be_absent(scope, relation.region);
                (Node::Poison, None)
            }
            Some(element) => (typed.node, Some(element)),
            None => {
                let text = scope.file.text(relation.region).to_owned();
                let message = format!("`{text}` is {}, not a list to range over", described(ty));
                let diagnostic = self.error(scope, relation.region, "not-a-relation", message, format!("of type `{ty}`"));
                diagnostic.help = match ty.ty {
                    Type::One(Scalar::Record(kind)) => {
                        let lists = fields(kind).iter().filter(|field| field.ty.ty.element().is_some());
                        let lists: Vec<_> = lists.map(|field| format!("`{text}.{}`", field.name)).collect();
                        (!lists.is_empty()).then(|| format!("range over {}", lists.join(", ")))
                    }
                    _ => None,
                };
                (Node::Poison, None)
            }
        }
    }

    fn name(&mut self, scope: &mut Scope<'_>, name: &str, region: Region) -> Typed {
        self.ambiguous(scope, name, region);
        match self.meaning(scope, name) {
            Some(Meaning::Variable(slot, ty)) => {
                scope.mentions_variable |= slot < scope.loop_variables;
                Typed { node: Node::Slot(slot), ty }
            }
            Some(Meaning::Param(id)) => match self.params.get_mut(id) {
                Some(param) => {
                    param.used = true;
                    let node = param.value.clone().map_or(Node::Poison, Node::Constant);
                    Typed { node, ty: param.ty }
                }
                None => Typed::poison(),
            },
            Some(Meaning::Today) => Typed::new(Node::Today, FieldType::one(Scalar::Date)),
            Some(Meaning::Global(index)) => match GLOBALS.get(index) {
                Some(global) => {
                    scope.mentions_image |= global.ty == FieldType::one(Scalar::Record(Kind::Image));
                    self.needs_files |= global.ty == FILES;
                    Typed::new(Node::Global(global.get), global.ty)
                }
                None => Typed::poison(),
            },
            Some(Meaning::Broken) => Typed::poison(),
            None => {
                self.unknown_name(scope, name, region);
                Typed::poison()
            }
        }
    }

    fn text(&mut self, scope: &Scope<'_>, text: &str, region: Region, expected: Option<Scalar>) -> Typed {
        let scalar = match expected {
            Some(
                scalar @ (Scalar::Version
                | Scalar::Glob
                | Scalar::Requirement
                | Scalar::VersionRange
                | Scalar::ModulePattern
                | Scalar::Choice(_)),
            ) => scalar,
            _ => Scalar::String,
        };
        match literal::constant(text, scalar, &mut self.patterns) {
            Ok(constant) => Typed::new(Node::Constant(constant), FieldType::one(scalar)),
            Err(error) => {
                self.literal(scope, text, region, error);
                Typed::poison()
            }
        }
    }

    /// Reports a wrong literal, with the label inside it where its text stands in the source as it is.
    pub(super) fn literal(&mut self, scope: &Scope<'_>, text: &str, region: Region, error: LiteralError) {
        let inside = Region { start: region.start + 1, end: region.end.saturating_sub(1) };
        let region = match (scope.file.text(inside) == text, error.start == error.end) {
            (true, false) => Region { start: inside.start + error.start, end: inside.start + error.end },
            (true, true) => Region { start: inside.start + error.start, end: (inside.start + error.end + 1).min(region.end) },
            (false, _) => region,
        };
        let label = error.reason.split_once(": ").map_or("here", |(_, reason)| reason).to_owned();
        let diagnostic = self.error(scope, region, error.code, error.reason, label);
        diagnostic.help = error.help;
    }
}

/// Whether values of two single types can stand for each other.
pub(crate) fn same_scalar(left: Scalar, right: Scalar) -> bool {
    let text = |scalar| matches!(scalar, Scalar::String | Scalar::Choice(_) | Scalar::ModuleName);
    left == right || text(left) && text(right)
}

/// Whether values of two types can stand for each other: sets and lists can.
pub(crate) fn same_type(left: Type, right: Type) -> bool {
    match (left, right) {
        (Type::One(left), Type::One(right)) => same_scalar(left, right),
        (Type::Map, Type::Map) => true,
        _ => left.element().zip(right.element()).is_some_and(|(left, right)| same_scalar(left, right)),
    }
}

/// A type in a sentence.
pub(crate) fn described(ty: FieldType) -> String {
    let one = |scalar| match scalar {
        Scalar::Bool => "a truth value".to_owned(),
        Scalar::Int => "a number".to_owned(),
        Scalar::String | Scalar::Choice(_) => "text".to_owned(),
        Scalar::Version => "a version".to_owned(),
        Scalar::Date => "a date".to_owned(),
        Scalar::ModuleName => "a module's name".to_owned(),
        Scalar::Glob => "a glob".to_owned(),
        Scalar::Requirement => "a requirement".to_owned(),
        Scalar::VersionRange => "a range of versions".to_owned(),
        Scalar::ModulePattern => "a module pattern".to_owned(),
        Scalar::Record(kind) => format!("a record of type `{}`", kind.type_name()),
    };
    match ty.ty {
        Type::One(scalar) => one(scalar),
        Type::List(_) => format!("a `{}`", ty.ty),
        Type::Set(_) => format!("a `{}`", ty.ty),
        Type::Map => "a map of text".to_owned(),
    }
}

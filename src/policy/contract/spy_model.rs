//! What both generations of ImportSpy's contracts say of a module and of where it runs; never what 0.5 added.

use super::fields::{Fields, Reader};
use crate::policy::{
    syntax::ast::{Name, Region},
    tree::{Node, Value, message::Message, scalar::Scalar},
};

/// Fields of a module.
pub(super) const MODULE_KEYS: [&str; 5] = ["filename", "version", "variables", "functions", "classes"];

/// Interpreters that contracts name; `Stackless` is 0.4's.
const INTERPRETERS: [&str; 12] = [
    "CPython",
    "PyPy",
    "Jython",
    "IronPython",
    "Stackless",
    "MicroPython",
    "Brython",
    "Pyston",
    "GraalPython",
    "RustPython",
    "Nuitka",
    "Transcrypt",
];
/// Architectures that contracts name, with those of OCI.
const ARCHITECTURES: [&str; 11] =
    ["x86_64", "amd64", "aarch64", "arm64", "arm", "i386", "386", "ppc64", "ppc64le", "s390x", "riscv64"];
const SYSTEMS: [&str; 3] = ["linux", "windows", "darwin"];

/// What is asked of a module.
#[derive(Debug, Clone, Default)]
pub(super) struct Module {
    pub(super) region: Region,
    pub(super) filename: Option<Name>,
    pub(super) version: Option<Name>,
    pub(super) variables: Vec<Variable>,
    pub(super) functions: Vec<Function>,
    pub(super) classes: Vec<Class>,
}

/// A variable, attribute, argument or environment variable.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub(super) region: Region,
    pub(super) name: Name,
    pub(super) annotation: Option<Name>,
    pub(super) value: Option<Literal>,
}

/// A value with its place. `null` is one: it is asked for where the key is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    pub(super) kind: LiteralKind,
    pub(super) region: Region,
}

/// A scalar of Python.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum LiteralKind {
    None,
    Bool(bool),
    Number(String),
    Text(String),
}

/// A function or method.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) region: Region,
    pub(super) name: Name,
    pub(super) arguments: Vec<Variable>,
    pub(super) return_annotation: Option<Name>,
}

/// Whose attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttributeKind {
    Class,
    Instance,
}

/// A class, or a superclass.
#[derive(Debug, Clone)]
pub(super) struct Class {
    pub(super) region: Region,
    pub(super) name: Name,
    pub(super) attributes: Vec<(AttributeKind, Variable)>,
    pub(super) methods: Vec<Function>,
    pub(super) superclasses: Vec<Class>,
}

/// An alternative of where the module runs.
#[derive(Debug, Clone)]
pub(super) struct Deployment {
    pub(super) arch: (&'static str, Region),
    pub(super) systems: Vec<System>,
}

/// An operating system with its environment and interpreters.
#[derive(Debug, Clone)]
pub(super) struct System {
    pub(super) os: (&'static str, Region),
    pub(super) variables: Vec<Variable>,
    pub(super) secrets: Vec<Name>,
    pub(super) pythons: Vec<Python>,
}

/// An interpreter, and what is asked of the module there.
#[derive(Debug, Clone)]
pub(super) struct Python {
    pub(super) region: Region,
    pub(super) version: Option<Name>,
    pub(super) interpreter: Option<(&'static str, Region)>,
    pub(super) modules: Vec<Module>,
}

impl Reader {
    /// The fields of a module; `fields` may have others.
    pub(super) fn module(&mut self, fields: &Fields<'_>) -> Module {
        Module {
            region: fields.region,
            filename: self.optional_text(fields, "filename"),
            version: self.optional_text(fields, "version"),
            variables: self.list(fields, "variables", |reader, node| reader.variable(node, "a variable")),
            functions: self.list(fields, "functions", |reader, node| reader.function(node, "a function")),
            classes: self.list(fields, "classes", |reader, node| reader.class(node, "a class")),
        }
    }

    fn variable(&mut self, node: &Node, what: &'static str) -> Option<Variable> {
        let fields = self.fields(node, what, &["name", "annotation", "value"])?;
        let name = self.required_identifier(&fields);
        self.variable_of(&fields, name)
    }

    /// A variable of the environment, whose name may be anything.
    fn environment_variable(&mut self, node: &Node) -> Option<Variable> {
        let fields = self.fields(node, "a variable", &["name", "annotation", "value"])?;
        let name = self.required_text(&fields, "name");
        self.variable_of(&fields, name)
    }

    /// The name of a member of a module or class, as the language can write it.
    fn required_identifier(&mut self, fields: &Fields<'_>) -> Option<Name> {
        let name = self.required_text(fields, "name")?;
        if is_identifier(&name.text) {
            return Some(name);
        }
        let message =
            format!("`name` is what Python code calls it, in ASCII letters, digits and `_`, and `{}` is none", name.text);
        self.mistakes.push(Message::new("type-mismatch", name.region, message, "not a name"));
        None
    }

    fn variable_of(&mut self, fields: &Fields<'_>, name: Option<Name>) -> Option<Variable> {
        let annotation = self.optional_text(fields, "annotation");
        let value = fields.entry("value").and_then(|entry| self.literal(&entry.value));
        Some(Variable { region: fields.region, name: name?, annotation, value })
    }

    fn literal(&mut self, node: &Node) -> Option<Literal> {
        let kind = match &node.value {
            Value::Quoted(text) => LiteralKind::Text(text.clone()),
            Value::Plain(text) => match Scalar::of(text) {
                Scalar::Null => LiteralKind::None,
                Scalar::Bool(value) => LiteralKind::Bool(value),
                Scalar::Integer(number) | Scalar::Float(number) => LiteralKind::Number(number),
                Scalar::Text => LiteralKind::Text(text.clone()),
                Scalar::Timestamp => {
                    let message = format!("`value` is text, a number, a truth value or `null`, and `{text}` is a date");
                    let message = Message::new("type-mismatch", node.region, message, "a date");
                    self.mistakes.push(message.help(format!("write \"{text}\" for the text")));
                    return None;
                }
            },
            Value::List(_) | Value::Map(_) => {
                self.mismatch(node, "`value` is text, a number, a truth value or `null`");
                return None;
            }
        };
        Some(Literal { kind, region: node.region })
    }

    fn function(&mut self, node: &Node, what: &'static str) -> Option<Function> {
        let fields = self.fields(node, what, &["name", "arguments", "return_annotation"])?;
        let name = self.required_identifier(&fields);
        let arguments = self.list(&fields, "arguments", |reader, node| reader.variable(node, "an argument"));
        let return_annotation = self.optional_text(&fields, "return_annotation");
        Some(Function { region: fields.region, name: name?, arguments, return_annotation })
    }

    fn class(&mut self, node: &Node, what: &'static str) -> Option<Class> {
        let fields = self.fields(node, what, &["name", "attributes", "methods", "superclasses"])?;
        let name = self.required_identifier(&fields);
        let attributes = self.list(&fields, "attributes", Self::attribute);
        let methods = self.list(&fields, "methods", |reader, node| reader.function(node, "a method"));
        let superclasses = self.list(&fields, "superclasses", |reader, node| reader.class(node, "a superclass"));
        Some(Class { region: fields.region, name: name?, attributes, methods, superclasses })
    }

    fn attribute(&mut self, node: &Node) -> Option<(AttributeKind, Variable)> {
        let fields = self.fields(node, "an attribute", &["type", "name", "annotation", "value"])?;
        let kind = self.required_choice(&fields, "type", &["class", "instance"]);
        let name = self.required_identifier(&fields);
        let variable = self.variable_of(&fields, name);
        let kind = if kind?.0 == "class" { AttributeKind::Class } else { AttributeKind::Instance };
        Some((kind, variable?))
    }

    fn required_choice(&mut self, fields: &Fields<'_>, name: &str, choices: &[&'static str]) -> Option<(&'static str, Region)> {
        match fields.get(name) {
            Some(entry) => self.choice(&entry.value, name, choices),
            None => {
                self.missing(fields, name);
                None
            }
        }
    }

    /// An item of `deployments`.
    pub(super) fn deployment(&mut self, node: &Node) -> Option<Deployment> {
        let fields = self.fields(node, "a deployment", &["arch", "systems"])?;
        let arch = self.required_choice(&fields, "arch", &ARCHITECTURES);
        self.must_have(&fields, "systems");
        let systems = self.list(&fields, "systems", Self::system);
        Some(Deployment { arch: arch?, systems })
    }

    fn system(&mut self, node: &Node) -> Option<System> {
        let fields = self.fields(node, "a system", &["os", "environment", "pythons"])?;
        let os = self.required_choice(&fields, "os", &SYSTEMS);
        let environment =
            fields.get("environment").and_then(|entry| self.fields(&entry.value, "an environment", &["variables", "secrets"]));
        let (mut variables, mut secrets) = (Vec::new(), Vec::new());
        if let Some(environment) = environment {
            variables = self.list(&environment, "variables", Self::environment_variable);
            secrets = self.list(&environment, "secrets", |reader, node| reader.text(node, "secrets"));
        }
        self.must_have(&fields, "pythons");
        let pythons = self.list(&fields, "pythons", Self::python);
        Some(System { os: os?, variables, secrets, pythons })
    }

    fn python(&mut self, node: &Node) -> Option<Python> {
        let fields = self.fields(node, "an interpreter", &["version", "interpreter", "modules"])?;
        let version = self.optional_text(&fields, "version");
        let interpreter = match fields.get("interpreter") {
            Some(entry) => Some(self.choice(&entry.value, "interpreter", &INTERPRETERS)?),
            None => None,
        };
        self.must_have(&fields, "modules");
        let modules = self.list(&fields, "modules", |reader, node| {
            let fields = reader.fields(node, "a module", &MODULE_KEYS)?;
            Some(reader.module(&fields))
        });
        Some(Python { region: fields.region, version, interpreter, modules })
    }

    fn must_have(&mut self, fields: &Fields<'_>, name: &str) {
        if fields.get(name).is_none() {
            self.missing(fields, name);
        }
    }
}

/// Words that no member of a module can be called, and that would read as something else in a policy.
const NO_NAMES: [&str; 3] = ["async", "class", "def"];

fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    starts && characters.all(|character| character.is_ascii_alphanumeric() || character == '_') && !NO_NAMES.contains(&text)
}

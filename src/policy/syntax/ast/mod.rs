//! The syntax tree of a policy, every node with its place; never a resolved name or a type.

mod architecture;
mod structure;
mod test;
mod waiver;

use std::{collections::BTreeSet, sync::Arc};

pub use self::{
    architecture::{Exempt, Group, ImportBan, Layer, Layers, Protected, Reach, Row, Siblings},
    structure::{
        AttributeMember, Base, ClassMember, FunctionMember, Member, MemberKind, ParameterMember, PythonValue, Signature,
        SignaturePart, Structure,
    },
    test::{Expectation, ExpectedVerdict, Fact, FactValue, FactValueKind, ImportFact, RecordFact, Test},
    waiver::{Only, Waiver},
};
use crate::diagnostic::{LineIndex, Severity, SourceText, Span};

/// Bytes of the file's text, from `start` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Region {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The word.
    pub text: String,
    /// Where.
    pub region: Region,
}

/// One policy file. What could not be read is left out and named in `broken`.
#[derive(Debug, Clone)]
pub struct File {
    /// The text.
    pub source: Arc<SourceText>,
    /// Its lines.
    pub lines: LineIndex,
    /// `edition N`.
    pub edition: Option<(i64, Region)>,
    /// `package a.b`.
    pub package: Option<Name>,
    /// Whether there is a `package` that could not be read.
    pub package_damaged: bool,
    /// Whether it is too large to be read at all.
    pub unread: bool,
    /// `use a.b`.
    pub uses: Vec<Name>,
    /// `on unknown ...` for the whole package.
    pub on_unknown: Option<(OnUnknown, Region)>,
    /// `param`.
    pub params: Vec<Param>,
    /// `data`.
    pub data: Vec<Data>,
    /// `fn`.
    pub functions: Vec<Function>,
    /// `rule`.
    pub rules: Vec<Rule>,
    /// `waive`.
    pub waivers: Vec<Waiver>,
    /// `test`.
    pub tests: Vec<Test>,
    /// Every comment, in order: a formatter needs them.
    pub comments: Vec<Region>,
    /// Names that items with syntax errors would have defined: not to be called unknown a second time.
    pub broken: BTreeSet<String>,
}

impl File {
    /// A file of which nothing is known but its text.
    pub fn new(source: &Arc<SourceText>) -> Self {
        Self {
            source: Arc::clone(source),
            lines: LineIndex::new(&source.text),
            edition: None,
            package: None,
            package_damaged: false,
            unread: false,
            uses: Vec::new(),
            on_unknown: None,
            params: Vec::new(),
            data: Vec::new(),
            functions: Vec::new(),
            rules: Vec::new(),
            waivers: Vec::new(),
            tests: Vec::new(),
            comments: Vec::new(),
            broken: BTreeSet::new(),
        }
    }

    /// The span of a region of this file.
    pub fn span(&self, region: Region) -> Span {
        Span { source: Arc::clone(&self.source), start: region.start, end: region.end }
    }

    /// Whether there are tests in it, and nothing that they are about.
    pub fn holds_only_tests(&self) -> bool {
        let nothing_else = self.rules.is_empty() && self.params.is_empty() && self.data.is_empty() && self.functions.is_empty();
        !self.tests.is_empty() && nothing_else && self.waivers.is_empty() && self.broken.is_empty()
    }

    /// The text of a region.
    pub fn text(&self, region: Region) -> &str {
        self.source.text.get(region.start..region.end).unwrap_or("")
    }
}

/// What a verdict that the facts do not decide counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// A failure.
    Fail,
    /// Shown, no failure.
    Warn,
    /// Not shown.
    Pass,
}

/// `param name: Type = value`.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub type_name: TypeName,
    /// The default.
    pub value: Expression,
    /// `///`.
    pub documentation: String,
}

/// `data name: Type from "file.json"`.
#[derive(Debug, Clone)]
pub struct Data {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub type_name: TypeName,
    /// The file, relative to the policy's own.
    pub path: Name,
    /// The column of a CSV file, or the key of another, its parts joined with dots.
    pub key: Option<Name>,
    /// `///`.
    pub documentation: String,
}

/// `fn name(p: Type) -> Type = body`.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<(Name, TypeName)>,
    /// What it yields.
    pub returns: TypeName,
    /// How.
    pub body: Expression,
}

/// A type as written: `Set<Glob>`, `String?`.
#[derive(Debug, Clone)]
pub struct TypeName {
    /// The outer word.
    pub name: Name,
    /// Between `<` and `>`.
    pub arguments: Vec<Name>,
    /// Whether `?` follows.
    pub optional: bool,
    /// All of it.
    pub region: Region,
}

/// `rule name severity "title" { ... }`.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: Name,
    /// Its severity.
    pub severity: Severity,
    /// Its title.
    pub title: String,
    /// `///`.
    pub documentation: String,
    /// The clauses that could be read, in order.
    pub clauses: Vec<Clause>,
    /// Whether a clause is missing because of an error: then what the rest lacks is not reported.
    pub damaged: bool,
}

/// One clause of a rule.
#[derive(Debug, Clone)]
pub struct Clause {
    /// What it says.
    pub kind: ClauseKind,
    /// All of it.
    pub region: Region,
}

/// What a clause says.
#[derive(Debug, Clone)]
pub enum ClauseKind {
    /// `for x in relation where condition`.
    For(Binding),
    /// `for key, items in relation group x by value where condition`.
    ForGroups(Grouping),
    /// `where condition`.
    Where(Expression),
    /// `require condition unless exception`.
    Require(Expression, Option<Expression>),
    /// `forbid condition unless exception`.
    Forbid(Expression, Option<Expression>),
    /// `forbid import A -> B ...`, `forbid import A ->* B ...`.
    ForbidImport(ImportBan),
    /// `protected A only from B`.
    Protected(Protected),
    /// `layers { a > b }`.
    Layers(Layers),
    /// `independent A`.
    Independent(Group),
    /// `acyclic A`.
    Acyclic(Group),
    /// `every module A has { ... }`.
    Structure(Structure),
    /// `message "..."`.
    Message(Template),
    /// `help "..."`.
    Help(Template),
    /// `on unknown ...`.
    OnUnknown(OnUnknown),
    /// `code "..." different "..." unknown "..."`.
    Code(Codes),
    /// `alternative "..." of "..."`.
    Alternative(Alternative),
    /// `tags {...}`.
    Tags(Vec<String>),
    /// `owner "..."`.
    Owner(String),
    /// `link "..."`.
    Link(String),
    /// `param name: Type = value`, for this rule alone.
    Param(Param),
}

/// Which alternative of which group a rule belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// The alternative; several rules may make one.
    pub name: String,
    /// The group, of which one alternative is enough.
    pub group: String,
}

/// What the author of a clause calls its mistakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// Where something is missing, and where nothing else is said.
    pub missing: String,
    /// Where something is there and is not what it must be.
    pub different: Option<String>,
    /// Where the facts do not decide.
    pub unknown: Option<String>,
}

/// `x in relation where condition`.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The variable.
    pub variable: Name,
    /// What it ranges over.
    pub relation: Box<Expression>,
    /// Which of them.
    pub condition: Option<Box<Expression>>,
}

/// `key, items in relation group x by value where condition`.
#[derive(Debug, Clone)]
pub struct Grouping {
    /// The variable of what the elements of a group have in common.
    pub key: Name,
    /// The variable of the elements of a group.
    pub items: Name,
    /// What is grouped.
    pub relation: Box<Expression>,
    /// The variable of a single element.
    pub element: Name,
    /// What elements of a group have in common.
    pub by: Box<Expression>,
    /// Which groups.
    pub condition: Option<Box<Expression>>,
}

/// One module pattern or a set of them.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// Each as written.
    pub patterns: Vec<Name>,
    /// All of them.
    pub region: Region,
}

/// A message with expressions in braces.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its parts in order.
    pub parts: Vec<TemplatePart>,
}

/// A part of a message.
#[derive(Debug, Clone)]
pub enum TemplatePart {
    /// Text as it is.
    Text(String),
    /// A value.
    Value(Expression),
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// All of it.
    pub region: Region,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub enum ExpressionKind {
    /// `a or b or c`.
    Or(Vec<Expression>),
    /// `a and b and c`.
    And(Vec<Expression>),
    /// `not a`.
    Not(Box<Expression>),
    /// `a == b`.
    Compare(Box<Expression>, Operator, Box<Expression>),
    /// `a is absent`, `a is not absent`.
    IsAbsent(Box<Expression>, Presence),
    /// `a ?? b ?? c`.
    Fallback(Vec<Expression>),
    /// `a.field`.
    Field(Box<Expression>, Name),
    /// `a["key"]`.
    Index(Box<Expression>, Box<Expression>),
    /// `any x in r: e`.
    Any(Binding, Box<Expression>),
    /// `all x in r: e`.
    All(Binding, Box<Expression>),
    /// `count(x in r where e)`.
    CountWhere(Binding),
    /// `count(r)`.
    Count(Box<Expression>),
    /// `count(distinct e for x in r where c)`.
    CountDistinct(Box<Expression>, Binding),
    /// A name.
    Name(String),
    /// `f(a, b)`.
    Call(Name, Vec<Expression>),
    /// `"text"`.
    Text(String),
    /// `42`.
    Integer(i64),
    /// `true`.
    Boolean(bool),
    /// `2027-03-31`.
    Date(jiff::civil::Date),
    /// `{a, b}`.
    Set(Vec<Expression>),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// Something that was already reported.
    Broken,
}

/// What `is` asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// `is absent`.
    Absent,
    /// `is present`.
    Present,
}

/// A comparison's operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
    /// `matches`.
    Matches,
    /// `has`.
    Has,
}

impl Operator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Matches => "matches",
            Self::Has => "has",
        }
    }
}

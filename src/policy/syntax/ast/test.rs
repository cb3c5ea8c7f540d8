//! The tree of tests: given facts and expectations; never running them.

use jiff::civil::Date;

use super::{Expression, Member, Name, Region};

/// `test "title" { given { ... } expect ... }`.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its title.
    pub title: Name,
    /// The facts.
    pub given: Vec<Fact>,
    /// `today 2027-01-01`.
    pub today: Option<(Date, Region)>,
    /// `param name = value`.
    pub params: Vec<(Name, Expression)>,
    /// What is expected.
    pub expectations: Vec<Expectation>,
    /// Whether a part of it could not be read: then it is not reported that something is missing.
    pub damaged: bool,
    /// All of it.
    pub region: Region,
}

/// `expect rule fails at subject`.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The rule, perhaps with its package.
    pub rule: Name,
    /// What it must come to.
    pub verdict: ExpectedVerdict,
    /// For which subject: its identity, module or path.
    pub at: Option<Name>,
    /// `message "..."`: what it says there, perhaps with `*`.
    pub message: Option<Name>,
    /// All of it.
    pub region: Region,
}

/// What a rule must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedVerdict {
    /// It is broken.
    Fails,
    /// It is kept.
    Passes,
    /// It is left open.
    Unknown,
    /// It judged nothing.
    Vacuous,
    /// It is broken, and a waiver takes that.
    Waived,
}

/// A fact.
#[derive(Debug, Clone)]
pub enum Fact {
    /// `distribution urllib3 "1.26.5" (editable = true) { ... }`.
    Record(RecordFact),
    /// `import a.b`, `import ?`, `from a import b`.
    Import(ImportFact),
    /// A function, class or variable of a module.
    Member(Member),
}

/// A record.
#[derive(Debug, Clone)]
pub struct RecordFact {
    /// Its kind.
    pub kind: Name,
    /// A word that identifies it.
    pub identity: Option<Name>,
    /// A text that identifies it, or its version.
    pub text: Option<Name>,
    /// Fields.
    pub settings: Vec<(Name, FactValue)>,
    /// What belongs to it.
    pub facts: Vec<Fact>,
    /// All of it.
    pub region: Region,
}

/// An import.
#[derive(Debug, Clone)]
pub struct ImportFact {
    /// Its target with leading dots; `?` at its end stands for what is computed.
    pub target: Name,
    /// What `from` takes.
    pub names: Option<Vec<Name>>,
    /// Fields.
    pub settings: Vec<(Name, FactValue)>,
    /// All of it.
    pub region: Region,
}

/// A value of a field.
#[derive(Debug, Clone)]
pub struct FactValue {
    /// What.
    pub kind: FactValueKind,
    /// Where.
    pub region: Region,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum FactValueKind {
    /// `unknown "why"`.
    Unknown(Option<String>),
    /// `absent`.
    Absent,
    /// `[a, b]`.
    List(Vec<FactValue>),
    /// `{"a": "b"}`.
    Map(Vec<(String, String)>),
    /// A day.
    Date(Date),
    /// A number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// Text.
    Text(String),
}

//! Types by their names; never the types of expressions.

use super::scope::Names;
use crate::{
    diagnostic::{Diagnostic, Severity},
    facts::schema::{FieldType, Kind, Scalar, Type},
    policy::syntax::{
        ast::{File, Name, Region, TypeName},
        words::nearest,
    },
};

const SCALARS: [(&str, Scalar); 10] = [
    ("Bool", Scalar::Bool),
    ("Int", Scalar::Int),
    ("String", Scalar::String),
    ("Version", Scalar::Version),
    ("Date", Scalar::Date),
    ("Glob", Scalar::Glob),
    ("Requirement", Scalar::Requirement),
    ("VersionRange", Scalar::VersionRange),
    ("ModuleName", Scalar::ModuleName),
    ("ModulePattern", Scalar::ModulePattern),
];

impl Names {
    /// The type that a type's name means; reports one that means nothing.
    pub(super) fn type_named(&mut self, file: &File, written: &TypeName) -> Option<FieldType> {
        let word = written.name.text.as_str();
        let ty = match (word, written.arguments.as_slice()) {
            ("Set", [element]) => Type::Set(self.scalar_named(file, element)?),
            ("List", [element]) => Type::List(self.scalar_named(file, element)?),
            ("Set" | "List", _) => {
                self.wrong_type(file, written.region, format!("a `{word}` is of one type"), format!("write `{word}<String>`"));
                return None;
            }
            ("Map", _) => Type::Map,
            (_, []) => Type::One(self.scalar_named(file, &written.name)?),
            (_, _) => {
                self.wrong_type(file, written.region, format!("`{word}` takes no types"), format!("write `{word}`"));
                return None;
            }
        };
        Some(FieldType { ty, optional: written.optional })
    }

    fn scalar_named(&mut self, file: &File, name: &Name) -> Option<Scalar> {
        let word = name.text.as_str();
        let scalar = SCALARS.iter().find(|(known, _)| *known == word).map(|(_, scalar)| *scalar);
        let record = || Kind::ALL.into_iter().find(|kind| kind.type_name() == word).map(Scalar::Record);
        let found = scalar.or_else(record);
        if found.is_none() {
            let kinds = Kind::ALL.into_iter().map(Kind::type_name);
            let known: Vec<&str> = SCALARS.iter().map(|(known, _)| *known).chain(["Set", "List", "Map"]).chain(kinds).collect();
            let same_letters = known.iter().find(|known| known.eq_ignore_ascii_case(word)).copied();
            let help = match same_letters.or_else(|| nearest(word, known.iter().copied())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")),
            };
            let diagnostic = Diagnostic::new("unknown-type", Severity::Error, format!("there is no type `{word}`"));
            self.diagnostics.push(diagnostic.label(file.span(name.region), "not known").help(help));
        }
        found
    }

    fn wrong_type(&mut self, file: &File, region: Region, message: String, help: String) {
        let diagnostic = Diagnostic::new("wrong-arguments", Severity::Error, message);
        self.diagnostics.push(diagnostic.label(file.span(region), "here").help(help));
    }
}

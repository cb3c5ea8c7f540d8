//! Functions of the language: their names and types; never their evaluation.

use super::resolved::Builtin;
use crate::facts::schema::Scalar;

/// A function of the language.
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) builtin: Builtin,
    pub(crate) parameters: &'static [Scalar],
    pub(crate) returns: Scalar,
}

/// All of them.
pub(crate) const BUILTINS: &[Signature] = &[
    Signature {
        name: "starts_with",
        builtin: Builtin::StartsWith,
        parameters: &[Scalar::String, Scalar::String],
        returns: Scalar::Bool,
    },
    Signature {
        name: "ends_with",
        builtin: Builtin::EndsWith,
        parameters: &[Scalar::String, Scalar::String],
        returns: Scalar::Bool,
    },
    Signature {
        name: "contains",
        builtin: Builtin::Contains,
        parameters: &[Scalar::String, Scalar::String],
        returns: Scalar::Bool,
    },
    Signature { name: "lower", builtin: Builtin::Lower, parameters: &[Scalar::String], returns: Scalar::String },
    Signature {
        name: "days_between",
        builtin: Builtin::DaysBetween,
        parameters: &[Scalar::Date, Scalar::Date],
        returns: Scalar::Int,
    },
    Signature {
        name: "evidence",
        builtin: Builtin::Evidence,
        parameters: &[Scalar::String, Scalar::String],
        returns: Scalar::Bool,
    },
];

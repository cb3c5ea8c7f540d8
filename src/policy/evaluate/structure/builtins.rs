//! Classes that every module sees without an import, or that `typing` gives; never what they do.

/// Builtin classes below their superclasses.
const CLASSES: [(&str, &[&str]); 17] = [
    (
        "object",
        &[
            "BaseException",
            "bytearray",
            "bytes",
            "classmethod",
            "complex",
            "dict",
            "enumerate",
            "filter",
            "float",
            "frozenset",
            "int",
            "list",
            "map",
            "memoryview",
            "property",
            "range",
            "reversed",
            "set",
            "slice",
            "staticmethod",
            "str",
            "super",
            "tuple",
            "type",
            "zip",
        ],
    ),
    ("int", &["bool"]),
    ("BaseException", &["BaseExceptionGroup", "Exception", "GeneratorExit", "KeyboardInterrupt", "SystemExit"]),
    ("BaseExceptionGroup", &["ExceptionGroup"]),
    (
        "Exception",
        &[
            "ArithmeticError",
            "AssertionError",
            "AttributeError",
            "BufferError",
            "EOFError",
            "ExceptionGroup",
            "ImportError",
            "LookupError",
            "MemoryError",
            "NameError",
            "OSError",
            "ReferenceError",
            "RuntimeError",
            "StopAsyncIteration",
            "StopIteration",
            "SyntaxError",
            "SystemError",
            "TypeError",
            "ValueError",
            "Warning",
        ],
    ),
    ("ArithmeticError", &["FloatingPointError", "OverflowError", "ZeroDivisionError"]),
    ("ImportError", &["ModuleNotFoundError"]),
    ("LookupError", &["IndexError", "KeyError"]),
    ("NameError", &["UnboundLocalError"]),
    (
        "OSError",
        &[
            "BlockingIOError",
            "ChildProcessError",
            "ConnectionError",
            "FileExistsError",
            "FileNotFoundError",
            "InterruptedError",
            "IsADirectoryError",
            "NotADirectoryError",
            "PermissionError",
            "ProcessLookupError",
            "TimeoutError",
        ],
    ),
    ("ConnectionError", &["BrokenPipeError", "ConnectionAbortedError", "ConnectionRefusedError", "ConnectionResetError"]),
    ("RuntimeError", &["NotImplementedError", "RecursionError"]),
    ("SyntaxError", &["IndentationError"]),
    ("IndentationError", &["TabError"]),
    ("ValueError", &["UnicodeError"]),
    ("UnicodeError", &["UnicodeDecodeError", "UnicodeEncodeError", "UnicodeTranslateError"]),
    (
        "Warning",
        &[
            "BytesWarning",
            "DeprecationWarning",
            "EncodingWarning",
            "FutureWarning",
            "ImportWarning",
            "PendingDeprecationWarning",
            "ResourceWarning",
            "RuntimeWarning",
            "SyntaxWarning",
            "UnicodeWarning",
            "UserWarning",
        ],
    ),
];

/// Names of exceptions that are others.
const ALIASES: [&str; 2] = ["IOError", "EnvironmentError"];

/// What every object has.
const OF_OBJECT: [&str; 31] = [
    "__class__",
    "__delattr__",
    "__dict__",
    "__dir__",
    "__doc__",
    "__eq__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init__",
    "__init_subclass__",
    "__le__",
    "__lt__",
    "__module__",
    "__name__",
    "__ne__",
    "__new__",
    "__qualname__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__slots__",
    "__str__",
    "__subclasshook__",
    "__weakref__",
    "__annotations__",
];

/// What every module has.
const OF_MODULES: [&str; 10] = [
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__dict__",
    "__doc__",
    "__file__",
    "__loader__",
    "__name__",
    "__package__",
    "__spec__",
];

/// Superclasses that `typing` and `abc` give, whatever the modules hold: they add nothing that a contract would ask for.
const EMPTY_BASES: [&str; 9] = [
    "abc.ABC",
    "typing.Any",
    "typing.Generic",
    "typing.Protocol",
    "typing.TypedDict",
    "typing_extensions.Any",
    "typing_extensions.Generic",
    "typing_extensions.Protocol",
    "typing_extensions.TypedDict",
];

/// A builtin class as the table has it.
pub(super) fn builtin(name: &str) -> Option<&'static str> {
    if name == "object" {
        return Some("object");
    }
    if ALIASES.contains(&name) {
        return Some("OSError");
    }
    CLASSES.iter().flat_map(|(_, classes)| *classes).find(|class| **class == name).copied()
}

/// A builtin class's own superclasses.
pub(super) fn superclasses(name: &str) -> impl Iterator<Item = &'static str> {
    CLASSES.iter().filter(move |(_, classes)| classes.contains(&name)).map(|(superclass, _)| *superclass)
}

/// Whether a builtin class may have this attribute beside what every object has.
pub(super) fn may_have(class: &str, attribute: &str) -> bool {
    match class {
        "object" => false,
        "BaseException" => attribute.starts_with("__") || matches!(attribute, "args" | "with_traceback" | "add_note"),
        "Exception"
        | "ArithmeticError"
        | "AssertionError"
        | "BufferError"
        | "EOFError"
        | "LookupError"
        | "MemoryError"
        | "IndexError"
        | "KeyError"
        | "ReferenceError"
        | "RuntimeError"
        | "NotImplementedError"
        | "RecursionError"
        | "SystemError"
        | "TypeError"
        | "ValueError"
        | "KeyboardInterrupt"
        | "GeneratorExit" => false,
        _ if class.ends_with("Warning") => false,
        _ => true,
    }
}

/// Whether every object has this attribute.
pub(super) fn of_object(attribute: &str) -> bool {
    OF_OBJECT.contains(&attribute)
}

/// Whether every module has this name.
pub(super) fn of_modules(name: &str) -> bool {
    OF_MODULES.contains(&name)
}

/// Whether a class of this full name adds nothing to those that derive from it.
pub(super) fn is_empty_base(name: &str) -> bool {
    EMPTY_BASES.contains(&name)
}

/// Whether a metaclass gives classes no attributes that a contract would ask for.
pub(super) fn is_plain_metaclass(metaclass: &str) -> bool {
    matches!(metaclass.rsplit('.').next(), Some("ABCMeta" | "EnumMeta" | "EnumType" | "type"))
}

/// Whether a decorator leaves the attributes of a class alone.
pub(super) fn leaves_alone(decorator: &str) -> bool {
    let name = decorator.split('(').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();
    makes_methods(decorator) || matches!(last, "final" | "runtime_checkable" | "unique" | "verify" | "deprecated" | "override")
}

/// Whether a decorator adds methods with two underscores, and nothing else.
pub(super) fn makes_methods(decorator: &str) -> bool {
    let name = decorator.split('(').next().unwrap_or_default();
    matches!(
        name,
        "dataclass"
            | "dataclasses.dataclass"
            | "total_ordering"
            | "functools.total_ordering"
            | "attr.s"
            | "attr.attrs"
            | "attr.dataclass"
            | "attr.define"
            | "attr.mutable"
            | "attr.frozen"
            | "attrs.define"
            | "attrs.mutable"
            | "attrs.frozen"
            | "define"
            | "frozen"
    )
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, builtin, superclasses};

    #[test]
    fn every_builtin_leads_to_object() {
        for (_, classes) in CLASSES {
            for class in classes {
                let mut at = *class;
                for _ in 0..10 {
                    at = superclasses(at).next().unwrap_or(at);
                }
                assert_eq!(at, "object", "{class}");
                assert_eq!(builtin(class), Some(*class));
            }
        }
        assert!(superclasses("ExceptionGroup").eq(["BaseExceptionGroup", "Exception"]));
        assert_eq!((builtin("IOError"), builtin("Plugin")), (Some("OSError"), None));
    }
}

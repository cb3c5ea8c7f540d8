//! The tables of generated files, as literals: hooks of editable installations and records of a build; never run, never guessed.

use ruff_python_ast::{Expr, ExprCall, Number, Stmt};
use smol_str::SmolStr;

use crate::facts::{BuildVariables, EditableHook, PythonSource, Special, Table};

/// The class that makes a file setuptools' hook.
const SETUPTOOLS: &str = "_EditableFinder";
/// The class that makes a file scikit-build-core's.
const SCIKIT_BUILD: &str = "ScikitBuildRedirectingFinder";
/// The module whose import makes a file one of `editables`.
const EDITABLES: &str = "editables.redirector";

/// What the file is, where it is one of these; nothing where its tables are not literals.
pub(super) fn special(body: &[Stmt], source: &PythonSource) -> Option<Special> {
    let has_class = |name: &str| source.classes.iter().any(|class| class.name == name);
    if source.variables.iter().any(|variable| variable.name == "build_time_vars") {
        return Some(Special::Build(build_variables(assigned(body, "build_time_vars")?)));
    }
    if has_class(SETUPTOOLS) && body.iter().all(only_defines) {
        let mapping = texts(assigned(body, "MAPPING")?)?;
        let namespaces = assigned(body, "NAMESPACES").map_or_else(|| Some(Vec::new()), lists)?;
        return Some(Special::Hook(EditableHook::Setuptools { mapping, namespaces }));
    }
    if has_class(SCIKIT_BUILD) {
        return scikit_build(body).map(Special::Hook);
    }
    if source.imports.iter().any(|import| import.target == EDITABLES) {
        return editables(body).map(Special::Hook);
    }
    None
}

/// Whether a statement does nothing but give names.
fn only_defines(statement: &Stmt) -> bool {
    match statement {
        Stmt::Import(_)
        | Stmt::ImportFrom(_)
        | Stmt::Assign(_)
        | Stmt::AnnAssign(_)
        | Stmt::ClassDef(_)
        | Stmt::FunctionDef(_) => true,
        Stmt::Expr(statement) => statement.value.is_string_literal_expr(),
        Stmt::If(statement) => statement.body.iter().all(only_defines) && statement.elif_else_clauses.is_empty(),
        _ => false,
    }
}

/// The one value that a name is given at top level.
fn assigned<'a>(body: &'a [Stmt], name: &str) -> Option<&'a Expr> {
    let is_name = |expression: &Expr| matches!(expression, Expr::Name(found) if found.id.as_str() == name);
    let mut values = body.iter().filter_map(|statement| match statement {
        Stmt::Assign(assign) if assign.targets.iter().any(is_name) => Some(assign.value.as_ref()),
        Stmt::AnnAssign(assign) if is_name(&assign.target) => assign.value.as_deref(),
        _ => None,
    });
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

/// Calls that are statements of the module.
fn calls(body: &[Stmt]) -> impl Iterator<Item = &ExprCall> {
    body.iter().filter_map(|statement| match statement {
        Stmt::Expr(statement) => statement.value.as_call_expr(),
        _ => None,
    })
}

/// `install(sources, installed, directories, packages, ...)`; older releases have no directories.
fn scikit_build(body: &[Stmt]) -> Option<EditableHook> {
    let mut installs =
        calls(body).filter(|call| matches!(call.func.as_ref(), Expr::Name(name) if name.id.as_str() == "install"));
    let call = installs.next()?;
    let others = body.iter().filter(|statement| !only_defines(statement)).count();
    if others != 1 || !call.arguments.keywords.is_empty() {
        return None;
    }
    let mut arguments = call.arguments.args.iter();
    let sources = texts(arguments.next()?)?;
    let installed = texts(arguments.next()?)?;
    let (directories, packages) = match (arguments.next(), arguments.next()) {
        (Some(directories @ Expr::Dict(_)), Some(packages)) => (lists(directories)?, list(packages)?),
        _ => (Vec::new(), Vec::new()),
    };
    Some(EditableHook::ScikitBuild { installed, sources, directories, packages })
}

/// `F.map_module("name", "/path")` for each module, and `F.install()`: nothing else may happen in the file.
fn editables(body: &[Stmt]) -> Option<EditableHook> {
    let mut mapping = Vec::new();
    for statement in body {
        match statement {
            Stmt::ImportFrom(_) => {}
            Stmt::Expr(statement) => {
                let call = statement.value.as_call_expr()?;
                let Expr::Attribute(method) = call.func.as_ref() else { return None };
                match (method.attr.id.as_str(), &*call.arguments.args) {
                    ("install", []) => {}
                    ("map_module", [name, path]) => mapping.push((text(name)?, text(path)?)),
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    Some(EditableHook::Editables(mapping))
}

fn build_variables(value: &Expr) -> BuildVariables {
    let Expr::Dict(dict) = value else { return BuildVariables::default() };
    let of = |wanted: &str| {
        let mut items = dict.items.iter().rev();
        items.find(|item| item.key.as_ref().and_then(text).is_some_and(|key| key == wanted)).map(|item| &item.value)
    };
    BuildVariables { prefix: of("prefix").and_then(text), pymalloc: of("WITH_PYMALLOC").and_then(truth) }
}

fn text(expression: &Expr) -> Option<SmolStr> {
    expression.as_string_literal_expr().map(|literal| literal.value.to_str().into())
}

/// 0, 1 or a truth value.
fn truth(expression: &Expr) -> Option<bool> {
    match expression {
        Expr::BooleanLiteral(literal) => Some(literal.value),
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(number) => number.as_u8().map(|number| number != 0),
            _ => None,
        },
        _ => None,
    }
}

fn list(expression: &Expr) -> Option<Vec<SmolStr>> {
    match expression {
        Expr::List(list) => list.elts.iter().map(text).collect(),
        Expr::Tuple(tuple) => tuple.elts.iter().map(text).collect(),
        _ => None,
    }
}

fn table<T>(expression: &Expr, read: impl Fn(&Expr) -> Option<T>) -> Option<Table<T>> {
    let items = expression.as_dict_expr()?.items.iter();
    items.map(|item| Some((text(item.key.as_ref()?)?, read(&item.value)?))).collect()
}

fn texts(expression: &Expr) -> Option<Table<SmolStr>> {
    table(expression, text)
}

fn lists(expression: &Expr) -> Option<Table<Vec<SmolStr>>> {
    table(expression, list)
}

#[cfg(test)]
mod tests {
    use crate::{
        extract::python::source,
        facts::{BuildVariables, EditableHook, Special},
    };

    fn special(text: &str) -> Option<Special> {
        source(text.as_bytes()).special.map(|special| Special::clone(&special))
    }

    #[test]
    fn setuptools_hooks_of_all_releases_give_their_tables() {
        let expected = Special::Hook(EditableHook::Setuptools {
            mapping: vec![("shop".into(), "/srv/shop".into())],
            namespaces: vec![("ns".into(), vec!["/srv/ns".into()])],
        });
        for annotation in ["", ": dict[str, str]"] {
            let file = format!(
                "MAPPING{annotation} = {{'shop': '/srv/shop'}}\nNAMESPACES = {{'ns': ['/srv/ns']}}\nclass _EditableFinder: pass\n"
            );
            assert_eq!(special(&file), Some(expected.clone()));
        }
        assert_eq!(special("MAPPING = {'shop': '/srv/shop'}\n"), None, "any module may have such a name");
        assert_eq!(special("MAPPING = {}\nclass _EditableFinder: pass\nrun()\n"), None, "it does more");
        assert_eq!(special("MAPPING = find()\nclass _EditableFinder: pass\n"), None, "no literal");
        assert_eq!(special("MAPPING = {}\nMAPPING = {'a': 'b'}\nclass _EditableFinder: pass\n"), None, "which of the two?");
    }

    #[test]
    fn editables_hooks_map_single_modules() {
        let start = "from editables.redirector import RedirectingFinder as F\nF.install()\n";
        let found = special(&format!("{start}F.map_module('shop', '/srv/shop/__init__.py')"));
        let expected = EditableHook::Editables(vec![("shop".into(), "/srv/shop/__init__.py".into())]);
        assert_eq!(found, Some(Special::Hook(expected)));
        assert_eq!(special(&format!("{start}F.map_module(name(), '/srv/shop')")), None);
        assert_eq!(special(&format!("{start}for a in b: F.map_module(a, a)")), None);
    }

    #[test]
    fn scikit_build_hooks_tell_built_files_from_sources() {
        let class = "class ScikitBuildRedirectingFinder: pass\n";
        let found = special(&format!(
            "{class}install({{'a': '/s/a/__init__.py'}}, {{'a.b': 'a/b.so'}}, {{'a': ['/s/a', 'a']}}, ['a'], None, False, True, [], [], '')"
        ));
        let hook = EditableHook::ScikitBuild {
            installed: vec![("a.b".into(), "a/b.so".into())],
            sources: vec![("a".into(), "/s/a/__init__.py".into())],
            directories: vec![("a".into(), vec!["/s/a".into(), "a".into()])],
            packages: vec!["a".into()],
        };
        assert_eq!(found, Some(Special::Hook(hook)));
        let older = special(&format!("{class}install({{'a': '/s/a.py'}}, {{}}, None, False, True, [], [])"));
        assert!(matches!(older, Some(Special::Hook(EditableHook::ScikitBuild { directories, .. })) if directories.is_empty()));
    }

    #[test]
    fn a_build_says_where_it_was_to_be_installed() {
        let found = special("build_time_vars = {'WITH_PYMALLOC': 1, 'prefix': '/usr/local', 'X': -1}\n");
        assert_eq!(found, Some(Special::Build(BuildVariables { prefix: Some("/usr/local".into()), pymalloc: Some(true) })));
    }
}

//! Python facts against CPython's own `ast`, over the host interpreter's standard library and site-packages.
//!
//! The oracle is the `python3` on PATH (or `DOUANE_TEST_PYTHON`); directories in `DOUANE_TEST_PYTHON_PATHS` (separated by `:`) are
//! read too. A second test takes every Python of `DOUANE_TEST_PYTHONS`, from 2.7 on, and asks less of each.

#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a differential test stops at once where the oracle fails, and prints what it counted"
)]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    thread,
};

use douane::{
    extract::python::source,
    facts::{Function, ImportKind, ParameterKind, PythonSource},
};
use serde_json::{Value, json};

/// Prints one JSON line for each `.py` file of the interpreter's library.
const ORACLE: &str = r#"
import ast, json, os, sys, sysconfig, warnings
warnings.simplefilter("ignore")
sys.setrecursionlimit(20000)

def segment(lines, node):
    if node is None:
        return None
    if node.lineno != node.end_lineno:
        return "..."
    return lines[node.lineno - 1][node.col_offset:node.end_col_offset].decode("utf-8")

def type_checking(test):
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"
            or isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING")

def bodies(node):
    "Statements that run with the module, without those for type checkers."
    for statement in node:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(statement, ast.If):
            if not type_checking(statement.test):
                yield from bodies(statement.body)
            negated = isinstance(statement.test, ast.UnaryOp) and isinstance(statement.test.op, ast.Not) \
                and type_checking(statement.test.operand)
            if not negated:
                yield from bodies(statement.orelse)
            continue
        for field in ("body", "handlers", "cases", "orelse", "finalbody"):
            for child in getattr(statement, field, ()):
                if isinstance(child, ast.stmt):
                    yield from bodies([child])
                else:
                    yield from bodies(child.body)

def function(node, lines):
    a = node.args
    positional = a.posonlyargs + a.args
    defaults = [None] * (len(positional) - len(a.defaults)) + a.defaults
    parameters = []
    for index, (arg, default) in enumerate(zip(positional, defaults)):
        kind = "positional_only" if index < len(a.posonlyargs) else "positional_or_keyword"
        parameters.append([arg.arg, kind, segment(lines, arg.annotation), segment(lines, default)])
    if a.vararg:
        parameters.append([a.vararg.arg, "var_positional", segment(lines, a.vararg.annotation), None])
    for arg, default in zip(a.kwonlyargs, a.kw_defaults):
        parameters.append([arg.arg, "keyword_only", segment(lines, arg.annotation), segment(lines, default)])
    if a.kwarg:
        parameters.append([a.kwarg.arg, "var_keyword", segment(lines, a.kwarg.annotation), None])
    return [node.name, node.lineno, isinstance(node, ast.AsyncFunctionDef), segment(lines, node.returns),
            len(node.decorator_list), parameters]

def functions(body, lines):
    return [function(s, lines) for s in bodies(body) if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef))]

def names(target):
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from names(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from names(element)

def variables(body):
    for s in bodies(body):
        if isinstance(s, ast.Assign):
            for target in s.targets:
                yield from names(target)
        elif isinstance(s, (ast.AnnAssign, ast.AugAssign)) and isinstance(s.target, ast.Name):
            yield s.target.id
        elif isinstance(s, (ast.For, ast.AsyncFor)):
            yield from names(s.target)
        elif isinstance(s, (ast.With, ast.AsyncWith)):
            for item in s.items:
                if item.optional_vars is not None:
                    yield from names(item.optional_vars)
        elif s.__class__.__name__ == "TypeAlias":
            yield s.name.id

def arguments(node):
    a = node.args
    return [arg.arg for arg in a.posonlyargs + a.args + a.kwonlyargs + [arg for arg in (a.vararg, a.kwarg) if arg]]

def stored(body, this):
    "Attributes of `this` that statements store, also those of functions inside that take it from outside."
    for s in body:
        if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if this not in arguments(s):
                yield from stored(s.body, this)
            continue
        targets = []
        if isinstance(s, ast.Assign):
            targets = s.targets
        elif isinstance(s, (ast.AnnAssign, ast.For, ast.AsyncFor)):
            targets = [s.target]
        elif isinstance(s, (ast.With, ast.AsyncWith)):
            targets = [item.optional_vars for item in s.items if item.optional_vars is not None]
        elif isinstance(s, ast.Expr) and isinstance(s.value, ast.Call):
            call = s.value
            if isinstance(call.func, ast.Name) and call.func.id == "setattr" and len(call.args) == 3 \
                    and isinstance(call.args[0], ast.Name) and call.args[0].id == this \
                    and isinstance(call.args[1], ast.Constant) and isinstance(call.args[1].value, str):
                yield call.args[1].value
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) \
                        and isinstance(node.value, ast.Name) and node.value.id == this and node.attr != "__dict__":
                    yield node.attr
        if isinstance(s, ast.ClassDef):
            continue
        for field in ("body", "handlers", "cases", "orelse", "finalbody"):
            for child in getattr(s, field, ()):
                yield from stored([child] if isinstance(child, ast.stmt) else child.body, this)

def instance_attributes(c):
    for s in bodies(c.body):
        if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names = [getattr(d, "id", getattr(d, "attr", None)) for d in s.decorator_list]
            positional = s.args.posonlyargs + s.args.args
            if positional and not {"staticmethod", "classmethod"} & set(names) \
                    and s.name not in ("__new__", "__init_subclass__", "__class_getitem__"):
                yield from stored(s.body, positional[0].arg)
        elif isinstance(s, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__slots__" for t in s.targets):
            v = s.value
            elements = v.keys if isinstance(v, ast.Dict) else getattr(v, "elts", [v])
            yield from (e.value for e in elements if isinstance(e, ast.Constant) and isinstance(e.value, str)
                        and e.value not in ("__dict__", "__weakref__"))

def decoded(source):
    import io, tokenize
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return io.TextIOWrapper(io.BytesIO(source), encoding, newline=None).read()

def describe(path):
    with open(path, "rb") as file:
        source = file.read()
    try:
        tree = ast.parse(source)
    except RecursionError:
        return {"path": path, "recursion": True}
    except (SyntaxError, ValueError) as error:
        return {"path": path, "error": str(error)}
    lines = decoded(source).replace("\x0c", " ").encode("utf-8").split(b"\n")
    imports = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                line, column = getattr(alias, "lineno", node.lineno), getattr(alias, "col_offset", None)
                shown = None if column is None else len(lines[line - 1][:column].decode("utf-8")) + 1
                imports.append([line, column or 0, shown, alias.name, 0, []])
        elif isinstance(node, ast.ImportFrom):
            imports.append([node.lineno, node.col_offset, None, node.module or "", node.level, [a.name for a in node.names]])
    imports.sort(key=lambda found: found[:2])
    classes = [
        [c.name, c.lineno, [segment(lines, base) for base in c.bases], len(c.decorator_list), functions(c.body, lines),
         list(variables(c.body)), sorted(set(instance_attributes(c)))]
        for c in bodies(tree.body) if isinstance(c, ast.ClassDef)
    ]
    return {"path": path, "imports": [[i[0], *i[2:]] for i in imports], "functions": functions(tree.body, lines),
            "classes": classes, "variables": list(variables(tree.body))}

print(json.dumps(list(sys.version_info[:2])))
for root in sorted({sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), *sys.argv[1:]}):
    for directory, _, files in os.walk(root):
        for name in sorted(files):
            path = os.path.join(directory, name)
            if name.endswith(".py") and os.path.isfile(path):
                print(json.dumps(describe(path)), flush=True)
"#;

#[test]
#[ignore = "needs a python3: run tests/run images"]
fn python_facts_equal_those_of_ast() {
    let python = std::env::var("DOUANE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let roots = std::env::var("DOUANE_TEST_PYTHON_PATHS").unwrap_or_default();
    let mut child = Command::new(python)
        .args(["-c", ORACLE])
        .args(roots.split(':').filter(|root| !root.is_empty()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a python3 is needed: `tests/run images` installs one");
    let mut output = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    let version = output.next().expect("a version").expect("UTF-8");
    let mut count = Count { version: serde_json::from_str(&version).expect("two numbers"), ..Count::default() };
    for line in output {
        let oracle: Value = serde_json::from_str(&line.expect("UTF-8")).expect("one JSON object a line");
        compare(&oracle, &mut count);
    }
    assert!(child.wait().expect("it ran").success());
    eprintln!(
        "{} files, {} imports, {} functions and methods, {} classes, {} variables, {} files that neither parses; known disagreements: {:?}",
        count.files, count.imports, count.functions, count.classes, count.variables, count.rejected, count.known
    );
    assert!(count.files > 500, "the oracle found only {} files", count.files);
    assert!(count.differences.is_empty(), "{} differences, such as:\n{}", count.differences.len(), {
        count.differences.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
    });
}

/// Runs under every Python from 2.7 on. Prints the version, then one JSON line for each `.py` file: what its own parser makes of it.
const EVERY: &str = r#"
import ast, json, os, sys, sysconfig, warnings
warnings.simplefilter("ignore")
sys.setrecursionlimit(20000)
two = sys.version_info[0] == 2
if two:
    import re
    cookie = re.compile(br"^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)")

def name(argument):
    if isinstance(argument, ast.Name):
        return argument.id
    return argument.arg if hasattr(argument, "arg") else "(" + ", ".join(name(part) for part in argument.elts) + ")"

def parameters(a):
    found = [name(p) for p in getattr(a, "posonlyargs", []) + a.args]
    for last in ([a.vararg], getattr(a, "kwonlyargs", []), [a.kwarg]):
        found += [p if isinstance(p, str) else p.arg for p in last if p is not None]
    return found

def describe(path):
    with open(path, "rb") as file:
        source = file.read()
    try:
        if two and not source.startswith(b"\xef\xbb\xbf") and not any(cookie.match(l) for l in source.splitlines()[:2]):
            source.decode("ascii")
        tree = ast.parse(source)
    except (RuntimeError, MemoryError):
        return {"path": path, "recursion": True}
    except Exception as error:
        return {"path": path, "error": repr(error)}
    imports = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [[alias.name, 0, []] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports.append([node.module or "", node.level or 0, [a.name for a in node.names]])
    defs = (ast.FunctionDef, getattr(ast, "AsyncFunctionDef", ast.FunctionDef))
    functions = [[s.name, parameters(s.args)] for s in tree.body if isinstance(s, defs)]
    classes = [[c.name, len(c.bases), [[s.name, parameters(s.args)] for s in c.body if isinstance(s, defs)]]
               for c in tree.body if isinstance(c, ast.ClassDef)]
    return {"path": path, "imports": sorted(imports), "functions": functions, "classes": classes}

print(json.dumps(list(sys.version_info[:2])))
most, count = int(sys.argv[1]), 0
for root in sorted(set([sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")] + sys.argv[2:])):
    for directory, _, files in os.walk(root):
        for file in sorted(files):
            path = os.path.join(directory, file)
            if file.endswith(".py") and os.path.isfile(path) and count < most:
                count += 1
                print(json.dumps(describe(path)))
"#;

/// Each Python of `DOUANE_TEST_PYTHONS` (separated by `:`, else `python3`) beside the versions that the facts name: a file that its own
/// parser refuses is refused for its version, and the others give the same imports, functions, parameters, classes and methods.
/// `DOUANE_TEST_PYTHON_FILES` limits the files of each.
#[test]
#[ignore = "needs Pythons: run tests/run images"]
fn every_python_parses_what_its_facts_say() {
    let pythons = std::env::var("DOUANE_TEST_PYTHONS").unwrap_or_else(|_| "python3".to_owned());
    let most = std::env::var("DOUANE_TEST_PYTHON_FILES").unwrap_or_else(|_| "1000000".to_owned());
    let roots = std::env::var("DOUANE_TEST_PYTHON_PATHS").unwrap_or_default();
    let mut differences = Vec::new();
    for python in pythons.split(':') {
        let roots = roots.split(':').filter(|root| !root.is_empty());
        let mut child =
            Command::new(python).args(["-c", EVERY, &most]).args(roots).stdout(Stdio::piped()).spawn().expect(python);
        let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let version: Vec<u32> = serde_json::from_str(&lines.next().expect("a version").expect("UTF-8")).expect("two numbers");
        let (mut files, mut refused, mut deep, before) = (0, 0, 0, differences.len());
        for line in lines {
            let oracle: Value = serde_json::from_str(&line.expect("UTF-8")).expect("one JSON object a line");
            files += 1;
            let path = oracle["path"].as_str().expect("every line has a path").to_owned();
            let bytes = std::fs::read(&path).expect("the oracle has just read it");
            let ours =
                thread::Builder::new().stack_size(64 << 20).spawn(move || source(&bytes)).unwrap().join().expect("no panic");
            let refusal = ours.error.clone().or_else(|| ours.syntax.refusal(version[0], version[1]));
            let place = format!("{version:?} {path}");
            match (refusal, oracle["error"].as_str()) {
                _ if oracle["recursion"] == true => deep += 1,
                (Some(_), Some(_)) => refused += 1,
                (Some(error), None) => {
                    differences.push(format!("{place}:{}: only we refuse it: {}", error.line, error.message))
                }
                (None, Some(error)) => differences.push(format!("{place}: only Python refuses it: {error}")),
                (None, None) => differences.extend(differs(&oracle, &ours).map(|how| format!("{place}: {how}"))),
            }
        }
        assert!(child.wait().expect("it ran").success());
        let found = differences.len() - before;
        eprintln!(
            "Python {version:?}: {files} files, {refused} that neither parses, {deep} too deep for it, {found} differences"
        );
    }
    if let Ok(file) = std::env::var("DOUANE_TEST_DIFFERENCES") {
        std::fs::write(file, differences.join("\n")).expect("written");
    }
    assert!(differences.is_empty(), "{} differences, such as:\n{}", differences.len(), {
        differences.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
    });
}

/// How the facts differ from what the oracle has of statements that stand right in the module or in its classes.
fn differs(oracle: &Value, ours: &PythonSource) -> Option<String> {
    let statements = ours.imports.iter().filter(|import| import.kind != ImportKind::Dynamic);
    let mut imports: Vec<_> = statements.map(|import| json!([import.target, import.level, import.names]).to_string()).collect();
    let mut theirs: Vec<_> = oracle["imports"].as_array().expect("a list").iter().map(Value::to_string).collect();
    imports.sort();
    theirs.sort();
    if imports != theirs {
        return Some(format!("imports\n  Python {theirs:?}\n  ours   {imports:?}"));
    }
    let bare = |text: String| text.replace([' ', '\n', '\r', '\t', ','], "");
    let shown = |function: &Function| {
        let parameters: Vec<_> = function.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        bare(json!([function.name, parameters]).to_string())
    };
    let missing = |theirs: &Value, ours: &[Function]| {
        let ours: Vec<String> = ours.iter().map(shown).collect();
        theirs
            .as_array()
            .expect("a list")
            .iter()
            .map(|function| bare(function.to_string()))
            .find(|function| !ours.contains(function))
    };
    if let Some(function) = missing(&oracle["functions"], &ours.functions) {
        return Some(format!("we lack the function {function}"));
    }
    for class in oracle["classes"].as_array().expect("a list") {
        let named = ours.classes.iter().filter(|ours| class[0] == *ours.name && class[1] == ours.bases.len());
        if !named.into_iter().any(|ours| missing(&class[2], &ours.methods).is_none()) {
            return Some(format!("we lack the class {class}"));
        }
    }
    None
}

#[derive(Default)]
struct Count {
    version: (u32, u32),
    files: usize,
    imports: usize,
    functions: usize,
    classes: usize,
    variables: usize,
    rejected: usize,
    known: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

fn compare(oracle: &Value, count: &mut Count) {
    count.files += 1;
    let path = oracle["path"].as_str().expect("every line has a path").to_owned();
    let bytes = std::fs::read(&path).expect("the oracle has just read it");
    // The workers' stacks are larger than a test's.
    let ours = thread::Builder::new().stack_size(64 << 20).spawn(move || source(&bytes)).unwrap().join().expect("no panic");
    let refusal = ours.error.clone().or_else(|| ours.syntax.refusal(count.version.0, count.version.1));
    if oracle["recursion"] == true {
        *count.known.entry("nested too deeply for the oracle").or_default() += 1;
        return;
    }
    if let Some(error) = oracle["error"].as_str() {
        match refusal {
            Some(_) => count.rejected += 1,
            None => count.differences.push(format!("{path}: only CPython rejects it: {error}")),
        }
        return;
    }
    if let Some(error) = &refusal {
        count.differences.push(format!("{path}:{}: only we reject it: {}", error.line, error.message));
        return;
    }
    let theirs = [&oracle["imports"], &oracle["functions"], &oracle["classes"], &oracle["variables"]];
    let ours = facts(&ours, count);
    for (theirs, ours) in theirs.into_iter().zip(&ours) {
        let (theirs, ours) = (theirs.as_array().expect("a list"), ours.as_array().expect("a list"));
        if theirs.len() != ours.len() {
            count.differences.push(format!("{path}: CPython has {}, we have {}", theirs.len(), ours.len()));
        }
        for (theirs, ours) in theirs.iter().zip(ours) {
            if !same(theirs, ours) {
                count.differences.push(format!("{path}:\n  CPython {theirs}\n  ours    {ours}"));
                break;
            }
        }
    }
}

/// Equal, where `...` of the oracle stands for a text of several lines, and white space and long texts do not count.
fn same(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::String(theirs), Value::String(ours)) => {
            let bare = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            theirs == ours || theirs == "..." || bare(theirs) == bare(ours) || ours.ends_with('…')
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(theirs, ours)| same(theirs, ours))
        }
        // Before 3.10 CPython gives no place to the parts of an import.
        (Value::Null, Value::Number(_)) => true,
        _ => theirs == ours,
    }
}

fn facts(source: &PythonSource, count: &mut Count) -> [Value; 4] {
    let statements = source.imports.iter().filter(|import| import.kind != ImportKind::Dynamic);
    let imports: Vec<_> =
        statements.map(|import| json!([import.line, import.column, import.target, import.level, import.names])).collect();
    let functions: Vec<_> = source.functions.iter().map(function).collect();
    let classes: Vec<_> = source
        .classes
        .iter()
        .map(|class| {
            count.functions += class.methods.len();
            let methods: Vec<_> = class.methods.iter().map(function).collect();
            let attributes: Vec<_> = class.attributes.iter().map(|attribute| &attribute.name).collect();
            let mut of_instances: Vec<_> = class.instance_attributes.iter().map(|attribute| &attribute.name).collect();
            of_instances.sort_unstable();
            json!([class.name, class.line, class.bases, class.decorators.len(), methods, attributes, of_instances])
        })
        .collect();
    let variables: Vec<_> = source.variables.iter().map(|variable| &variable.name).collect();
    count.imports += imports.len();
    count.functions += functions.len();
    count.classes += classes.len();
    count.variables += variables.len();
    [json!(imports), json!(functions), json!(classes), json!(variables)]
}

fn function(function: &Function) -> Value {
    let parameters: Vec<_> = function
        .parameters
        .iter()
        .map(|parameter| {
            let kind = match parameter.kind {
                ParameterKind::PositionalOnly => "positional_only",
                ParameterKind::PositionalOrKeyword => "positional_or_keyword",
                ParameterKind::VarPositional => "var_positional",
                ParameterKind::KeywordOnly => "keyword_only",
                ParameterKind::VarKeyword => "var_keyword",
            };
            json!([parameter.name, kind, parameter.annotation, parameter.default])
        })
        .collect();
    json!([function.name, function.line, function.is_async, function.returns, function.decorators.len(), parameters])
}

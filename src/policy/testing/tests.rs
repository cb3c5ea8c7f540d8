//! What given facts become, and what is said of mistakes in them.

use std::fmt::Write as _;

use super::{
    Suite, Tested,
    forms::{FORMS, Form, Slot, TOP},
};
use crate::{
    diagnostic::{Style, render},
    facts::{
        Certainty, Completeness, EnvironmentKind, Fact, Inventory, ModuleKind, Owner, ParameterKind,
        schema::{FieldType, Scalar, Type},
    },
    policy::{NoDataFiles, PolicyText},
};

pub(super) fn read(text: &str) -> Result<Suite, String> {
    let text = PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage a\n{text}") };
    let shown = |found: &[_]| found.iter().map(|one| render(one, Style::Plain)).collect::<Vec<_>>().join("\n\n");
    Suite::read(&[text], &[], &NoDataFiles).map_err(|found| shown(&found))
}

pub(super) fn run(text: &str) -> Tested {
    read(text).unwrap_or_else(|mistakes| panic!("{mistakes}")).run(None)
}

pub(super) const RULE: &str = "rule r error \"t\" {\n  require count(modules) < 99\n}\n";

/// The inventory of a test that gives these facts.
fn given(facts: &str) -> Inventory {
    let suite = read(&format!("{RULE}test \"t\" {{\n  given {{\n{facts}\n  }}\n  expect r passes\n}}\n"));
    suite.unwrap_or_else(|mistakes| panic!("{mistakes}")).into_inventories().remove(0)
}

/// What is said of facts with a mistake.
fn mistakes(facts: &str) -> String {
    let text = format!("{RULE}test \"t\" {{\n  given {{\n{facts}\n  }}\n  expect r passes\n}}\n");
    read(&text).err().unwrap_or_else(|| "no mistake".into())
}

/// A value of a type, as a test writes it.
fn sample(ty: FieldType) -> String {
    match ty.ty {
        Type::One(Scalar::Bool) => "true".into(),
        Type::One(Scalar::Int) => "7".into(),
        Type::One(Scalar::Date) => "2026-03-01".into(),
        Type::One(Scalar::Choice(words)) => format!("{:?}", words.last().expect("a word")),
        Type::One(_) => "\"755\"".into(),
        Type::List(_) | Type::Set(_) => "[\"x\"]".into(),
        Type::Map => "{\"x\": \"y\"}".into(),
    }
}

/// A fact of a form with one more setting, inside whatever it stands in.
fn written(form: &Form, setting: &str, field: &str) -> String {
    let name = match form.word {
        "libc" if field != "name" => " musl",
        _ if form.named.is_some_and(|named| named != field) => " \"x\"",
        _ => "",
    };
    match form.word {
        "env" | "label" | "history" => format!("image {{ {}{name} ({setting}) }}", form.word),
        "libc" => format!("os x {{ libc{name} ({setting}) }}"),
        "modified" | "missing" => format!("distribution x {{ {}{name} ({setting}) }}", form.word),
        "unowned" => format!("environment \"/x\" {{ unowned{name} ({setting}) }}"),
        "origin" => format!("distribution x {{ origin{name} ({setting}) }}"),
        "import" => format!("module x {{ import x ({setting}) }}"),
        "computed import" => format!("module x {{ import ? ({setting}) }}"),
        word => format!("{word}{name} ({setting})"),
    }
}

#[test]
fn every_field_of_every_fact_can_be_set_and_unset_where_a_scan_may_not_know_it() {
    let mut refused = String::new();
    for form in &FORMS {
        for field in form.settable().filter(|_| form.word != "more") {
            let Some((_, slot)) = form.slot(field) else { panic!("{field}") };
            let values = match slot {
                Slot::Value(ty) => [Some(sample(ty)), ty.optional.then(|| "absent".into())],
                Slot::Record(_) => [Some("absent".into()), None],
                Slot::Elsewhere => continue,
            };
            let unknown = form.unknowable.contains(&field).then(|| "unknown \"why\"".to_owned());
            for value in values.into_iter().flatten().chain(unknown) {
                let fact = written(form, &format!("{field} = {value}"), field);
                let found = mistakes(&fact);
                if found != "no mistake" {
                    let _ = writeln!(refused, "{fact}\n{found}");
                }
            }
        }
    }
    assert!(refused.is_empty(), "{refused}");
}

#[test]
fn the_reference_lists_every_fact_with_its_fields() {
    const REFERENCE: &str = include_str!("../../../grammar/README.md");
    let mut rows = Vec::new();
    for form in &FORMS {
        let identity = form.identity.map(|identity| format!(" {identity}")).unwrap_or_default();
        let text = form.text.map(|text| format!(" \"{text}\"")).unwrap_or_default();
        let outer = FORMS.iter().filter(|outer| outer.inside.contains(&form.word)).map(|outer| format!("`{}`", outer.word));
        let mut places: Vec<String> = TOP.contains(&form.word).then(|| "the top".to_owned()).into_iter().collect();
        places.extend(outer);
        let places = if form.word == "computed import" { "`module`".to_owned() } else { places.join(", ") };
        let fields = form
            .settable()
            .filter(|_| form.word != "more")
            .map(|field| if form.unknowable.contains(&field) { format!("`{field}`?") } else { format!("`{field}`") });
        let row = format!("| `{}{identity}{text}` | {places} | {} |", form.word, fields.collect::<Vec<_>>().join(", "));
        rows.push(row);
    }
    let lacking: Vec<_> = rows.iter().filter(|row| !REFERENCE.contains(row.as_str())).collect();
    assert!(
        lacking.is_empty(),
        "the reference lacks these lines:\n{}",
        lacking.iter().fold(String::new(), |all, row| all + row + "\n")
    );
}

#[test]
fn nothing_given_is_a_directory_with_nothing_in_it() {
    let inventory = given("");
    assert_eq!((inventory.target.source.as_str(), inventory.image.is_none()), ("dir", true));
    assert!(inventory.environments.is_empty() && inventory.os.is_none() && inventory.gaps.is_empty());
}

#[test]
fn an_image_on_a_line_of_its_own_runs_as_root_on_amd64() {
    let inventory = given("image\nlayer \"COPY . /app\"\nlayer (size = 5)");
    let image = inventory.image.expect("an image");
    assert_eq!((image.user, image.uid), (None, Fact::Known(0)));
    assert_eq!((inventory.target.source.as_str(), inventory.target.platform.as_deref()), ("oci", Some("linux/amd64")));
    assert_eq!(inventory.layers.iter().map(|layer| (layer.index, layer.size)).collect::<Vec<_>>(), [(0, 0), (1, 5)]);
    assert_ne!(inventory.layers[0].diff_id, inventory.layers[1].diff_id);
}

#[test]
fn a_user_without_a_number_is_one_that_no_file_names() {
    let uid = |user: &str| given(&format!("image (user = \"{user}\")")).image.expect("an image").uid;
    assert_eq!([uid("1000:1000"), uid("root")], [Fact::Known(1000), Fact::Known(0)]);
    assert!(matches!(uid("app"), Fact::Unknown(_)));
}

#[test]
fn what_belongs_to_an_image_and_a_system_stands_in_it() {
    let inventory = given(
        "image \"app:1\" (created = 2026-03-01, labels = {\"a\": \"b\"}) {\n env PATH \"/bin\"\n label team.name \"x\"\n \
         history \"RUN make\" (empty_layer = true) }\nos debian \"12\" { libc glibc \"2.36\" }\n\
         file \"/bin/su\" (mode = \"4755\", os_package = \"login\")\nfile \"/bin/sh\" (target = \"dash\")",
    );
    let image = inventory.image.expect("an image");
    assert_eq!((image.labels.len(), image.env[0].name.as_str(), image.history.len()), (2, "PATH", 1));
    assert_eq!((inventory.target.reference.as_str(), image.created.as_deref()), ("app:1", Some("2026-03-01")));
    let os = inventory.os.expect("a system");
    assert_eq!((os.name.as_str(), os.libc.known().map(|libc| libc.name.as_str())), ("debian 12", Some("glibc")));
    assert!(inventory.files[0].is_setuid() && !inventory.files[1].is_world_writable());
}

#[test]
fn modules_and_distributions_at_the_top_stand_in_an_environment_of_their_own() {
    let inventory = given(
        "interpreter CPython \"3.12.1\"\nmodule shop\nenvironment \"/venv\" {\n distribution Flask_Login \"0.6\" { module flask_login }\n \
         more modules \"a hook\" }\nmore distributions \"a hook\"",
    );
    let [system, venv] = inventory.environments.as_slice() else { panic!("two environments") };
    assert_eq!((system.prefix.as_str(), system.kind, system.entry_point), ("/usr", EnvironmentKind::System, true));
    assert_eq!((system.interpreter.as_str(), venv.interpreter.as_str()), ("/usr/bin/python3.12", "/usr/bin/python3.12"));
    assert!(!system.path_complete.is_complete() && system.modules_complete.is_complete());
    assert_eq!((venv.kind, venv.modules_complete.is_complete()), (EnvironmentKind::Venv, false));
    let login = &venv.distributions[0];
    assert_eq!((login.normalized_name.as_str(), login.version.known().map(String::as_str)), ("flask-login", Some("0.6")));
    let module = &venv.modules[0];
    assert_eq!((module.owner, module.distribution.as_deref()), (Owner::Distribution, Some("Flask_Login")));
    assert_eq!(module.file.as_deref(), Some("/venv/lib/python3/site-packages/flask_login.py"));
}

#[test]
fn what_became_of_installed_files_can_be_given() {
    let inventory = given(
        "environment \"/venv\" {\n unowned \"/a\"\n distribution a (requested = true,\n \
         license = \"MIT\") { modified \"/b\" (layer = 2)\n missing \"/c\"\n more missing \"no RECORD\" }\n more unowned \"no list\" }",
    );
    let venv = inventory.environments.last().expect("an environment");
    let a = &venv.distributions[0];
    assert_eq!((venv.unowned[0].path.as_str(), a.modified[0].path.as_str(), a.modified[0].layer), ("/a", "/b", Some(2)));
    assert_eq!((a.missing[0].path.as_str(), a.license.as_deref(), &a.requested), ("/c", Some("MIT"), &Fact::Known(true)));
    assert!(a.modified_complete.is_complete() && !a.missing_complete.is_complete() && !venv.unowned_complete.is_complete());
}

#[test]
fn imports_lead_where_a_scan_would_say_they_lead() {
    let inventory = given(
        "module acme.jobs.sync {\n import pickle\n from . import models, views\n from acme.jobs.deep import x (kind = \"guarded\")\n \
         from os import path }\nmodule acme.jobs.models",
    );
    let modules = &inventory.environments[0].modules;
    let kinds: Vec<_> = modules.iter().map(|module| (module.name.as_str(), module.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("acme", ModuleKind::Package),
            ("acme.jobs", ModuleKind::Package),
            ("acme.jobs.models", ModuleKind::Source),
            ("acme.jobs.sync", ModuleKind::Source)
        ]
    );
    let mut edges = String::new();
    for edge in &modules[3].edges {
        let mark = if edge.certainty == Certainty::May { "?" } else { "" };
        let _ = write!(edges, "{}{mark} ", edge.target);
    }
    assert_eq!(
        edges,
        "acme acme acme.jobs acme.jobs acme.jobs.deep acme.jobs.deep.x? acme.jobs.models acme.jobs.views? os pickle "
    );
    let import = &modules[3].source.imports[0];
    assert_eq!((import.line, import.column, import.width, import.text.as_str()), (1, 8, 6, "import pickle"));
}

#[test]
fn what_is_computed_or_not_read_makes_imports_incomplete() {
    let inventory = given(
        "module a { import plugins.? (kind = \"function\") }\nmodule b (parses = false)\nmodule c { more imports \"exec\" }\n\
         module d (kind = \"extension\")\nmodule e { import x }",
    );
    let complete: Vec<_> =
        inventory.environments[0].modules.iter().map(|module| module.source.imports_complete.is_complete()).collect();
    assert_eq!(complete, [false, false, false, false, true]);
    assert_eq!(inventory.environments[0].modules[0].source.computed_imports[0].prefix, "plugins.");
}

#[test]
fn members_become_what_a_source_file_would_say() {
    let inventory = given(
        "module m {\n X: int = 1\n Y = \"a\"\n @cache\n async def f(a, /, b: int = None, *rest, c, **more) -> None\n \
         class C(Base, abc.ABC) {\n name: str\n self.x: int\n def run(self)\n }\n def g\n more names \"globals()\" }",
    );
    let source = &inventory.environments[0].modules[0].source;
    assert_eq!(
        source.variables.iter().map(|variable| variable.value.as_deref()).collect::<Vec<_>>(),
        [Some("1"), Some("\"a\"")]
    );
    let function = &source.functions[0];
    assert_eq!(
        (function.is_async, function.decorators[0].as_str(), function.returns.as_deref()),
        (true, "cache", Some("None"))
    );
    let kinds: Vec<_> = function.parameters.iter().map(|parameter| parameter.kind).collect();
    assert_eq!(
        kinds,
        [
            ParameterKind::PositionalOnly,
            ParameterKind::PositionalOrKeyword,
            ParameterKind::VarPositional,
            ParameterKind::KeywordOnly,
            ParameterKind::VarKeyword
        ]
    );
    let class = &source.classes[0];
    assert_eq!((class.bases.join(" ").as_str(), class.methods[0].name.as_str()), ("Base abc.ABC", "run"));
    assert_eq!((class.attributes[0].name.as_str(), class.instance_attributes[0].name.as_str()), ("name", "x"));
    assert_ne!(source.names_complete, Completeness::Complete);
    assert!(source.functions[1].line > class.instance_attributes[0].line);
}

#[test]
fn mistakes_in_facts_are_told_all_at_once() {
    insta::assert_snapshot!(mistakes(
        "distribution urllib3 \"1.26\" (editable = \"yes\", versoin = \"2\")\ninterpreter Cpython \"3.12\"\nenv A \"b\"\n\
         distributon x\nmodule m (owner = unknown) { X*: int }\nimage (user = absent, workdir = 3) { module x }\nimport x"
    ), @r#"
    error[type-mismatch]: expected `true` or `false`, found text
     --> a.douane:8:41
      |
    8 | distribution urllib3 "1.26" (editable = "yes", versoin = "2")
      |                                         ^^^^^ `editable` is of type `Bool`
      |
      = help: write `true` or `false`

    error[unknown-field]: the fact `distribution` has no field `versoin`
     --> a.douane:8:48
      |
    8 | distribution urllib3 "1.26" (editable = "yes", versoin = "2")
      |                                                ^^^^^^^ not known
      |
      = help: did you mean `version`?

    error[unknown-value]: `implementation` is never "Cpython": it is one of "CPython", "PyPy", "Pyston", "GraalPy", "Jython", "IronPython", "MicroPython", "RustPython"
     --> a.douane:9:13
      |
    9 | interpreter Cpython "3.12"
      |             ^^^^^^^ not one of these
      |
      = help: did you mean "CPython"?

    error[misplaced-fact]: the fact `env` stands in `target` or `image`
      --> a.douane:10:1
       |
    10 | env A "b"
       | ^^^ at the top, this says nothing
       |
       = help: move it

    error[unknown-fact]: there is no fact `distributon`
      --> a.douane:11:1
       |
    11 | distributon x
       | ^^^^^^^^^^^ not known
       |
       = help: did you mean `distribution`?

    error[never-unknown]: `owner` is never unknown: a scan always settles it
      --> a.douane:12:19
       |
    12 | module m (owner = unknown) { X*: int }
       |                   ^^^^^^^ cannot be unknown
       |
       = help: say what it is; what may be unknown of a `module` is `reachable`

    error[misplaced-fact]: `X*` is a pattern, and a fact has a name
      --> a.douane:12:30
       |
    12 | module m (owner = unknown) { X*: int }
       |                              ^^ holds `*`
       |
       = help: write a name

    error[type-mismatch]: expected text, found a number
      --> a.douane:13:33
       |
    13 | image (user = absent, workdir = 3) { module x }
       |                                 ^ `workdir` is of type `String?`
       |
       = help: put it in quotes

    error[misplaced-fact]: the fact `module` stands at the top or in `environment` or `distribution`
      --> a.douane:13:38
       |
    13 | image (user = absent, workdir = 3) { module x }
       |                                      ^^^^^^ in an image, this says nothing
       |
       = help: move it

    error[misplaced-fact]: an import stands in a `module`
      --> a.douane:14:1
       |
    14 | import x
       | ^^^^^^^^ at the top, this says nothing
       |
       = help: move it
    "#);
}

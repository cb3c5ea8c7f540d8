//! Which modules imports lead to from what the image starts; never what policies make of it.
//!
//! A module is reached where some statement in a module that is reached surely names it, whether that statement stands at top level or
//! in a function; what only type checkers see does not count. Where nothing surely leads to it, it is not reached only if nothing else
//! may: no import whose name is computed, no module whose imports are not known.

use std::collections::{BTreeSet, HashMap};

use smol_str::{SmolStr, format_smolstr};

use crate::{
    extract::entry_points::entry_points,
    facts::{Certainty, Completeness, Environment, Fact, ImportKind, Module, parents},
    filesystem::Tree,
    image::ImagePath,
};

use super::{context::Context, distributions::side_file, entry_point::EntryPoint, environments::FoundEnvironment};

/// What the interpreter imports by itself before anything else.
const AT_START: [&str; 7] = ["encodings", "io", "site", "sitecustomize", "usercustomize", "warnings", "zipimport"];

/// Says of every module of the environments whether imports lead to it.
pub(crate) fn reachable(tree: &Tree, context: &Context<'_>, found: &[FoundEnvironment<'_>], environments: &mut [Environment]) {
    let sure = found.iter().any(|found| found.entry_point.as_ref().is_some_and(|entry_point| entry_point.sure));
    for (found, environment) in found.iter().zip(environments) {
        match (&found.entry_point, context.image) {
            (Some(entry_point), _) if entry_point.sure => {
                let started = match &entry_point.through {
                    Some(script) => Err(format_smolstr!("`{script}` may start other programs before")),
                    None => Ok(()),
                };
                let roots = Roots::of(tree, found, environment);
                walk(environment, &roots, started.err());
            }
            (_, None) => all(environment, &Fact::Unknown("nothing says what is started there".into())),
            _ if sure => all(environment, &Fact::Known(false)),
            _ => all(environment, &Fact::Unknown("what the image starts is not known to be Python".into())),
        }
    }
}

fn all(environment: &mut Environment, reachable: &Fact<bool>) {
    environment.modules.iter_mut().for_each(|module| module.reachable = reachable.clone());
}

/// Where imports begin.
#[derive(Debug, Default)]
struct Roots {
    modules: Vec<SmolStr>,
    /// Why there may be others.
    open: Option<SmolStr>,
}

impl Roots {
    fn of(tree: &Tree, found: &FoundEnvironment<'_>, environment: &Environment) -> Self {
        let mut roots = Self { modules: AT_START.into_iter().map(SmolStr::new_static).collect(), open: None };
        let Some(entry_point) = &found.entry_point else { return roots };
        let mut words = entry_point.arguments.iter();
        let mut program = None;
        while let Some(word) = words.next() {
            match word.strip_prefix('-') {
                Some("m") => {
                    program = words.next();
                    if let Some(name) = program {
                        roots.modules.extend([SmolStr::new(name), format_smolstr!("{name}.__main__")]);
                    }
                    break;
                }
                Some(letters) if letters.ends_with('c') && !letters.starts_with('-') => {
                    roots.open = Some("the image starts code that is written in its command".into());
                    break;
                }
                Some("W" | "X") => _ = words.next(),
                Some(_) => {}
                None => {
                    program = Some(word);
                    roots.script(tree, entry_point, word, environment);
                    break;
                }
            }
        }
        if program.is_none() && roots.open.is_none() {
            roots.open = Some("Python is started without a program".into());
        }
        // Servers and task queues are told what to load: `shop.wsgi:application`.
        for word in words {
            let value = word.split_once('=').map_or(word.as_str(), |(_, value)| value);
            let name = value.split(':').next().unwrap_or_default();
            if environment.module(name).is_some() {
                roots.modules.push(name.into());
            }
        }
        roots
    }

    /// A script: the module of that file, the `__main__` of an archive or directory that is run, or what an installed program's
    /// entry point names.
    fn script(&mut self, tree: &Tree, entry_point: &EntryPoint, word: &str, environment: &Environment) {
        let name = word.rsplit('/').next().unwrap_or_default();
        let run = entry_point.script_directory.as_ref().filter(|directory| directory.file_name() == name.as_bytes());
        let main = run.map(|directory| directory.join("__main__.py"));
        let shown = entry_point.script.as_ref().or(main.as_ref()).map(ToString::to_string);
        if let Some(module) = environment.modules.iter().find(|module| shown.is_some() && module.file == shown) {
            self.modules.push(module.name.clone());
            return;
        }
        let commands = environment.distributions.iter().filter_map(|distribution| {
            let text = side_file(tree, &ImagePath::new(&distribution.location)?, "entry_points.txt")?;
            entry_points(text.as_bytes()).into_iter().find(|entry| entry.group.ends_with("_scripts") && entry.name == name)
        });
        let before = self.modules.len();
        self.modules.extend(commands.map(|entry| SmolStr::from(entry.module)));
        if self.modules.len() == before {
            self.open = Some(format_smolstr!("what `{word}` imports is not known"));
        }
    }
}

/// What is reached by now.
struct Walk<'a> {
    modules: &'a [Module],
    positions: HashMap<&'a str, usize>,
}

impl Walk<'_> {
    /// Marks a name and the packages that it lies in.
    fn reach(&self, name: &str, marks: &mut [bool], waiting: &mut Vec<usize>) {
        for loaded in parents(name).chain([name]) {
            if let Some(position) = self.positions.get(loaded).copied()
                && let Some(mark) = marks.get_mut(position).filter(|mark| !**mark)
            {
                *mark = true;
                waiting.push(position);
            }
        }
    }

    /// Marks all that is reached over sure edges, or over all; gives the places of what was waited for and of all that is new.
    fn follow(&self, marks: &mut [bool], mut waiting: Vec<usize>, all: bool) -> Vec<usize> {
        let mut reached = Vec::new();
        while let Some(position) = waiting.pop() {
            reached.push(position);
            let Some(module) = self.modules.get(position) else { continue };
            for edge in &module.edges {
                let kind = module.source.imports.get(edge.import as usize).map(|import| import.kind);
                if (all || edge.certainty == Certainty::Must) && kind != Some(ImportKind::TypeChecking) {
                    self.reach(&edge.target, marks, &mut waiting);
                }
            }
        }
        reached
    }
}

fn walk(environment: &mut Environment, roots: &Roots, open: Option<SmolStr>) {
    let modules = &environment.modules;
    let positions = modules.iter().enumerate().map(|(position, module)| (module.name.as_str(), position)).collect();
    let walk = Walk { modules, positions };
    let mut surely = vec![false; modules.len()];
    let mut waiting = Vec::new();
    roots.modules.iter().for_each(|root| walk.reach(root, &mut surely, &mut waiting));
    let reached = walk.follow(&mut surely, waiting, false);

    let mut perhaps = surely.clone();
    let mut open = roots.open.clone().or(open);
    // What computes a name may lead to every name that begins as it does, and that to more. The first of them by name is told of.
    let mut unseen: BTreeSet<usize> = walk.follow(&mut perhaps, reached, true).into_iter().collect();
    while open.is_none() {
        let Some(module) = unseen.pop_first().and_then(|position| modules.get(position)) else { break };
        match beginnings(module) {
            Err(reason) => open = Some(reason),
            Ok(beginnings) => {
                let mut waiting = Vec::new();
                for other in
                    modules.iter().filter(|other| beginnings.iter().any(|start| other.name.starts_with(start.as_str())))
                {
                    walk.reach(&other.name, &mut perhaps, &mut waiting);
                }
                unseen.extend(walk.follow(&mut perhaps, waiting, true));
            }
        }
    }
    let reached: Vec<Fact<bool>> = surely
        .iter()
        .zip(&perhaps)
        .map(|(surely, perhaps)| match (surely, perhaps, &open) {
            (true, ..) => Fact::Known(true),
            (false, _, Some(reason)) => Fact::Unknown(reason.clone()),
            (false, true, None) => Fact::Unknown("an import that leads to it may name something else".into()),
            (false, false, None) => Fact::Known(false),
        })
        .collect();
    for (module, reached) in environment.modules.iter_mut().zip(reached) {
        module.reachable = reached;
    }
}

/// What the names begin with that a module computes; why they may be any, where they may.
fn beginnings(module: &Module) -> Result<Vec<SmolStr>, SmolStr> {
    let source = &module.source;
    let mut beginnings = Vec::new();
    for import in &source.computed_imports {
        // A beginning with dots counts from the module's package: what lies in it may be meant, and the packages around it.
        let beginning = match import.prefix.strip_prefix('.') {
            Some(_) => SmolStr::new(module.name.split('.').next().unwrap_or_default()),
            None => import.prefix.clone(),
        };
        if beginning.is_empty() {
            return Err(format_smolstr!("`{}` may import anything: the name is computed on line {}", module.name, import.line));
        }
        beginnings.push(beginning);
    }
    let known = usize::from(!source.computed_imports.is_empty());
    match &source.imports_complete {
        Completeness::Incomplete(reasons) if reasons.len() > known => {
            let reason = reasons.last().map_or("", |reason| reason.as_str());
            Err(format_smolstr!("`{}` may import anything: {reason}", module.name))
        }
        _ => Ok(beginnings),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{
        extract::{FileFacts, python_facts},
        facts::{Fact, Image},
        introspect::{Context, introspect, test_tree::TestTree},
    };

    /// What is said of the modules of an image that starts so; `?` where it is not known.
    fn reached(files: &[(&str, &str)], entrypoint: &[&str]) -> BTreeMap<String, &'static str> {
        let mut tree = TestTree::new();
        tree.cpython("/usr/bin/python3.11", "3.11.2", "/usr/lib/python3.11");
        tree.symlink("/usr/bin/python3", "python3.11");
        tree.script("/usr/bin/serve", "/usr/bin/python3");
        tree.script("/run.sh", "/bin/sh");
        for (path, text) in files {
            match python_facts(text.as_bytes()) {
                FileFacts::Python(source) if path.ends_with(".py") => tree.python(path, (*source).clone()),
                _ => tree.text(path, text),
            };
        }
        let image = Image {
            entrypoint: entrypoint.iter().map(|word| (*word).to_owned()).collect(),
            workdir: Some("/srv".to_owned()),
            ..Image::default()
        };
        let context = Context { image: Some(&image), ..Context::default() };
        let environments = introspect(tree.tree(), &context).environments;
        let modules = environments.into_iter().flat_map(|environment| environment.modules);
        let own = modules.filter(|module| module.file.as_deref().is_some_and(|file| file.starts_with("/srv")));
        own.map(|module| {
            let said = match module.reachable {
                Fact::Known(true) => "yes",
                Fact::Known(false) => "no",
                _ => "?",
            };
            (module.name.to_string(), said)
        })
        .collect()
    }

    const APPLICATION: [(&str, &str); 5] = [
        ("/srv/shop/__init__.py", ""),
        ("/srv/shop/main.py", "from shop import cart\ndef later():\n    import shop.lazy\n"),
        ("/srv/shop/cart.py", "import typing\nif typing.TYPE_CHECKING:\n    import shop.unused\n"),
        ("/srv/shop/lazy.py", ""),
        ("/srv/shop/unused.py", ""),
    ];

    fn said(of: &BTreeMap<String, &'static str>) -> Vec<String> {
        of.iter().map(|(name, said)| format!("{name} {said}")).collect()
    }

    #[test]
    fn imports_are_followed_from_what_is_started() {
        let all = ["shop yes", "shop.cart yes", "shop.lazy yes", "shop.main yes", "shop.unused no"];
        assert_eq!(said(&reached(&APPLICATION, &["python3", "-m", "shop.main"])), all);
        assert_eq!(said(&reached(&APPLICATION, &["python3", "-u", "-W", "error", "-m", "shop.main"])), all);
        let cart = said(&reached(&APPLICATION, &["python3", "-m", "shop.cart"]));
        assert_eq!(cart, ["shop yes", "shop.cart yes", "shop.lazy no", "shop.main no", "shop.unused no"]);
    }

    #[test]
    fn what_a_server_is_told_to_load_is_reached() {
        let served = reached(&APPLICATION, &["serve", "--app=shop.main:application"]);
        assert_eq!((served["shop.main"], served["shop.cart"]), ("yes", "yes"));
        assert_eq!(served["shop.unused"], "?", "nothing says what the program `serve` imports");
    }

    #[test]
    fn a_computed_name_leaves_open_what_begins_like_it_or_everything() {
        let mut files = APPLICATION.to_vec();
        files[2].1 = "from importlib import import_module\nimport_module('shop.un' + name)\n";
        let begun = reached(&files, &["python3", "-m", "shop.cart"]);
        assert_eq!((begun["shop.unused"], begun["shop.lazy"]), ("?", "no"));
        files[2].1 = "__import__(name)\n";
        let any = reached(&files, &["python3", "-m", "shop.cart"]);
        assert_eq!((any["shop.cart"], any["shop.lazy"]), ("yes", "?"));
    }

    #[test]
    fn a_script_that_may_start_other_programs_leaves_the_rest_open() {
        let run = reached(&APPLICATION, &["/run.sh", "python3", "-m", "shop.cart"]);
        assert_eq!((run["shop.cart"], run["shop.main"]), ("yes", "?"));
        assert_eq!(reached(&APPLICATION, &["/gone"])["shop.cart"], "?");
    }
}

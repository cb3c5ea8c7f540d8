//! Interpreters and environments: versions, search paths, distributions, whose modules they are; never single modules.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{integrity, section::Section};
use crate::{
    facts::{
        Completeness, Distribution, Environment, EnvironmentKind, Fact, Interpreter, InterpreterSource, Linkage, Module, Owner,
    },
    report::{
        layout::{GLUE, listed_up_to},
        look::Look,
        quantity::{counted, grouped},
    },
};

/// Distributions of one environment that are named.
const MOST_DISTRIBUTIONS: usize = 40;
/// Top-level packages of the team's own that are named.
const MOST_OWN: usize = 24;
/// Hidden modules of the standard library, and hidden distributions, that are named.
const MOST_HIDDEN: usize = 12;
/// Other names of one interpreter that are named.
const MOST_ALIASES: usize = 6;

pub(super) fn write_interpreters(look: &Look, interpreters: &[Interpreter], out: &mut dyn Write) -> io::Result<()> {
    let mut section = Section::new("Interpreters");
    if interpreters.is_empty() {
        section.row("none", "there is no Python interpreter".to_owned());
    }
    for interpreter in interpreters {
        let mut facts = vec![format!("{} {}", interpreter.implementation, version(&interpreter.version))];
        if let Fact::Known(own) = &interpreter.implementation_version {
            facts.push(format!("{} {own}", interpreter.implementation));
        }
        facts.extend((interpreter.debug == Fact::Known(true)).then(|| "debug build".to_owned()));
        facts.extend((interpreter.free_threaded == Fact::Known(true)).then(|| "free-threaded".to_owned()));
        facts.push(interpreter.platform.clone());
        facts.extend(interpreter.abi.known().cloned());
        facts.extend(interpreter.libc.known().map(|libc| match &libc.version {
            Fact::Known(version) => format!("{} {version}", libc.name),
            _ => libc.name.clone(),
        }));
        facts.extend((interpreter.linkage == Fact::Known(Linkage::Shared)).then(|| "loads its library".to_owned()));
        facts.extend(source(interpreter).map(str::to_owned));
        facts.extend(interpreter.layer.map(|layer| format!("layer {layer}")));
        facts.extend(interpreter.os_package.as_ref().map(|package| format!("of package {package}")));
        facts.extend(interpreter.conda_package.as_ref().map(|package| format!("of conda package {package}")));
        section.row(&interpreter.path, facts.join(" · "));
        if !interpreter.aliases.is_empty() {
            let aliases: Vec<String> = interpreter.aliases.iter().map(|alias| short_alias(&interpreter.path, alias)).collect();
            section.row(&interpreter.path, format!("also {}", listed_up_to(&aliases, MOST_ALIASES)));
        }
    }
    section.write(look, out)
}

/// What brought an interpreter; a package of the system is named anyway.
fn source(interpreter: &Interpreter) -> Option<&'static str> {
    match interpreter.source.known()? {
        InterpreterSource::OsPackage => None,
        InterpreterSource::Conda => Some("from conda"),
        InterpreterSource::Uv => Some("from uv"),
        InterpreterSource::Pyenv => Some("from pyenv"),
        InterpreterSource::Build => Some("built from its sources"),
    }
}

/// A name in the interpreter's own directory without that directory.
fn short_alias(path: &str, alias: &str) -> String {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    match alias.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')) {
        Some(name) if !name.contains('/') => name.to_owned(),
        _ => alias.to_owned(),
    }
}

pub(super) fn write_environments(
    look: &Look,
    environments: &[Environment],
    integrity: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for environment in environments {
        let mut section = environment_section(environment);
        if integrity {
            integrity::rows(&mut section, environment);
        }
        section.write(look, out)?;
    }
    Ok(())
}

fn environment_section(environment: &Environment) -> Section {
    let kind = match environment.kind {
        EnvironmentKind::System => "the interpreter's own",
        EnvironmentKind::Venv => "virtual environment",
        EnvironmentKind::Conda => "conda environment",
    };
    let runs = if environment.entry_point { " · runs the entry point" } else { "" };
    let mut section = Section::new(format!("Environment {} · {kind}{runs}", environment.prefix));
    section.row("interpreter", &environment.interpreter);
    for directory in &environment.path {
        section.row("path", directory);
    }
    doubt(&mut section, "path", &environment.path_complete);
    section.row("distributions", distributions(&environment.distributions));
    if let Some(brought) = brought(&environment.distributions) {
        section.row("distributions", brought);
    }
    section.row("modules", modules(&environment.modules));
    doubt(&mut section, "modules", &environment.modules_complete);
    let own = own_packages(&environment.modules);
    if !own.is_empty() {
        section.row("own", listed_up_to(&own, MOST_OWN));
    }
    let shadowed = shadowed(environment);
    if !shadowed.is_empty() {
        section.row("hidden", format!("of the distributions: {}", listed_up_to(&shadowed, MOST_HIDDEN)));
    }
    let hidden = hidden_from_the_library(&environment.modules);
    if !hidden.is_empty() {
        section.row("hidden", format!("of the standard library: {}", listed_up_to(&hidden, MOST_HIDDEN)));
    }
    section
}

fn doubt(section: &mut Section, name: &str, completeness: &Completeness) {
    if let Completeness::Incomplete(reasons) = completeness {
        for reason in reasons {
            section.row(name, format!("perhaps not all: {reason}"));
        }
    }
}

fn version(version: &Fact<String>) -> &str {
    version.known().map_or("of unknown version", String::as_str)
}

/// `46: Django 4.2.1, numpy 1.26.4 and 6 more`.
fn distributions(distributions: &[Distribution]) -> String {
    if distributions.is_empty() {
        return "none".to_owned();
    }
    let mut sorted: Vec<_> = distributions.iter().collect();
    sorted.sort_by(|left, right| left.normalized_name.cmp(&right.normalized_name));
    let names: Vec<String> = sorted
        .into_iter()
        .map(|distribution| {
            let editable = if distribution.editable { "\u{a0}(editable)" } else { "" };
            let version = distribution.version.known().map_or("?", String::as_str);
            format!("{}{GLUE}{version}{editable}", distribution.name)
        })
        .collect();
    format!("{}: {}", names.len(), listed_up_to(&names, MOST_DISTRIBUTIONS))
}

/// Who brought a distribution: a package manager, an installer, or somebody who left no word.
fn bringer(distribution: &Distribution) -> String {
    match (&distribution.os_package, &distribution.conda_package, &distribution.installer) {
        (Some(_), ..) => "packages of the system".to_owned(),
        (None, Some(_), None) => "conda".to_owned(),
        (.., Some(installer)) => installer.clone(),
        (None, None, None) => "nobody who says so".to_owned(),
    }
}

/// `17 by packages of the system and 3 by pip`; nothing where one installer brought all.
fn brought(distributions: &[Distribution]) -> Option<String> {
    let mut bringers: BTreeMap<String, usize> = BTreeMap::new();
    for distribution in distributions {
        *bringers.entry(bringer(distribution)).or_default() += 1;
    }
    let told: Vec<String> = bringers.iter().map(|(bringer, number)| format!("{} by {bringer}", grouped(*number))).collect();
    (told.len() > 1).then(|| listed_up_to(&told, MOST_ALIASES))
}

/// Distributions that others of their names hide, each with the one that is found: `click 8.1.3 (package python3-click) by click 8.1.7 (pip)`.
fn shadowed(environment: &Environment) -> Vec<String> {
    let told = |distribution: &Distribution| {
        let whose = match &distribution.os_package {
            Some(package) => format!("package{GLUE}{package}"),
            None => bringer(distribution),
        };
        format!("{}{GLUE}{}{GLUE}({whose})", distribution.name, version(&distribution.version))
    };
    let hiding = |hidden: &Distribution| {
        environment.distributions.iter().find(|distribution| distribution.normalized_name == hidden.normalized_name)
    };
    let pairs = environment.shadowed.iter().map(|hidden| match hiding(hidden) {
        Some(found) => format!("{} by {}", told(hidden), told(found)),
        None => told(hidden),
    });
    pairs.collect()
}

/// `5,210 modules: 3,500 of distributions, 1,594 of the standard library, 116 own`.
fn modules(modules: &[Module]) -> String {
    let number = |owner: Owner| modules.iter().filter(|module| module.owner == owner).count();
    let owners = [
        (Owner::Stdlib, "of the standard library"),
        (Owner::Distribution, "of distributions"),
        (Owner::OsPackage, "of system packages"),
        (Owner::CondaPackage, "of conda packages"),
        (Owner::Own, "own"),
    ];
    let shares: Vec<String> = owners
        .into_iter()
        .map(|(owner, words)| (number(owner), words))
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{} {words}", grouped(number)))
        .collect();
    let broken = modules.iter().filter(|module| module.source.error.is_some()).count();
    let computed = modules.iter().filter(|module| !module.source.computed_imports.is_empty()).count();
    let mut text = counted(modules.len(), "module");
    if !shares.is_empty() {
        text = format!("{text}: {}", shares.join(", "));
    }
    if broken > 0 {
        text = format!("{text} · {} not parse", if broken == 1 { "1 does".to_owned() } else { format!("{broken} do") });
    }
    if computed > 0 {
        let verb = if computed == 1 { "imports a computed name" } else { "import computed names" };
        text = format!("{text} · {computed} {verb}");
    }
    text
}

/// The top-level names of the team's own code with how many modules each holds: `shop (120)`.
fn own_packages(modules: &[Module]) -> Vec<String> {
    let mut packages: BTreeMap<&str, usize> = BTreeMap::new();
    for module in modules.iter().filter(|module| module.owner == Owner::Own) {
        let top = module.name.split('.').next().unwrap_or_default();
        *packages.entry(top).or_default() += 1;
    }
    packages
        .into_iter()
        .map(|(name, number)| if number == 1 { name.to_owned() } else { format!("{name}{GLUE}({number})") })
        .collect()
}

/// The modules of the standard library that are never found, each with what is found for it: `random (/srv/app/random.py)`.
fn hidden_from_the_library(modules: &[Module]) -> Vec<String> {
    let hiding = modules.iter().filter(|module| module.shadows_stdlib());
    hiding.map(|module| format!("{}{GLUE}({})", module.name, module.file.as_deref().unwrap_or_default())).collect()
}

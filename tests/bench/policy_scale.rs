//! What evaluating policies costs, by rules, modules and imports: `policy_scale KIND RULES MODULES IMPORTS [TANGLED]`.
//!
//! Modules lie in packages of twenty, and import downwards and inside of their package, so that most rules hold. KIND is one of
//! - `direct`, `own`, `chain`, `own-chain`, `layers`, `independent`, `acyclic`: rules of one sort, `mixed`: of all of these in turn;
//! - `failing`: chains of which nearly all are there; `everything`: `own ->* X` for a module that every one of them reaches, best with
//!   TANGLED, and most of their findings are counted rather than told;
//! - `computed`, `computed-prefix`: `mixed`, where one module of twenty has a computed import, of which nothing is known or how it begins;
//! - `structure`: contracts on the names of every module, most of which are kept.
//!
//! TANGLED is how many imports of a thousand go anywhere, and make cycles across packages. It prints one line: what was asked, seconds to
//! compile and to evaluate (on a shared machine those of processors tell more), violations, and the peak of memory.

use std::{env, error::Error, fmt::Write as _, fs, io, io::Write as _, sync::Arc, time::Instant};

use douane::{
    facts::{
        Certainty, Class, Completeness, ComputedImport, Environment, EnvironmentKind, Fact, Function, Import, ImportEdge,
        ImportKind, Inventory, Module, ModuleKind, Owner, Parameter, ParameterKind, PythonSource, SCHEMA_VERSION, Target,
        Variable,
    },
    policy::{PolicyText, compile},
};

/// Modules of a package, half of them in each of its two layers.
const PACKAGE: usize = 20;
/// Of so many modules one has a computed import, where any has.
const COMPUTED: usize = 20;

/// Numbers that look like chance and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

fn name(module: usize) -> String {
    let (package, inside) = (module / PACKAGE, module % PACKAGE);
    let layer = if inside < PACKAGE / 2 { "high" } else { "low" };
    match inside {
        0 => format!("corp.p{package:05}"),
        1 => format!("corp.p{package:05}.high"),
        10 => format!("corp.p{package:05}.low"),
        _ => format!("corp.p{package:05}.{layer}.m{inside:02}"),
    }
}

/// How modules are made.
struct Shape<'s> {
    kind: &'s str,
    modules: usize,
    /// Of each module.
    imports: usize,
    tangled: usize,
}

fn module(number: usize, shape: &Shape<'_>, chance: &mut Chance) -> Module {
    let &Shape { kind, modules, imports, tangled } = shape;
    let first = number / PACKAGE * PACKAGE;
    let mut source = PythonSource::default();
    let mut edges = Vec::new();
    for _ in 0..imports {
        let target = match chance.below(1000) {
            roll if roll < tangled => chance.below(modules),
            // Inside of the package: neighbours in the same layer, which makes small cycles.
            roll if roll < 300 => first + (number % PACKAGE) / 10 * 10 + 2 + chance.below(8),
            // Most imports go to packages near by, and always downwards.
            roll if roll < 900 => first + PACKAGE + chance.below(50 * PACKAGE),
            _ => number + PACKAGE + chance.below(modules),
        };
        if target >= modules || target == number {
            continue;
        }
        let target = name(target);
        let import = source.imports.len() as u32;
        for end in target.match_indices('.').map(|(at, _)| at).chain([target.len()]) {
            let loaded = target.get(..end).unwrap_or_default();
            edges.push(ImportEdge { target: loaded.into(), import, certainty: Certainty::Must });
        }
        source.imports.push(Import {
            target: target.into(),
            names: Vec::new(),
            bound: Vec::new(),
            level: 0,
            line: import + 1,
            column: 1,
            width: 1,
            kind: if chance.below(20) == 0 { ImportKind::TypeChecking } else { ImportKind::TopLevel },
            text: "".into(),
        });
    }
    edges.sort();
    edges.dedup();
    match kind {
        "computed" if number % COMPUTED == 7 => compute(&mut source, String::new()),
        "computed-prefix" if number % COMPUTED == 7 => {
            let package = chance.below(modules / PACKAGE);
            let inside = ["", ".high", ".low.m1"].get(number / COMPUTED % 3).copied().unwrap_or_default();
            compute(&mut source, format!("corp.p{package:05}{inside}"));
        }
        "structure" => structure(&mut source, number, imports as u32),
        _ => {}
    }
    Module {
        name: name(number).into(),
        kind: ModuleKind::Source,
        file: Some(format!("/app/{number}.py")),
        owner: if number.is_multiple_of(3) { Owner::Own } else { Owner::Distribution },
        distribution: None,
        layer: Some(1),
        shadows: Vec::new(),
        reachable: Fact::Absent,
        vendored: None,
        source: Arc::new(source),
        edges,
    }
}

/// Adds an import whose target is computed, and begins so.
fn compute(source: &mut PythonSource, prefix: String) {
    source.computed_imports.push(ComputedImport { prefix: prefix.into(), line: 90, column: 1, width: 1, text: "".into() });
    source.imports_complete = Completeness::Incomplete(vec!["an import is computed on line 90".into()]);
}

fn function(name: &str, parameters: &[&str], line: u32) -> Function {
    let parameter = |name: &&str| Parameter {
        name: (*name).into(),
        kind: ParameterKind::PositionalOrKeyword,
        annotation: (*name != "self").then(|| "dict[str, str]".into()),
        default: None,
    };
    Function {
        name: name.into(),
        parameters: parameters.iter().map(parameter).collect(),
        returns: Some("None".into()),
        decorators: Vec::new(),
        is_async: false,
        line,
        conditional: false,
    }
}

fn class(name: &str, bases: &[&str], line: u32) -> Class {
    let methods = (0..8).map(|number| function(&format!("method_{number}"), &["self", "config"], line + 1 + number));
    Class {
        name: name.into(),
        bases: bases.iter().map(|base| (*base).into()).collect(),
        metaclass: None,
        decorators: Vec::new(),
        methods: methods.collect(),
        classes: Vec::new(),
        attributes: Vec::new(),
        instance_attributes: Vec::new(),
        instance_attributes_complete: Completeness::Complete,
        alternatives: Vec::new(),
        line,
        conditional: false,
    }
}

/// Fills a module: its package's first one defines a base, from which the classes of the others derive.
fn structure(source: &mut PythonSource, number: usize, line: u32) {
    let package = format!("corp.p{:05}", number / PACKAGE);
    if !number.is_multiple_of(PACKAGE) {
        source.imports.push(Import {
            target: package.into(),
            names: vec!["Base".into()],
            bound: Vec::new(),
            level: 0,
            line,
            column: 1,
            width: 1,
            kind: ImportKind::TopLevel,
            text: "".into(),
        });
    }
    let bases: &[&str] = if number.is_multiple_of(PACKAGE) { &[] } else { &["Base"] };
    let names = ["Base", "Reader", "Writer", "OrderPlugin"];
    source.classes =
        names.iter().zip(0..).map(|(name, at)| class(name, if at == 0 { &[] } else { bases }, line + 10 + at * 10)).collect();
    if !bases.is_empty() {
        source.classes.remove(0);
    }
    source.functions = (0..12).map(|at| function(&format!("helper_{at}"), &["config"], line + 60 + at)).collect();
    source.functions.push(function("initialize", &["config"], line + 80));
    let variable = |name: &str, value: &str| Variable {
        name: name.into(),
        annotation: None,
        value: Some(value.into()),
        line: line + 1,
        conditional: false,
    };
    source.variables = vec![variable("API_VERSION", "2"), variable("logger", "logging.getLogger(__name__)")];
}

fn inventory(shape: &Shape<'_>) -> Inventory {
    let mut chance = Chance(7);
    let mut all: Vec<Module> = (0..shape.modules).map(|number| module(number, shape, &mut chance)).collect();
    all.sort_by(|left, right| left.name.cmp(&right.name));
    Inventory {
        schema_version: SCHEMA_VERSION,
        target: Target { reference: "synthetic".into(), ..Target::default() },
        environments: vec![Environment {
            interpreter: "/usr/bin/python3".into(),
            prefix: "/usr".into(),
            kind: EnvironmentKind::System,
            entry_point: true,
            path: Vec::new(),
            path_complete: Completeness::Complete,
            distributions: Vec::new(),
            modules: all,
            ..Environment::default()
        }],
        ..Inventory::default()
    }
}

/// A rule that mostly holds: what is named as imported lies above what is named as importing.
fn clause(kind: &str, number: usize, packages: usize, chance: &mut Chance) -> String {
    let low = chance.below(packages);
    let high = chance.below(low.max(1));
    let fails = chance.below(1000) == 0 || kind == "failing";
    let (from, to) = if fails { (high, low) } else { (low, high) };
    let except =
        if chance.below(10) == 0 { format!(" except corp.p{from:05}.high -> corp.p{to:05}.low") } else { String::new() };
    let ignoring = if chance.below(4) == 0 { " ignoring {type_checking}" } else { "" };
    match kind {
        "direct" => format!("forbid import corp.p{from:05}.** -> corp.p{to:05}.**{except}{ignoring}"),
        "own" => format!("forbid import own -> lib{number}.**{ignoring}"),
        "chain" | "failing" => {
            let via = chance.below(packages);
            format!("forbid import corp.p{from:05}.** ->* corp.p{to:05}.** via corp.p{via:05}.**{except}{ignoring}")
        }
        "own-chain" => format!("forbid import own ->* corp.p{:05}.high via corp.p{low:05}.low.**", number % 3),
        "everything" => format!("forbid import own ->* corp.p{low:05}.low.m{:02}{ignoring}", 12 + number % 8),
        "structure" => {
            let versions = if number.is_multiple_of(2) { "API_VERSION: int = 2\n    " } else { "" };
            let base = if number.is_multiple_of(3) { "(corp.p00000.Base)" } else { "" };
            format!(
                "every module corp.**.m* has {{\n    {versions}def initialize(config: dict[str, str]) -> None\n    \
                 class *Plugin{base} {{\n      def method_7(self, config: dict[str, str])\n    }}\n  }}"
            )
        }
        "layers" => format!("layers in corp.p{low:05} {{ high > low }}{ignoring}"),
        "independent" => format!("independent {{corp.p{low:05}.high, corp.p{low:05}.low}}{ignoring}"),
        "acyclic" => format!("acyclic {{corp.p{from:05}, corp.p{to:05}.high.m02}}{ignoring}"),
        _ => {
            let kinds = ["direct", "own", "chain", "layers", "independent", "acyclic"];
            clause(kinds.get(number % kinds.len()).copied().unwrap_or("direct"), number, packages, chance)
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (Some(kind), Some(rules), Some(modules), Some(imports)) =
        (arguments.first(), arguments.get(1), arguments.get(2), arguments.get(3))
    else {
        return Err("policy_scale KIND RULES MODULES IMPORTS [TANGLED]".into());
    };
    let (rules, modules, imports): (usize, usize, usize) = (rules.parse()?, modules.parse()?, imports.parse()?);
    let tangled = arguments.get(4).map_or(Ok(0), |tangled| tangled.parse())?;
    let inventory = inventory(&Shape { kind, modules, imports: imports / modules.max(1), tangled });
    let mut chance = Chance(11);
    let mut text = String::from("edition 1\npackage scale\n");
    for number in 0..rules {
        let clause = clause(kind, number, modules / PACKAGE, &mut chance);
        writeln!(text, "rule r{number} error \"t\" {{\n  {clause}\n}}")?;
    }
    let before = peak();
    let start = Instant::now();
    let compiled = compile(&[PolicyText { name: "scale.douane".into(), text }], &[])
        .map_err(|errors| errors.first().map_or(String::new(), |error| error.message.clone()))?;
    let compiling = start.elapsed().as_secs_f64();
    let (start, used) = (Instant::now(), processor());
    let evaluation = compiled.evaluate(&inventory, jiff::civil::date(2026, 11, 1));
    let (evaluating, used) = (start.elapsed().as_secs_f64(), processor() - used);
    let told: usize = evaluation.rules.iter().map(|rule| rule.violations.len()).sum();
    let violations: u64 = evaluation.rules.iter().flat_map(|rule| &rule.violations).map(|violation| violation.stands_for).sum();
    let edges: usize = inventory.environments.iter().flat_map(|all| &all.modules).map(|module| module.edges.len()).sum();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{kind:<12} {rules:>6} rules {modules:>7} modules {imports:>8} imports ({edges} edges, {tangled} of 1000 tangled): compile \
         {compiling:.2} s, evaluate {evaluating:.3} s ({used:.2} s of processors), {violations} violations ({told} told), peak {} MiB of which facts {before}",
        peak()
    )?;
    Ok(())
}

/// Seconds of processors used so far, where the system tells them.
fn processor() -> f64 {
    let status = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = status.rsplit_once(')').map_or("", |(_, after)| after);
    after.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The peak of memory in MiB, where the system tells it.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
}

//! The modules that `--modules` asked for, with their imports; never their structure, which the JSON has.

use std::io::{self, Write};

use crate::{
    facts::{Environment, Import, ImportKind, Module, ModuleKind},
    report::{
        layout::wrap,
        look::{Look, paint},
        module_pattern::ModulePattern,
        quantity::counted,
        sanitise::sanitise,
    },
};

pub(super) fn write(
    look: &Look,
    environments: &[Environment],
    patterns: &[ModulePattern],
    out: &mut dyn Write,
) -> io::Result<()> {
    for environment in environments {
        let asked = |module: &&Module| patterns.iter().any(|pattern| pattern.matches(&module.name));
        let modules: Vec<&Module> = environment.modules.iter().filter(asked).collect();
        let title = format!("Modules of {}", sanitise(&environment.prefix));
        let number = format!(" · {} of {}", modules.len(), counted(environment.modules.len(), "module"));
        writeln!(out, "\n{}{}", paint(look.palette.strong, title), paint(look.palette.dim, number))?;
        for module in modules {
            write_module(look, module, out)?;
        }
    }
    Ok(())
}

fn write_module(look: &Look, module: &Module, out: &mut dyn Write) -> io::Result<()> {
    let kind = match module.kind {
        ModuleKind::Package => "package",
        ModuleKind::Source => "source",
        ModuleKind::Extension => "extension",
        ModuleKind::Bytecode => "bytecode",
        ModuleKind::Namespace => "namespace",
        ModuleKind::Builtin => "builtin",
    };
    let layer = module.layer.map(|layer| format!("layer {layer}"));
    let mut facts = vec![kind.to_owned()];
    facts.extend([&module.file, &module.distribution].into_iter().flatten().cloned());
    facts.extend(layer);
    let facts = sanitise(&facts.join(" · ")).into_owned();
    writeln!(out, "  {}  {}", sanitise(&module.name), paint(look.palette.dim, facts))?;
    if !module.shadows.is_empty() {
        let paths: Vec<&str> = module.shadows.iter().map(|shadowed| shadowed.path.as_str()).collect();
        let hides = sanitise(&format!("hides {}", paths.join(", "))).into_owned();
        writeln!(out, "    {}", paint(look.palette.dim, hides))?;
    }
    for import in &module.source.imports {
        write_import(look, import.line, &described(import), out)?;
    }
    for computed in &module.source.computed_imports {
        let prefix = if computed.prefix.is_empty() { String::new() } else { format!(" beginning with `{}`", computed.prefix) };
        write_import(look, computed.line, &format!("a computed name{prefix}"), out)?;
    }
    if let Some(error) = &module.source.error {
        write_import(look, error.line, &format!("does not parse: {}", error.message), out)?;
    }
    Ok(())
}

fn write_import(look: &Look, line: u32, text: &str, out: &mut dyn Write) -> io::Result<()> {
    for (index, part) in wrap(&sanitise(text), look.width.saturating_sub(12).max(30)).iter().enumerate() {
        match index {
            0 => writeln!(out, "  {}  {part}", paint(look.palette.gutter, format!("{line:>7}")))?,
            _ => writeln!(out, "{}{part}", " ".repeat(13))?,
        }
    }
    Ok(())
}

/// `django.db: models, connection (in a function)`.
fn described(import: &Import) -> String {
    let dots = ".".repeat(import.level as usize);
    let names = if import.names.is_empty() { String::new() } else { format!(": {}", import.names.join(", ")) };
    let kind = match import.kind {
        ImportKind::TopLevel => "",
        ImportKind::Conditional => " (conditional)",
        ImportKind::Guarded => " (guarded)",
        ImportKind::Function => " (in a function)",
        ImportKind::TypeChecking => " (type checking only)",
        ImportKind::Dynamic => " (dynamic)",
    };
    format!("{dots}{}{names}{kind}", import.target)
}

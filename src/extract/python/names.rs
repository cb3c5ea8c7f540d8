//! What names are bound to in one file, without regard to scope; never a value that another binding could change.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::{
    Alias, ExceptHandler, Expr, ExprContext, Parameter, Pattern, Stmt, StmtImportFrom,
    visitor::{self, Visitor},
};

/// The functions that import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Importer {
    /// `importlib.import_module(name, package=None)`
    ImportModule,
    /// `__import__(name, globals, locals, fromlist, level)`
    DunderImport,
    /// `runpy.run_module(name)`
    RunModule,
    /// `pkgutil.resolve_name(name)`
    ResolveName,
    /// `importlib.util.spec_from_file_location(name, file)`
    FromFile,
}

/// Every binding of one name in the file.
#[derive(Debug, Default)]
pub(super) struct Bindings<'a> {
    /// The values of plain assignments.
    pub values: Vec<&'a Expr>,
    /// Whether something else binds it too: a parameter, a loop, an import, `+=`, `del`.
    pub opaque: bool,
    /// Whether its value may be changed in place.
    pub mutated: bool,
}

/// The names of one file that matter to dynamic imports.
#[derive(Debug)]
pub(super) struct Names<'a> {
    importlib: HashSet<&'a str>,
    builtins: HashSet<&'a str>,
    importers: HashMap<&'a str, Importer>,
    bindings: HashMap<&'a str, Bindings<'a>>,
}

impl<'a> Names<'a> {
    /// Walks the whole file once.
    pub(super) fn collect(body: &'a [Stmt]) -> Self {
        let mut names = Self {
            importlib: HashSet::from(["importlib"]),
            builtins: HashSet::from(["builtins", "__builtin__", "__builtins__"]),
            importers: HashMap::from([("__import__", Importer::DunderImport)]),
            bindings: HashMap::new(),
        };
        names.visit_body(body);
        names
    }

    /// The import function that `expression` names.
    pub(super) fn importer(&self, expression: &Expr) -> Option<Importer> {
        match expression {
            Expr::Name(name) => self.importers.get(name.id.as_str()).copied(),
            Expr::Attribute(attribute) => {
                if attribute.attr.id == "spec_from_file_location" {
                    return Some(Importer::FromFile);
                }
                let Expr::Name(owner) = attribute.value.as_ref() else { return None };
                let owner = owner.id.as_str();
                match attribute.attr.id.as_str() {
                    "import_module" if self.importlib.contains(owner) => Some(Importer::ImportModule),
                    "run_module" if owner == "runpy" => Some(Importer::RunModule),
                    "resolve_name" if owner == "pkgutil" => Some(Importer::ResolveName),
                    "__import__" if self.importlib.contains(owner) || self.builtins.contains(owner) => {
                        Some(Importer::DunderImport)
                    }
                    _ => None,
                }
            }
            Expr::Subscript(subscript) => {
                let (Expr::Name(owner), Expr::StringLiteral(key)) = (subscript.value.as_ref(), subscript.slice.as_ref()) else {
                    return None;
                };
                (self.builtins.contains(owner.id.as_str()) && key.value.to_str() == "__import__")
                    .then_some(Importer::DunderImport)
            }
            _ => None,
        }
    }

    /// Whether a statement only gives an import function another name, which [`Self::importer`] then knows.
    pub(super) fn is_alias(&self, statement: &Stmt) -> bool {
        let Stmt::Assign(assign) = statement else { return false };
        assign.targets.iter().all(Expr::is_name_expr) && self.importer(&assign.value).is_some()
    }

    /// Every binding of `name`.
    pub(super) fn bindings(&self, name: &str) -> Option<&Bindings<'a>> {
        self.bindings.get(name)
    }

    /// The one value that `name` always has.
    pub(super) fn constant(&self, name: &str) -> Option<&'a Expr> {
        let bindings = self.bindings.get(name)?;
        match bindings.values.as_slice() {
            [value] if !bindings.opaque && !bindings.mutated => Some(value),
            _ => None,
        }
    }

    fn opaque(&mut self, name: &'a str) {
        self.bindings.entry(name).or_default().opaque = true;
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        match target {
            Expr::Name(name) => {
                let name = name.id.as_str();
                if let Some(importer) = self.importer(value) {
                    self.importers.insert(name, importer);
                }
                self.bindings.entry(name).or_default().values.push(value);
            }
            _ => self.visit_expr(target),
        }
    }

    fn mutates(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression {
            self.bindings.entry(name.id.as_str()).or_default().mutated = true;
        }
    }

    fn import_from(&mut self, import: &'a StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |module| module.id.as_str());
        for Alias { name, asname, .. } in &import.names {
            let bound = asname.as_ref().unwrap_or(name).id.as_str();
            match name.id.as_str() {
                // Also re-exported by compatibility modules.
                "import_module" => _ = self.importers.insert(bound, Importer::ImportModule),
                "__import__" => _ = self.importers.insert(bound, Importer::DunderImport),
                "run_module" if module == "runpy" => _ = self.importers.insert(bound, Importer::RunModule),
                "resolve_name" if module == "pkgutil" => _ = self.importers.insert(bound, Importer::ResolveName),
                "spec_from_file_location" => _ = self.importers.insert(bound, Importer::FromFile),
                "importlib" => _ = self.importlib.insert(bound),
                "*" if module == "importlib" => _ = self.importers.insert("import_module", Importer::ImportModule),
                _ => {}
            }
            self.opaque(bound);
        }
    }
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                self.visit_expr(&assign.value);
                assign.targets.iter().for_each(|target| self.assign(target, &assign.value));
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                    self.assign(&assign.target, value);
                }
            }
            Stmt::AugAssign(assign) => {
                self.mutates(&assign.target);
                visitor::walk_stmt(self, statement);
            }
            Stmt::Import(import) => {
                for Alias { name, asname, .. } in &import.names {
                    let first = name.id.as_str().split('.').next().unwrap_or_default();
                    let bound = asname.as_ref().map_or(first, |asname| asname.id.as_str());
                    match name.id.as_str() {
                        "importlib" => _ = self.importlib.insert(bound),
                        "builtins" | "__builtin__" => _ = self.builtins.insert(bound),
                        _ => {}
                    }
                    self.opaque(bound);
                }
            }
            Stmt::ImportFrom(import) => self.import_from(import),
            _ => {
                match statement {
                    Stmt::FunctionDef(function) => self.opaque(function.name.id.as_str()),
                    Stmt::ClassDef(class) => self.opaque(class.name.id.as_str()),
                    _ => {}
                }
                visitor::walk_stmt(self, statement);
            }
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx != ExprContext::Load => self.opaque(name.id.as_str()),
            Expr::Subscript(subscript) if subscript.ctx != ExprContext::Load => self.mutates(&subscript.value),
            Expr::Call(call) => {
                if let Expr::Attribute(method) = call.func.as_ref()
                    && is_mutating(method.attr.id.as_str())
                {
                    self.mutates(&method.value);
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.opaque(parameter.name.id.as_str());
        visitor::walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.opaque(name.id.as_str());
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let bound = match pattern {
            Pattern::MatchStar(star) => star.name.as_ref(),
            Pattern::MatchAs(capture) => capture.name.as_ref(),
            Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = bound {
            self.opaque(name.id.as_str());
        }
        visitor::walk_pattern(self, pattern);
    }
}

/// Methods that change a list, set or dictionary in place.
fn is_mutating(method: &str) -> bool {
    matches!(
        method,
        "append"
            | "extend"
            | "insert"
            | "add"
            | "update"
            | "setdefault"
            | "pop"
            | "popitem"
            | "remove"
            | "discard"
            | "clear"
            | "intersection_update"
            | "difference_update"
            | "symmetric_difference_update"
    )
}

/// Whether anything in `body` binds `name` (again).
pub(super) fn binds(body: &[Stmt], name: &str) -> bool {
    Names::collect(body).bindings.contains_key(name)
}

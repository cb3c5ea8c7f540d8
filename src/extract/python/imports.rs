//! Imports of one syntax tree: statements and, where the source names the import functions, their calls; never what a name resolves to.

use memchr::memmem;
use ruff_python_ast::{
    Alias, Expr, Stmt, StmtFor, StmtImport, StmtImportFrom, StmtTry,
    visitor::{self, Visitor},
};
use ruff_text_size::{Ranged, TextRange, TextSize};
use smol_str::SmolStr;

use super::{
    context::{Branches, Context, catches_import_error, suppresses_import_error},
    dynamic::Dynamic,
    lines::Lines,
};
use crate::facts::{ComputedImport, Import};

/// Everything that a tree imports, in source order.
pub(super) struct Imports {
    pub statements_and_literals: Vec<Import>,
    pub computed: Vec<ComputedImport>,
}

/// Reads the imports of `body` that end before `end`.
pub(super) fn imports(body: &[Stmt], lines: &Lines<'_>, end: TextSize) -> Imports {
    let mut walk = Walk {
        lines,
        end,
        imports: Vec::new(),
        aliases: Vec::new(),
        dynamic: calls_are_possible(lines).then(|| Dynamic::new(body, lines, end)),
    };
    walk.body(body, Context::default());
    let Walk { mut imports, dynamic, .. } = walk;
    let mut computed = Vec::new();
    if let Some(found) = dynamic {
        imports.extend(found.imports);
        imports.sort_by_key(|import| (import.line, import.column));
        computed = found.computed;
        computed.sort_by_key(|import| (import.line, import.column));
    }
    Imports { statements_and_literals: imports, computed }
}

/// Whether the text can name an import function at all. Identifiers are normalised (NFKC), so only an ASCII text is sure not to.
fn calls_are_possible(lines: &Lines<'_>) -> bool {
    let bytes = lines.text().as_bytes();
    const WORDS: [&str; 5] = ["import_module", "__import__", "run_module", "resolve_name", "spec_from_file_location"];
    !lines.is_ascii() || WORDS.iter().any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}

/// The names of one import, as the facts have them.
struct Names {
    taken: Vec<SmolStr>,
    bound: Vec<SmolStr>,
}

/// The one walk over the statements.
struct Walk<'a, 't> {
    lines: &'t Lines<'t>,
    end: TextSize,
    imports: Vec<Import>,
    /// Names that stand for `typing.TYPE_CHECKING`.
    aliases: Vec<&'a str>,
    dynamic: Option<Dynamic<'a, 't>>,
}

impl<'a> Walk<'a, '_> {
    fn body(&mut self, body: &'a [Stmt], context: Context) {
        for statement in body {
            // What comes after the first error may be the parser's invention.
            if statement.start() >= self.end {
                break;
            }
            self.statement(statement, context);
        }
    }

    fn statement(&mut self, statement: &'a Stmt, context: Context) {
        match statement {
            Stmt::Import(import) => self.import(import, context),
            Stmt::ImportFrom(import) => self.import_from(import, context),
            Stmt::FunctionDef(function) => {
                self.header(statement);
                self.body(&function.body, context.function());
            }
            Stmt::ClassDef(class) => {
                self.header(statement);
                self.body(&class.body, context);
            }
            Stmt::If(branching) => {
                let mut branches = Branches::new(context);
                self.expression(&branching.test);
                let inside = branches.branch(Some(&branching.test), &self.aliases);
                self.body(&branching.body, inside);
                for clause in &branching.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.expression(test);
                    }
                    let inside = branches.branch(clause.test.as_ref(), &self.aliases);
                    self.body(&clause.body, inside);
                }
            }
            Stmt::Try(attempt) => self.attempt(attempt, context),
            Stmt::For(repetition) => self.repetition(repetition, context),
            Stmt::While(repetition) => {
                self.expression(&repetition.test);
                self.body(&repetition.body, context.conditional());
                self.body(&repetition.orelse, context.conditional());
            }
            Stmt::With(with) => {
                for item in &with.items {
                    self.expression(&item.context_expr);
                }
                let inside = if suppresses_import_error(&with.items) { context.guarded() } else { context };
                self.body(&with.body, inside);
            }
            Stmt::Match(branching) => {
                self.expression(&branching.subject);
                for case in &branching.cases {
                    if let Some(guard) = &case.guard {
                        self.expression(guard);
                    }
                    self.body(&case.body, context.conditional());
                }
            }
            _ => {
                if let Some(dynamic) = &mut self.dynamic {
                    dynamic.visit_stmt(statement);
                }
            }
        }
    }

    fn expression(&mut self, expression: &'a Expr) {
        if let Some(dynamic) = &mut self.dynamic {
            dynamic.visit_expr(expression);
        }
    }

    /// Decorators, parameters, annotations and bases: all but the body.
    fn header(&mut self, statement: &'a Stmt) {
        let Some(dynamic) = &mut self.dynamic else { return };
        match statement {
            Stmt::FunctionDef(function) => {
                function.decorator_list.iter().for_each(|decorator| dynamic.visit_decorator(decorator));
                visitor::walk_parameters(dynamic, &function.parameters);
            }
            Stmt::ClassDef(class) => {
                class.decorator_list.iter().for_each(|decorator| dynamic.visit_decorator(decorator));
                class.arguments.iter().for_each(|arguments| dynamic.visit_arguments(arguments));
            }
            _ => {}
        }
    }

    fn attempt(&mut self, attempt: &'a StmtTry, context: Context) {
        let guarded = catches_import_error(&attempt.handlers);
        self.body(&attempt.body, if guarded { context.guarded() } else { context });
        for ruff_python_ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
            if let Some(exception) = &handler.type_ {
                self.expression(exception);
            }
            self.body(&handler.body, if guarded { context.guarded() } else { context.conditional() });
        }
        self.body(&attempt.orelse, context.conditional());
        self.body(&attempt.finalbody, context);
    }

    fn repetition(&mut self, repetition: &'a StmtFor, context: Context) {
        self.expression(&repetition.iter);
        let entered = self.dynamic.as_mut().map(|dynamic| dynamic.enter_loop(repetition));
        self.body(&repetition.body, context.conditional());
        if let (Some(dynamic), Some(entered)) = (&mut self.dynamic, entered) {
            dynamic.leave_loop(entered);
        }
        self.body(&repetition.orelse, context.conditional());
    }

    fn import(&mut self, import: &'a StmtImport, context: Context) {
        for alias in &import.names {
            let bound = alias.asname.iter().map(|asname| SmolStr::new(asname.id.as_str())).collect();
            self.push(alias.name.id.as_str(), Names { taken: Vec::new(), bound }, 0, alias.name.range, context);
        }
    }

    fn import_from(&mut self, import: &'a StmtImportFrom, context: Context) {
        for Alias { name, asname, .. } in &import.names {
            if name.id == "TYPE_CHECKING"
                && let Some(asname) = asname
            {
                self.aliases.push(asname.id.as_str());
            }
        }
        let taken = import.names.iter().map(|alias| SmolStr::new(alias.name.id.as_str())).collect();
        let bound = |alias: &Alias| SmolStr::new(alias.asname.as_ref().unwrap_or(&alias.name).id.as_str());
        let renames = import.names.iter().any(|alias| alias.asname.is_some());
        let bound = if renames { import.names.iter().map(bound).collect() } else { Vec::new() };
        let names = Names { taken, bound };
        match &import.module {
            Some(module) => self.push(module.id.as_str(), names, import.level, module.range, context),
            None => {
                // Between `from` and the first dot there are only blanks and line continuations.
                let text = self.lines.slice(import.range);
                let dot = u32::try_from(text.find('.').unwrap_or_default()).unwrap_or_default();
                let start = import.range.start() + TextSize::new(dot);
                self.push("", names, import.level, TextRange::at(start, TextSize::new(import.level)), context);
            }
        }
    }

    fn push(&mut self, target: &str, names: Names, level: u32, range: TextRange, context: Context) {
        if range.end() > self.end {
            return;
        }
        let place = self.lines.place(range);
        self.imports.push(Import {
            target: SmolStr::new(target),
            names: names.taken,
            bound: names.bound,
            level,
            line: place.line,
            column: place.column,
            width: place.width,
            kind: context.kind(),
            text: self.lines.line_text(place.line),
        });
    }
}

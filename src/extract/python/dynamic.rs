//! Calls of `importlib.import_module` and `__import__`, narrowed to literals where the file allows; never resolved to a file.

use ruff_python_ast::{
    Comprehension, Expr, ExprCall, ExprContext, Number, Stmt, StmtFor, UnaryOp,
    visitor::{self, Visitor},
};
use ruff_text_size::{Ranged, TextRange, TextSize};
use smol_str::SmolStr;

use super::{
    constant::{Evaluator, Loops, Piece, Text},
    lines::Lines,
    names::{Importer, Names, binds},
};
use crate::facts::{ComputedImport, Import, ImportKind};

/// Most imports that calls are narrowed to in one file; further calls count as computed.
const MAX_IMPORTS: usize = 65_536;

/// Collects import calls from expressions.
pub(super) struct Dynamic<'a, 't> {
    pub imports: Vec<Import>,
    pub computed: Vec<ComputedImport>,
    names: Names<'a>,
    loops: Loops<'a>,
    lines: &'t Lines<'t>,
    end: TextSize,
}

/// How many loop names there were before a loop.
pub(super) struct Entered(usize);

/// What relative names are relative to.
enum Package {
    /// The module's own package.
    Own,
    /// A literal name.
    Literal(String),
    /// None given, or not known.
    Unknown,
}

impl<'a, 't> Dynamic<'a, 't> {
    /// Prepares to read expressions of `body`.
    pub(super) fn new(body: &'a [Stmt], lines: &'t Lines<'t>, end: TextSize) -> Self {
        Self { imports: Vec::new(), computed: Vec::new(), names: Names::collect(body), loops: Vec::new(), lines, end }
    }

    /// Binds the names of a `for` loop while its body is read.
    pub(super) fn enter_loop(&mut self, repetition: &'a StmtFor) -> Entered {
        let entered = Entered(self.loops.len());
        let mut bound = self.evaluator().loop_names(&repetition.target, &repetition.iter);
        for (name, values) in &mut bound {
            if values.is_some() && binds(&repetition.body, name) {
                *values = None;
            }
        }
        self.loops.append(&mut bound);
        entered
    }

    /// Forgets the names of the loop.
    pub(super) fn leave_loop(&mut self, entered: Entered) {
        self.loops.truncate(entered.0);
    }

    fn evaluator(&self) -> Evaluator<'_, 'a> {
        Evaluator { names: &self.names, loops: &self.loops }
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], results: [Option<&'a Expr>; 2]) {
        let entered = self.loops.len();
        for generator in generators {
            self.visit_expr(&generator.iter);
            let mut bound = self.evaluator().loop_names(&generator.target, &generator.iter);
            self.loops.append(&mut bound);
            generator.ifs.iter().for_each(|condition| self.visit_expr(condition));
        }
        results.into_iter().flatten().for_each(|result| self.visit_expr(result));
        self.loops.truncate(entered);
    }

    fn call(&mut self, importer: Importer, call: &'a ExprCall) {
        let keyword = if importer == Importer::RunModule { "mod_name" } else { "name" };
        let Some(name) = argument(call, 0, keyword).filter(|_| importer != Importer::FromFile) else {
            self.computed(Piece::default(), call.range());
            return;
        };
        let text = self.evaluator().text(name);
        let place = if name.is_string_literal_expr() || name.is_f_string_expr() { name.range() } else { call.range() };
        match importer {
            Importer::RunModule => self.push(text, &Package::Unknown, 0, &[], place, call.range()),
            Importer::ResolveName => match text {
                // `module:attribute`, or the name of either.
                Text::Known(pieces) => {
                    for piece in pieces {
                        let (module, taken) = match piece.text.split_once(':') {
                            Some((module, _)) => (module, None),
                            None => {
                                piece.text.rsplit_once('.').map_or((&*piece.text, None), |(above, last)| (above, Some(last)))
                            }
                        };
                        let names: Vec<SmolStr> = taken.into_iter().map(SmolStr::new).collect();
                        let module = Text::Known(vec![Piece { own: piece.own, text: module.to_owned() }]);
                        self.push(module, &Package::Unknown, 0, &names, place, call.range());
                    }
                }
                beginning @ Text::Beginning(_) => self.push(beginning, &Package::Unknown, 0, &[], place, call.range()),
            },
            Importer::FromFile => self.computed(Piece::default(), call.range()),
            Importer::ImportModule => {
                let package = argument(call, 1, "package");
                let package = match package.map(|package| self.evaluator().text(package)) {
                    Some(Text::Known(pieces)) => match pieces.as_slice() {
                        [Piece { own: true, text }] if text.is_empty() => Package::Own,
                        [Piece { own: false, text }] => Package::Literal(text.clone()),
                        _ => Package::Unknown,
                    },
                    _ => Package::Unknown,
                };
                self.push(text, &package, 0, &[], place, call.range());
            }
            Importer::DunderImport => {
                let level = match argument(call, 4, "level") {
                    None => Some(0),
                    Some(level) => integer(level),
                };
                let names = argument(call, 3, "fromlist").map(literals).unwrap_or_default();
                match level {
                    Some(level) => self.push(text, &Package::Unknown, level, &names, place, call.range()),
                    None => self.computed(Piece::default(), call.range()),
                }
            }
        }
    }

    fn push(&mut self, text: Text, package: &Package, level: u32, names: &[SmolStr], place: TextRange, call: TextRange) {
        let pieces = match text {
            Text::Known(pieces) => pieces,
            Text::Beginning(piece) => {
                let piece = beginning(piece, package, level);
                return self.computed(piece, call);
            }
        };
        let targets: Option<Vec<_>> = pieces.iter().map(|piece| resolve(piece, package, level)).collect();
        let room = MAX_IMPORTS.saturating_sub(self.imports.len());
        let Some(targets) = targets.filter(|targets| targets.len() <= room) else {
            return self.computed(Piece::default(), call);
        };
        if place.end() > self.end {
            return;
        }
        let place = self.lines.place(place);
        for (target, level) in targets {
            if target.is_empty() && level == 0 {
                continue;
            }
            self.imports.push(Import {
                target: SmolStr::new(target),
                names: names.to_vec(),
                bound: Vec::new(),
                level,
                line: place.line,
                column: place.column,
                width: place.width,
                kind: ImportKind::Dynamic,
                text: self.lines.line_text(place.line),
            });
        }
    }

    fn computed(&mut self, prefix: Piece, range: TextRange) {
        if range.end() > self.end {
            return;
        }
        let place = self.lines.place(range);
        self.computed.push(ComputedImport {
            prefix: SmolStr::new(prefix.text),
            line: place.line,
            column: place.column,
            width: place.width,
            text: self.lines.line_text(place.line),
        });
    }
}

impl<'a> Visitor<'a> for Dynamic<'a, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if !self.names.is_alias(statement) {
            visitor::walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Call(call) => {
                if let Some(importer) = self.names.importer(&call.func) {
                    self.call(importer, call);
                    self.visit_arguments(&call.arguments);
                } else if let (Expr::Name(function), [mapped, iterable]) = (call.func.as_ref(), &*call.arguments.args)
                    && function.id == "map"
                    && self.names.importer(mapped).is_some()
                {
                    let text = self.evaluator().each(iterable);
                    self.push(text, &Package::Unknown, 0, &[], call.range(), call.range());
                    self.visit_expr(iterable);
                } else {
                    visitor::walk_expr(self, expression);
                }
            }
            Expr::ListComp(made) => self.comprehension(&made.generators, [Some(&made.elt), None]),
            Expr::SetComp(made) => self.comprehension(&made.generators, [Some(&made.elt), None]),
            Expr::Generator(made) => self.comprehension(&made.generators, [Some(&made.elt), None]),
            Expr::DictComp(made) => self.comprehension(&made.generators, [made.key.as_deref(), Some(&made.value)]),
            Expr::Name(_) | Expr::Attribute(_) | Expr::Subscript(_) if self.names.importer(expression).is_some() => {
                // The function is handed on as a value: what will be imported with it is not known here.
                if is_load(expression) {
                    self.computed(Piece::default(), expression.range());
                }
            }
            Expr::Attribute(attribute) if self.names.importer(&attribute.value).is_some() => {}
            _ => visitor::walk_expr(self, expression),
        }
    }
}

fn is_load(expression: &Expr) -> bool {
    match expression {
        Expr::Name(name) => name.ctx == ExprContext::Load,
        Expr::Attribute(attribute) => attribute.ctx == ExprContext::Load,
        Expr::Subscript(subscript) => subscript.ctx == ExprContext::Load,
        _ => true,
    }
}

/// An argument by position or keyword; `None` where it is absent or hidden behind `*` or `**`.
fn argument<'a>(call: &'a ExprCall, position: usize, keyword: &str) -> Option<&'a Expr> {
    let positional = call.arguments.args.iter().take_while(|argument| !argument.is_starred_expr()).nth(position);
    positional.or_else(|| call.arguments.find_keyword(keyword).map(|keyword| &keyword.value))
}

/// A literal level; Python 2's -1 means that the name may be absolute.
fn integer(expression: &Expr) -> Option<u32> {
    match expression {
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(value) => value.as_u8().map(u32::from),
            _ => None,
        },
        Expr::UnaryOp(negative) if negative.op == UnaryOp::USub => integer(&negative.operand).map(|_| 0),
        _ => None,
    }
}

fn literals(expression: &Expr) -> Vec<SmolStr> {
    let elements = match expression {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return Vec::new(),
    };
    elements
        .iter()
        .filter_map(|element| element.as_string_literal_expr())
        .map(|string| SmolStr::new(string.value.to_str()))
        .filter(|name| !name.is_empty())
        .collect()
}

/// Target and level of one name; `None` where what it is relative to is not known.
fn resolve(piece: &Piece, package: &Package, level: u32) -> Option<(String, u32)> {
    if piece.own {
        return match piece.text.strip_prefix('.') {
            Some(rest) => Some((rest.to_owned(), 1)),
            None => piece.text.is_empty().then(|| (String::new(), 1)),
        };
    }
    let name = piece.text.trim_start_matches('.');
    let dots = u32::try_from(piece.text.len() - name.len()).ok()?;
    if dots == 0 {
        return Some((name.to_owned(), level));
    }
    match package {
        Package::Own => Some((name.to_owned(), dots)),
        Package::Literal(package) => absolute(name, dots, package).map(|target| (target, 0)),
        Package::Unknown => None,
    }
}

/// `dots` and `name` relative to `package`, as `importlib._bootstrap._resolve_name` does it.
fn absolute(name: &str, dots: u32, package: &str) -> Option<String> {
    let mut base = package;
    for _ in 1..dots {
        base = base.rsplit_once('.')?.0;
    }
    Some(if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") })
}

/// The constant beginning of a computed target: dotted as written, with leading dots where it is relative to the own package.
fn beginning(piece: Piece, package: &Package, level: u32) -> Piece {
    let text = piece.text;
    let text = if piece.own {
        if text.starts_with('.') { text } else { String::new() }
    } else if text.starts_with('.') {
        let name = text.trim_start_matches('.');
        let dots = u32::try_from(text.len() - name.len()).unwrap_or(u32::MAX);
        match package {
            Package::Own => text,
            Package::Literal(package) => absolute("", dots, package).map(|base| format!("{base}.{name}")).unwrap_or_default(),
            Package::Unknown => String::new(),
        }
    } else {
        ".".repeat(level.min(64) as usize) + &text
    };
    Piece { own: false, text }
}

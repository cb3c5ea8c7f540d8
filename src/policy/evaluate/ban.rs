//! All import bans at once over the direct edges of the import graph; never rules times edges.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

use super::{expression::World, subject::subject};
use crate::{
    facts::{Certainty, Environment, Import, Module, Owner, schema, schema::Record},
    policy::{
        check::resolved::{Ban, Class},
        compile::{Plan, automaton::StateId},
        outcome::{Evidence, Subject, ViolationCertainty},
    },
};

/// Something that an import ban forbids, or may forbid.
pub(super) struct Hit<'a> {
    pub(super) certainty: ViolationCertainty,
    pub(super) subject: Subject,
    pub(super) module: Option<(&'a Environment, &'a Module)>,
    pub(super) target: Option<String>,
    pub(super) message: String,
    pub(super) evidence: Vec<Evidence>,
}

/// What all bans have found.
#[derive(Default)]
pub(super) struct Found<'a> {
    hits: HashMap<usize, Vec<Hit<'a>>>,
    subjects: HashMap<usize, u64>,
    /// Exceptions that matched: ban and place.
    excepted: HashSet<(usize, usize)>,
    /// Patterns that some module matches.
    inhabited: HashSet<usize>,
}

impl<'a> Found<'a> {
    /// How many modules a ban judged.
    pub(super) fn subjects(&self, ban: usize) -> u64 {
        self.subjects.get(&ban).copied().unwrap_or(0)
    }

    /// What a ban has found.
    pub(super) fn take(&mut self, ban: usize) -> Vec<Hit<'a>> {
        self.hits.remove(&ban).unwrap_or_default()
    }

    /// Importers that a ban names beside others, and that are no module: ban's rule, assertion and the pattern's place in it.
    pub(super) fn uninhabited(&self, plan: &Plan) -> Vec<(usize, usize, usize)> {
        let mut uninhabited = Vec::new();
        for (number, (rule, assertion)) in plan.bans.iter().enumerate() {
            // A ban that judges nothing at all is vacuous, and that is told already.
            let Some(ban) = plan.ban(number).filter(|_| self.subjects(number) > 0) else { continue };
            let missing = ban.from.patterns.iter().enumerate().filter(|(_, pattern)| !self.inhabited.contains(pattern));
            uninhabited.extend(missing.map(|(place, _)| (*rule, *assertion, place)));
        }
        uninhabited
    }

    /// Exceptions that matched nothing, and may be mistyped: those that name classes alone cannot.
    pub(super) fn unmatched(&self, plan: &Plan) -> Vec<(usize, usize, usize)> {
        let mut unmatched = Vec::new();
        for (number, (rule, assertion)) in plan.bans.iter().enumerate() {
            let exceptions = plan.ban(number).map_or(&[][..], |ban| &ban.exceptions);
            let named = exceptions.iter().enumerate().filter(|(_, (from, to, _))| !(from.is_classes() && to.is_classes()));
            let missing = named.filter(|(exception, _)| !self.excepted.contains(&(number, *exception)));
            unmatched.extend(missing.map(|(exception, _)| (*rule, *assertion, exception)));
        }
        unmatched
    }
}

/// One environment while its edges are walked.
struct Walk<'a> {
    environment: &'a Environment,
    /// The class of every module, by name.
    classes: HashMap<&'a str, Class>,
    /// The bans for importers and targets of a state and class.
    from: HashMap<(StateId, Class), Rc<[usize]>>,
    to: HashMap<(StateId, Option<Class>), Vec<usize>>,
    /// Bans that forbid a class: a target outside of the environment may be of it.
    by_class: Vec<usize>,
}

/// An edge that a ban forbids.
struct Candidate<'a> {
    ban: usize,
    import: u32,
    target: &'a str,
    certainty: Certainty,
    /// Whether the ban names a class, and the target's is not known.
    classless: bool,
}

impl Candidate<'_> {
    fn key(&self) -> (usize, u32, &str) {
        (self.ban, self.import, self.target)
    }

    fn is_sure(&self) -> bool {
        self.certainty == Certainty::Must && !self.classless
    }
}

impl<'a> World<'a> {
    /// Walks the edges of every environment once.
    pub(super) fn bans(&self) -> Found<'a> {
        let mut found = Found::default();
        if self.plan.bans.is_empty() {
            return found;
        }
        let mut seen: HashSet<(&str, Option<&str>)> = HashSet::new();
        let mut groups: BTreeMap<(StateId, Class), u64> = BTreeMap::new();
        for environment in &self.inventory.environments {
            let classes = environment.modules.iter().map(|module| (module.name.as_str(), class(module.owner))).collect();
            let mut walk =
                Walk { environment, classes, from: HashMap::new(), to: HashMap::new(), by_class: self.plan.bans_to_classes() };
            for module in &environment.modules {
                let class = class(module.owner);
                let state = self.matcher.borrow_mut().run(&module.name);
                if seen.insert((&module.name, module.file.as_deref())) {
                    *groups.entry((state, class)).or_default() += 1;
                }
                self.module(&mut walk, module, state, class, &mut found);
            }
            self.missing_modules(environment, &mut found);
        }
        for ((state, class), count) in groups {
            found.inhabited.extend(self.matcher.borrow().patterns(state));
            for ban in self.plan.bans_from(&self.matcher.borrow(), state, class) {
                *found.subjects.entry(ban).or_default() += count;
            }
        }
        found
    }

    fn module(&self, walk: &mut Walk<'a>, module: &'a Module, state: StateId, class: Class, found: &mut Found<'a>) {
        let bans = walk
            .from
            .entry((state, class))
            .or_insert_with(|| self.plan.bans_from(&self.matcher.borrow(), state, class).into())
            .clone();
        if bans.is_empty() {
            return;
        }
        let mut candidates = Vec::new();
        for edge in &module.edges {
            let target_class = walk.classes.get(edge.target.as_str()).copied();
            let target_state = self.matcher.borrow_mut().run(&edge.target);
            let forbidden = walk
                .to
                .entry((target_state, target_class))
                .or_insert_with(|| self.plan.bans_to(&self.matcher.borrow(), target_state, target_class));
            let classless = if target_class.is_none() { walk.by_class.as_slice() } else { &[] };
            let classless = classless.iter().filter(|ban| forbidden.binary_search(ban).is_err());
            let pairs = forbidden.iter().map(|ban| (*ban, false)).chain(classless.map(|ban| (*ban, true)));
            for (number, classless) in pairs {
                if bans.binary_search(&number).is_err() {
                    continue;
                }
                let Some(ban) = self.plan.ban(number) else { continue };
                let kind = module.source.imports.get(edge.import as usize).map(|import| import.kind);
                if kind.is_some_and(|kind| ban.ignoring.contains(&kind)) {
                    continue;
                }
                if self.excepted(number, ban, (state, class), (target_state, target_class), found) {
                    continue;
                }
                candidates.push(Candidate {
                    ban: number,
                    import: edge.import,
                    target: &edge.target,
                    certainty: edge.certainty,
                    classless,
                });
            }
        }
        self.candidates(walk, module, candidates, found);

        for number in bans.iter().copied() {
            self.unread(walk.environment, module, number, found);
        }
    }

    fn excepted(
        &self,
        number: usize,
        ban: &Ban,
        from: (StateId, Class),
        to: (StateId, Option<Class>),
        found: &mut Found<'a>,
    ) -> bool {
        let matcher = self.matcher.borrow();
        let place = ban
            .exceptions
            .iter()
            .position(|(source, target, _)| source.holds(&matcher, from.0, Some(from.1)) && target.holds(&matcher, to.0, to.1));
        found.excepted.extend(place.map(|place| (number, place)));
        place.is_some()
    }

    /// One hit for each import and ban: of `import a.b.c`, where the packages on the way are forbidden too, the innermost.
    fn candidates(&self, walk: &Walk<'a>, module: &'a Module, mut candidates: Vec<Candidate<'a>>, found: &mut Found<'a>) {
        // INVARIANT: what lies below a name follows right after it, for `.` sorts before all that a name holds.
        candidates.sort_by(|left, right| left.key().cmp(&right.key()));
        for group in candidates.chunk_by(|left, right| (left.ban, left.import) == (right.ban, right.import)) {
            let sure: Vec<&Candidate<'a>> = group.iter().filter(|candidate| candidate.is_sure()).collect();
            let names: HashSet<&str> = sure.iter().map(|candidate| candidate.target).collect();
            let innermost = |list: &[&Candidate<'a>], at: usize, target: &str| {
                !list.get(at + 1).is_some_and(|next| below(next.target, target))
            };
            let unsure: Vec<&Candidate<'a>> =
                group.iter().filter(|candidate| !candidate.is_sure() && !under(candidate.target, &names)).collect();
            for list in [sure, unsure] {
                for (_, candidate) in list.iter().enumerate().filter(|(at, candidate)| innermost(&list, *at, candidate.target))
                {
                    let import = module.source.imports.get(candidate.import as usize);
                    let hit = import_hit(walk.environment, module, import, candidate);
                    found.hits.entry(candidate.ban).or_default().push(hit);
                }
            }
        }
    }

    /// Where the imports of a module are not all known, and those that are not may be forbidden.
    fn unread(&self, environment: &'a Environment, module: &'a Module, number: usize, found: &mut Found<'a>) {
        let Some(ban) = self.plan.ban(number) else { return };
        let record = Record::Module(environment, module);
        let mut subject_at = subject(record);
        let mut evidence = Vec::new();
        for import in &module.source.computed_imports {
            if self.plan.could_be(&ban.to, &import.prefix) {
                let place = subject(Record::ComputedImport(environment, module, import));
                let text = if import.prefix.is_empty() {
                    "the target of an import is computed when the program runs".to_owned()
                } else {
                    format!(
                        "the target of an import begins with `{}`, the rest is computed when the program runs",
                        import.prefix
                    )
                };
                evidence.push(Evidence { text, path: place.path.clone(), line: place.line, layer: place.layer });
                if evidence.len() == 1 {
                    subject_at = Subject { kind: subject_at.kind, identity: subject_at.identity.clone(), ..place };
                }
            }
        }
        if let Some(error) = &module.source.error {
            let text = format!("the module does not parse: {}", error.message);
            evidence.push(Evidence { text, path: module.file.clone(), line: Some(error.line), layer: module.layer });
        }
        if let schema::Value::List(_, lacks) = schema::Value::records(std::iter::empty(), &module.source.imports_complete) {
            // One reason stands for all computed imports and one for the error: what is beyond them has another cause.
            let told = usize::from(!module.source.computed_imports.is_empty()) + usize::from(module.source.error.is_some());
            let other = if lacks.len() > told { lacks.as_slice() } else { &[] };
            evidence.extend(other.iter().map(|lack| super::subject::evidence(record, lack.as_str())));
        }
        if evidence.is_empty() {
            evidence.extend(schema::unread(module).map(|reason| super::subject::evidence(record, reason.as_str())));
        }
        if evidence.is_empty() {
            return;
        }
        found.hits.entry(number).or_default().push(Hit {
            certainty: ViolationCertainty::Undecided,
            subject: subject_at,
            module: Some((environment, module)),
            target: None,
            message: format!("not everything that `{}` imports is known", module.name),
            evidence,
        });
    }

    /// An environment whose modules are not all known has importers that are not known.
    fn missing_modules(&self, environment: &'a Environment, found: &mut Found<'a>) {
        let lacks = match schema::Value::records(std::iter::empty(), &environment.modules_complete) {
            schema::Value::List(_, lacks) if !lacks.is_empty() => lacks,
            _ => return,
        };
        let record = Record::Environment(environment);
        for number in 0..self.plan.bans.len() {
            found.hits.entry(number).or_default().push(Hit {
                certainty: ViolationCertainty::Undecided,
                subject: subject(record),
                module: None,
                target: None,
                message: "there may be more modules than are known".to_owned(),
                evidence: lacks.iter().map(|lack| super::subject::evidence(record, lack.as_str())).collect(),
            });
        }
    }
}

fn import_hit<'a>(
    environment: &'a Environment,
    module: &'a Module,
    import: Option<&'a Import>,
    candidate: &Candidate<'a>,
) -> Hit<'a> {
    let is_sure = candidate.is_sure();
    let at = match import {
        Some(import) => subject(Record::Import(environment, module, import)),
        None => subject(Record::Module(environment, module)),
    };
    let (name, target) = (&module.name, candidate.target);
    let subject = Subject { kind: "import", identity: format!("{name} -> {target}"), ..at };
    let verb = if is_sure { "imports" } else { "may import" };
    let text = match (candidate.certainty, candidate.classless) {
        _ if is_sure => format!("`{name}` imports `{target}`"),
        (_, true) => format!("`{target}` is not in the environment: whose module it is cannot be told"),
        (_, false) => format!("`{target}` may be a module or a name inside one: its package is not in the environment"),
    };
    let evidence = vec![Evidence { text, path: subject.path.clone(), line: subject.line, layer: subject.layer }];
    Hit {
        certainty: if is_sure { ViolationCertainty::Broken } else { ViolationCertainty::Undecided },
        message: format!("`{name}` {verb} `{target}`"),
        subject,
        module: Some((environment, module)),
        target: Some(target.to_owned()),
        evidence,
    }
}

/// Whether a module lies below another.
fn below(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether one of the packages that a module lies in is among the names.
fn under(target: &str, names: &HashSet<&str>) -> bool {
    target.match_indices('.').filter_map(|(at, _)| target.get(..at)).any(|package| names.contains(package))
}

/// The class of modules that belong to this owner.
pub(super) fn class(owner: Owner) -> Class {
    match owner {
        Owner::Stdlib => Class::Stdlib,
        Owner::Distribution | Owner::OsPackage => Class::ThirdParty,
        Owner::Own => Class::Own,
    }
}

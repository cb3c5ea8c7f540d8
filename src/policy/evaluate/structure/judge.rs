//! Members of a contract against what a module or class has: fits, does not, or cannot be told; never which modules are judged.

use super::{
    attributes::Holder,
    definition::{Defined, Definition, Found, Presence, at},
    lineage::{Ancestor, Descent},
    literal::is_plain,
    namespace::Namespace,
    signature::{self, Differences},
    verdict::{self, Fault, Mismatch, Owner, joined, pattern},
};
use crate::{
    facts::Module,
    policy::{
        outcome::{Evidence, Subject},
        shape::{BaseShape, ClassShape, Member, MemberKind, MemberPresence},
    },
};

/// Most reasons that are told of what cannot be settled.
const MAX_REASONS: usize = 6;

impl<'a> Namespace<'a> {
    /// What is wrong with `owner` by these members.
    pub(super) fn judge(&self, owner: &Owner<'a>, members: &'a [Member]) -> Vec<Mismatch<'a>> {
        members.iter().flat_map(|member| self.member(owner, member)).collect()
    }

    fn member(&self, owner: &Owner<'a>, member: &'a Member) -> Vec<Mismatch<'a>> {
        match pattern(member).name() {
            Some(name) => {
                let found = self.find(owner, member, name);
                self.name(owner, member, name, &found)
            }
            None => self.matching(owner, member),
        }
    }

    /// What an owner has under a name.
    fn find(&self, owner: &Owner<'a>, member: &Member, name: &'a str) -> Found<'a> {
        let found = match owner {
            Owner::Module(module) => (*self.lookup(module, name, None)).clone(),
            Owner::Class(_, class) => self.class_attribute(*class, name, holder(member)),
        };
        if matches!(member.kind, MemberKind::Variable(_) | MemberKind::InstanceAttribute(_)) {
            return found;
        }
        // `run = _run`: what the other name stands for.
        let definitions = found.definitions.into_iter().flat_map(|definition| self.followed(definition)).collect();
        Found { definitions, presence: found.presence }
    }

    /// One member of a known name.
    fn name(&self, owner: &Owner<'a>, member: &'a Member, name: &str, found: &Found<'a>) -> Vec<Mismatch<'a>> {
        let identity = format!("{}.{name}", owner.name());
        let optional = member.presence == MemberPresence::Optional;
        let mut judged: Vec<Vec<Mismatch<'a>>> =
            found.definitions.iter().map(|definition| self.definition(owner, member, &identity, definition)).collect();
        let reasons = match &found.presence {
            Presence::Missing if optional => return Vec::new(),
            Presence::Missing => return vec![missing(owner, member)],
            Presence::Sure => &[][..],
            Presence::Unknown(reasons) => reasons.as_slice(),
        };
        let is_broken = |mismatches: &Vec<Mismatch<'a>>| mismatches.iter().any(Mismatch::is_broken);
        if let ([_], Presence::Sure) = (judged.as_slice(), &found.presence) {
            return judged.pop().unwrap_or_default();
        }
        if judged.iter().all(Vec::is_empty) && !judged.is_empty() && (optional || found.presence == Presence::Sure) {
            return Vec::new();
        }
        // What is not there at all breaks a contract that requires it as well.
        if !judged.is_empty() && judged.iter().all(is_broken) && (!optional || found.presence == Presence::Sure) {
            return nearest(judged).unwrap_or_default();
        }
        let mut told: Vec<Evidence> = reasons.to_vec();
        for mismatch in judged.iter().flatten() {
            if mismatch.is_broken() {
                let Subject { path, line, layer, .. } = mismatch.subject.clone();
                told.push(Evidence { text: mismatch.message.clone(), path, line, layer });
            } else {
                told.extend(mismatch.evidence.iter().cloned());
            }
        }
        let subject = found.definitions.iter().find_map(|definition| verdict::definition(definition, &identity));
        vec![undecided(owner, member, subject, told)]
    }

    /// One member of any name that a pattern matches: one must fit.
    fn matching(&self, owner: &Owner<'a>, member: &'a Member) -> Vec<Mismatch<'a>> {
        let wanted = pattern(member);
        let (names, lacks) = match owner {
            Owner::Module(module) => self.names(module, wanted),
            Owner::Class(_, class) => self.attribute_names(*class, holder(member)),
        };
        let mut judged = Vec::new();
        let mut is_local = Vec::new();
        for name in names.into_iter().filter(|name| wanted.matches(name)) {
            let found = self.find(owner, member, name);
            if found.definitions.is_empty() && found.presence == Presence::Missing {
                continue;
            }
            let mismatches = match &member.kind {
                MemberKind::Class(class) if self.are_bases(&found, &class.bases) => continue,
                _ => self.name(owner, member, name, &found),
            };
            if mismatches.is_empty() {
                return Vec::new();
            }
            is_local.push(found.definitions.iter().any(|definition| is_of(definition, owner)));
            judged.push(mismatches);
        }
        let may_be_more = judged.iter().any(|mismatches| !mismatches.iter().any(Mismatch::is_broken)) || !lacks.is_empty();
        if judged.is_empty() && lacks.is_empty() {
            return if member.presence == MemberPresence::Optional { Vec::new() } else { vec![missing(owner, member)] };
        }
        if !may_be_more {
            // Of what the module itself defines and what it imports the former is more likely meant.
            let any_local = is_local.contains(&true);
            let kept = judged.into_iter().zip(is_local).filter(|(_, is_local)| *is_local || !any_local);
            return nearest(kept.map(|(mismatches, _)| mismatches).collect()).unwrap_or_default();
        }
        if let ([_], true) = (judged.as_slice(), lacks.is_empty()) {
            return judged.pop().unwrap_or_default();
        }
        let mut told = lacks;
        for mismatch in judged.iter().flatten() {
            let Subject { path, line, layer, .. } = mismatch.subject.clone();
            told.push(Evidence { text: mismatch.message.clone(), path, line, layer });
        }
        vec![undecided(owner, member, None, told)]
    }

    /// Whether a name stands for a superclass that the contract asks for, which is none of its own.
    fn are_bases(&self, found: &Found<'a>, bases: &'a [BaseShape]) -> bool {
        let is_base = |definition: &Definition<'a>| bases.iter().any(|base| self.is_base(definition, base));
        !found.definitions.is_empty() && found.definitions.iter().all(is_base)
    }

    fn definition(&self, owner: &Owner<'a>, member: &'a Member, identity: &str, found: &Definition<'a>) -> Vec<Mismatch<'a>> {
        let told = |differences: Differences| told(owner, member, (found, identity), differences);
        match (&member.kind, found) {
            (_, Definition::Foreign(_, reason)) => vec![undecided(owner, member, None, vec![reason.clone()])],
            (MemberKind::Function(shape), Definition::Function(_, function)) => told(signature::function(shape, function)),
            (MemberKind::Class(shape), Definition::Class(class)) => self.class(owner, member, shape, identity, *class),
            (
                MemberKind::Variable(shape) | MemberKind::InstanceAttribute(shape),
                Definition::Variable(_, variable, annotation),
            ) => {
                let compare = match owner {
                    Owner::Module(_) => signature::module_variable,
                    Owner::Class(..) => signature::variable,
                };
                told(compare(shape, *annotation, variable.value.as_deref()))
            }
            (MemberKind::InstanceAttribute(shape), Definition::Function(_, function))
                if verdict::is_property(&function.decorators) =>
            {
                // Its value is what the method returns.
                let mut differences = signature::variable(shape, function.returns.as_deref(), Some("property()"));
                differences.unknown.iter_mut().for_each(|reason| "its value is what a property returns".clone_into(reason));
                told(differences)
            }
            (MemberKind::Function(_) | MemberKind::Class(_), Definition::Variable(module, variable, _))
                if !variable.value.as_deref().is_some_and(is_plain) =>
            {
                let value = variable.value.as_deref().unwrap_or("a value that no text stands for");
                let text = format!("what `{identity}` is bound to is computed: `{value}`");
                let subject = verdict::definition(found, identity);
                vec![undecided(owner, member, subject, vec![at(module, Some(variable.line), text)])]
            }
            (MemberKind::Class(_), Definition::Builtin(name)) => {
                let reason = Evidence { text: format!("`{name}` is a builtin"), path: None, line: None, layer: None };
                vec![undecided(owner, member, None, vec![reason])]
            }
            _ => {
                let text = format!("is {}, expected {}", verdict::found(found, owner), verdict::expected(member, owner));
                let mut differences = Differences::default();
                // Something else has the name: what is asked for is not there.
                differences.lacks(text);
                told(differences)
            }
        }
    }

    fn class(
        &self,
        owner: &Owner<'a>,
        member: &'a Member,
        shape: &'a ClassShape,
        identity: &str,
        class: Defined<'a>,
    ) -> Vec<Mismatch<'a>> {
        let mut differences =
            Differences { known: signature::decorators(&shape.decorators, &class.class.decorators), ..Differences::default() };
        let mut reasons = Vec::new();
        let mut inside = Vec::new();
        for base in &shape.bases {
            self.base(class, base, &mut differences, &mut reasons, &mut inside);
        }
        let found = Definition::Class(class);
        let mut mismatches = if differences.known.is_empty() && !reasons.is_empty() {
            vec![undecided(owner, member, verdict::definition(&found, identity), reasons)]
        } else {
            told(owner, member, (&found, identity), differences)
        };
        mismatches.append(&mut inside);
        let owner = Owner::Class(identity.to_owned(), class);
        mismatches.extend(self.judge(&owner, &shape.members));
        mismatches
    }

    /// Whether a class has a superclass, and whether that has what the contract asks of it.
    fn base(
        &self,
        class: Defined<'a>,
        base: &'a BaseShape,
        differences: &mut Differences,
        reasons: &mut Vec<Evidence>,
        inside: &mut Vec<Mismatch<'a>>,
    ) {
        match self.descent(class, base) {
            Descent::Missing => differences.lacks(format!("does not derive from `{}`", base.name)),
            Descent::Unknown(more) => reasons.extend(more.into_iter().map(|reason| {
                let text = format!("it may derive from `{}`: {}", base.name, reason.text);
                Evidence { text, ..reason }
            })),
            Descent::Found(_) if base.members.is_empty() && base.bases.is_empty() => {}
            Descent::Found(Ancestor::Class(above)) => {
                for further in &base.bases {
                    self.base(above, further, differences, reasons, inside);
                }
                inside.extend(self.judge(&Owner::Class(above.name(), above), &base.members));
            }
            Descent::Found(_) => {
                let text = format!("what `{}` has is not known", base.name);
                reasons.push(at(class.module, Some(class.class.line), text));
            }
        }
    }
}

fn holder(member: &Member) -> Holder {
    match member.kind {
        MemberKind::InstanceAttribute(_) => Holder::Instance,
        _ => Holder::Class,
    }
}

/// Whether a definition stands in the module that is judged.
fn is_of(definition: &Definition<'_>, owner: &Owner<'_>) -> bool {
    let module: &Module = match definition {
        Definition::Function(module, _) | Definition::Variable(module, ..) | Definition::Module(module) => module,
        Definition::Class(class) => class.module,
        Definition::Builtin(_) | Definition::Foreign(..) => return false,
    };
    match owner {
        Owner::Module(judged) => std::ptr::eq(module, *judged),
        Owner::Class(_, class) => std::ptr::eq(module, class.module),
    }
}

/// Of several that all are wrong the one with the fewest faults, the first of them.
fn nearest(judged: Vec<Vec<Mismatch<'_>>>) -> Option<Vec<Mismatch<'_>>> {
    let faults = |mismatches: &Vec<Mismatch<'_>>| mismatches.iter().map(|mismatch| mismatch.faults).sum::<usize>();
    judged.into_iter().min_by_key(faults)
}

/// Nothing has the name.
fn missing<'a>(owner: &Owner<'a>, member: &'a Member) -> Mismatch<'a> {
    let wanted = pattern(member);
    let what = verdict::expected(member, owner);
    let what = what.split_once(' ').map_or(what, |(_, what)| what);
    let matching = if wanted.name().is_some() { "" } else { "that matches " };
    Mismatch {
        fault: Fault::Missing,
        subject: owner.subject(),
        message: format!("`{}` has no {what} {matching}`{}`", owner.name(), wanted.text),
        evidence: Vec::new(),
        faults: 1,
        place: &member.place,
    }
}

/// It is not known whether a member is there as asked.
fn undecided<'a>(owner: &Owner<'a>, member: &'a Member, subject: Option<Subject>, mut reasons: Vec<Evidence>) -> Mismatch<'a> {
    let mut kept: Vec<Evidence> = Vec::new();
    for reason in reasons.drain(..) {
        if kept.len() < MAX_REASONS && !kept.contains(&reason) {
            kept.push(reason);
        }
    }
    let name = owner.name();
    let wanted = &pattern(member).text;
    let what = verdict::expected(member, owner);
    Mismatch {
        fault: Fault::Unknown,
        message: format!("it is not known whether `{name}` has {what} `{wanted}` as asked"),
        subject: subject.unwrap_or_else(|| owner.subject()),
        evidence: kept,
        faults: 1,
        place: &member.place,
    }
}

/// What differs in one definition, as one mismatch: nothing where nothing does.
fn told<'a>(
    owner: &Owner<'a>,
    member: &'a Member,
    (found, identity): (&Definition<'a>, &str),
    differences: Differences,
) -> Vec<Mismatch<'a>> {
    if differences.is_empty() {
        return Vec::new();
    }
    let subject = verdict::definition(found, identity).unwrap_or_else(|| owner.subject());
    let fact = |text: String| Evidence { text, path: subject.path.clone(), line: subject.line, layer: subject.layer };
    if differences.known.is_empty() {
        let reasons = differences.unknown.into_iter().map(fact).collect();
        return vec![undecided(owner, member, Some(subject.clone()), reasons)];
    }
    let faults = differences.known.len();
    let message = format!("`{}` {}", subject.identity, joined(&differences.known));
    let mut evidence = vec![fact(message.clone())];
    evidence.extend(verdict::shown(found).map(|shown| fact(format!("it is `{shown}`"))));
    let fault = if differences.missing == faults { Fault::Missing } else { Fault::Different };
    vec![Mismatch { fault, message, evidence, faults, place: &member.place, subject }]
}

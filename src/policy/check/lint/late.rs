//! Waivers that are over on a day, or that last longer than they may from then on; never what they take.

use jiff::{Span as Days, civil::Date};

use crate::{
    diagnostic::{Diagnostic, Severity},
    policy::waiver::{Longest, Waiver, days},
};

/// What is worth a look in waivers on this day, in the order of their places.
pub(in crate::policy) fn late(waivers: &[Waiver], today: Date) -> Vec<Diagnostic> {
    let mut placed: Vec<&Waiver> = waivers.iter().collect();
    placed.sort_by(|left, right| left.place.cmp(&right.place));
    placed.into_iter().filter_map(|waiver| one(waiver, today)).collect()
}

fn one(waiver: &Waiver, today: Date) -> Option<Diagnostic> {
    let ago = waiver.days_left(today).saturating_neg();
    if ago > 0 {
        let message = format!("the waiver of `{}` is over: it takes nothing any more", waiver.name);
        let label = format!("{} ago", days(ago));
        let help = format!("remove it, or agree with {} on another day", waiver.owner);
        let reason = format!("its reason was: {}", waiver.reason);
        let diagnostic = Diagnostic::new("expired-waiver", Severity::Warning, message);
        return Some(diagnostic.label(waiver.expires_at.clone(), label).note(reason).help(help));
    }
    let Longest { days: bound, defined } = waiver.too_long(today)?;
    let message = format!("the waiver of `{}` lasts longer than waivers may: it takes nothing", waiver.name);
    let diagnostic = Diagnostic::new("long-waiver", Severity::Warning, message)
        .label(waiver.expires_at.clone(), format!("{} from today", days(waiver.days_left(today))))
        .context(defined.clone(), format!("at most {}", days(*bound)));
    let last = Days::new().try_days(*bound).ok().and_then(|bound| today.checked_add(bound).ok());
    Some(match last.filter(|_| *bound >= 0) {
        Some(last) => diagnostic.help(format!("let it expire on {last}, or earlier")),
        None => diagnostic.help("remove it: no waiver may last"),
    })
}

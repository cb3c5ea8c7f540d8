//! Strong Kleene logic over `Option<bool>`: none is "not to be told".

/// Yes, no, or not to be told.
pub type Truth = Option<bool>;

pub fn not(truth: Truth) -> Truth {
    truth.map(|truth| !truth)
}

/// No as soon as one says no; yes only where all say yes.
pub fn every(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.into_iter().collect();
    if truths.contains(&Some(false)) {
        Some(false)
    } else if truths.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// Yes as soon as one says yes; no only where all say no.
pub fn some(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.into_iter().collect();
    if truths.contains(&Some(true)) {
        Some(true)
    } else if truths.contains(&None) {
        None
    } else {
        Some(false)
    }
}

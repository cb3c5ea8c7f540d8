//! Numbers and durations as a person reads them; never translated.

use std::time::Duration;

/// `1,594`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 gap`, `1,594 gaps`.
pub(super) fn counted(number: usize, singular: &str) -> String {
    if number == 1 {
        return format!("1 {singular}");
    }
    let plural = match singular.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{singular}s"),
    };
    format!("{} {plural}", grouped(number))
}

/// `0.9 s`, `1 min 4 s`; below a twentieth of a second `38 ms`.
pub(super) fn duration(elapsed: Duration) -> String {
    match elapsed.as_millis() {
        milliseconds @ 0..50 => format!("{milliseconds} ms"),
        50..60_000 => format!("{:.1} s", elapsed.as_secs_f64()),
        _ => format!("{} min {} s", elapsed.as_secs() / 60, elapsed.as_secs() % 60),
    }
}

/// `12.4 MB`, in powers of ten.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes / 100;
    let mut units = UNITS.iter().peekable();
    while let Some(unit) = units.next() {
        if tenths < 10_000 || units.peek().is_none() {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        tenths /= 1000;
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{counted, duration, grouped, size};

    #[test]
    fn groups_thousands() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn makes_plurals() {
        assert_eq!(counted(1, "binary"), "1 binary");
        assert_eq!(counted(2, "binary"), "2 binaries");
        assert_eq!(counted(2, "layer"), "2 layers");
    }

    #[test]
    fn sizes_and_times_are_short() {
        assert_eq!([7, 1500, 12_400_000, 3_100_000_000].map(size), ["7 B", "1.5 kB", "12.4 MB", "3.1 GB"]);
        assert_eq!([38, 900, 64_000].map(|ms| duration(Duration::from_millis(ms))), ["38 ms", "0.9 s", "1 min 4 s"]);
    }
}

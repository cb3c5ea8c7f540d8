//! How limits are written: `512MiB`, `8000000`, `30min`; never which limits there are.

use std::time::Duration;

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes: `4096`, `64KiB`, `2GiB`, `1GB`.
    Bytes,
    /// A number of things: `8000000`.
    Count,
    /// Whole seconds: `90`, `90s`, `30min`, `2h`.
    Seconds,
}

/// Units of bytes, the larger first.
const BYTES: [(&str, u64); 8] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1000),
];

/// Units of time, the larger first.
const SECONDS: [(&str, u64); 3] = [("h", 3600), ("min", 60), ("s", 1)];

impl Unit {
    fn names(self) -> &'static [(&'static str, u64)] {
        match self {
            Self::Bytes => &BYTES,
            Self::Count => &[],
            Self::Seconds => &SECONDS,
        }
    }

    /// The quantity that a text says.
    pub(super) fn parse(self, text: &str) -> Option<u64> {
        let text = text.trim();
        let split = text.find(|character: char| !character.is_ascii_digit() && character != '_').unwrap_or(text.len());
        let (digits, unit) = text.split_at_checked(split)?;
        let number: u64 = digits.replace('_', "").parse().ok()?;
        let factor = match unit.trim() {
            "" => 1,
            "B" if self == Self::Bytes => 1,
            unit => self.names().iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1,
        };
        number.checked_mul(factor)
    }

    /// The quantity as one would write it, without loss.
    pub fn show(self, quantity: u64) -> String {
        let fits = |(_, factor): &&(&str, u64)| quantity >= *factor && quantity.is_multiple_of(*factor);
        match self.names().iter().find(fits) {
            Some((name, factor)) => format!("{}{name}", quantity / factor),
            None => quantity.to_string(),
        }
    }

    /// What is expected of a value.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Bytes => "bytes, such as `64MiB`",
            Self::Count => "a count, such as `1000`",
            Self::Seconds => "a time, such as `90s` or `30min`",
        }
    }

    /// A time in seconds.
    pub(super) fn seconds(time: Duration) -> u64 {
        time.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn quantities_have_units() {
        for (unit, text, quantity) in [
            (Unit::Bytes, "4096", 4096),
            (Unit::Bytes, "64KiB", 64 << 10),
            (Unit::Bytes, "2 gib", 2 << 30),
            (Unit::Bytes, "1GB", 1_000_000_000),
            (Unit::Bytes, "7B", 7),
            (Unit::Count, "8_000_000", 8_000_000),
            (Unit::Seconds, "90", 90),
            (Unit::Seconds, "2h", 7200),
            (Unit::Seconds, "30min", 1800),
        ] {
            assert_eq!(unit.parse(text), Some(quantity), "{text}");
        }
        for (unit, text) in [
            (Unit::Bytes, ""),
            (Unit::Bytes, "GiB"),
            (Unit::Bytes, "-1"),
            (Unit::Bytes, "1.5GiB"),
            (Unit::Bytes, "99999999999999TiB"),
            (Unit::Count, "5MiB"),
            (Unit::Seconds, "5B"),
            (Unit::Seconds, "5 days"),
        ] {
            assert_eq!(unit.parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_written() {
        for unit in [Unit::Bytes, Unit::Count, Unit::Seconds] {
            for quantity in [0, 1, 90, 1000, 1024, 4096, 1_000_000, 64 << 20, 64 << 30, 1800, u64::MAX] {
                assert_eq!(unit.parse(&unit.show(quantity)), Some(quantity), "{}", unit.show(quantity));
            }
        }
        assert_eq!(Unit::Bytes.show(64 << 30), "64GiB");
        assert_eq!(Unit::Seconds.show(1800), "30min");
    }
}

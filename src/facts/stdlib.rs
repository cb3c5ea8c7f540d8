//! The names of Python's standard library in every version that is known; never what an image holds.

/// A line each: name, first and last minor version of 3 that has it, and how it is built. Taken from
/// `sys.stdlib_module_names` and `sys.builtin_module_names` of CPython 3.10 to 3.13, and from CPython's
/// `Python/stdlib_module_names.h` for 3.14.
///
/// `core` is compiled into every build, `common` into many (Debian's), `static` only into builds without shared extension
/// modules; `-` is Python, or is for another platform.
pub(crate) const STDLIB_TABLE: &str = include_str!("stdlib_names.txt");

/// The top-level modules of the standard library that some version of the table has.
pub fn stdlib_names() -> impl Iterator<Item = &'static str> + Clone {
    STDLIB_TABLE.lines().filter_map(|line| line.split(' ').next())
}

#[cfg(test)]
mod tests {
    use super::stdlib_names;

    #[test]
    fn modules_that_came_and_went_are_among_the_names() {
        for name in ["pickle", "imp", "tomllib"] {
            assert!(stdlib_names().any(|known| known == name), "{name}");
        }
    }
}

//! Top-level names of CPython's standard library by version; never what an image holds of them.

/// A line each: name, first and last minor version of 3 that has it, and how it is built. Taken from
/// `sys.stdlib_module_names` and `sys.builtin_module_names` of CPython 3.10 to 3.13, and from CPython's
/// `Python/stdlib_module_names.h` for 3.14.
///
/// `core` is compiled into every build, `common` into many (Debian's), `static` only into builds without shared extension
/// modules; `-` is Python, or is for another platform.
const NAMES: &str = include_str!("standard_library.txt");

/// Minor versions of 3 that the table covers; others are taken for the nearest.
const FIRST_MINOR: u32 = 10;
const LAST_MINOR: u32 = 14;

/// A top-level name of the standard library.
pub(crate) struct StandardModule {
    /// The name.
    pub(crate) name: &'static str,
    /// How it is built: `core`, `common`, `static` or `-`.
    pub(crate) how: &'static str,
}

/// The names that a minor version of Python 3 has; without one, those that some version has.
pub(crate) fn standard_modules(minor: Option<u32>) -> impl Iterator<Item = StandardModule> {
    let minor = minor.map(|minor| minor.clamp(FIRST_MINOR, LAST_MINOR));
    NAMES.lines().filter_map(move |line| {
        let mut words = line.split(' ');
        let name = words.next()?;
        let first: u32 = words.next()?.parse().ok()?;
        let last: u32 = words.next()?.parse().ok()?;
        let how = words.next()?;
        minor.is_none_or(|minor| (first..=last).contains(&minor)).then_some(StandardModule { name, how })
    })
}

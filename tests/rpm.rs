//! Databases that rpm itself wrote, beside what rpm says they hold: `tests/run rpm`.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a test that cannot read its cases has failed")]

use std::{collections::BTreeSet, env, fs, path::Path};

use douane::{
    extract::rpm::{RpmDatabase, rpm_database},
    limits::RpmLimits,
};

const DATABASES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];

#[test]
#[ignore = "needs databases of rpm: tests/run rpm"]
fn every_database_holds_what_rpm_says() {
    let cases = env::var_os("DOUANE_TEST_RPM").expect("DOUANE_TEST_RPM names the directory that tests/rpm/make printed");
    let mut judged = 0;
    for case in fs::read_dir(cases).expect("a directory").map(|entry| entry.expect("an entry").path()) {
        let file = DATABASES.iter().map(|name| case.join(name)).find(|file| file.is_file()).expect("a database");
        let found = rpm_database(&fs::read(&file).expect("readable"), &RpmLimits::default());
        let found = found.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(found.complete.is_complete(), "{}: {:?}", case.display(), found.complete);
        same(&packages(&found), &lines(&case, "packages", package), &case);
        same(&files(&found), &lines(&case, "files", owned), &case);
        println!("{}: {} packages, {} files", case.display(), found.packages.len(), files(&found).len());
        judged += 1;
    }
    assert!(judged > 0, "no case was there");
}

/// Both say the same; else what only one says.
fn same(ours: &BTreeSet<String>, rpms: &BTreeSet<String>, case: &Path) {
    let more: Vec<_> = ours.difference(rpms).take(5).collect();
    let less: Vec<_> = rpms.difference(ours).take(5).collect();
    assert!(more.is_empty() && less.is_empty(), "{}: only here {more:#?}, only rpm {less:#?}", case.display());
}

/// The lines of an oracle's file, as far as they are told.
fn lines(case: &Path, name: &str, told: fn(&str) -> Option<String>) -> BTreeSet<String> {
    let text = fs::read(case.join(name)).expect("an oracle");
    String::from_utf8_lossy(&text).lines().filter_map(told).collect()
}

/// rpm's `name, version, architecture, licence, source file`, without keys.
fn package(line: &str) -> Option<String> {
    let mut words: Vec<&str> = line.split('\t').collect();
    if words.first() == Some(&"gpg-pubkey") {
        return None;
    }
    let source = words.pop()?;
    let source = source.strip_suffix(".src.rpm").and_then(|source| source.rsplit_once('-')?.0.rsplit_once('-'));
    Some(format!("{}\t{}", words.join("\t"), source.map_or("-", |(name, _)| name)))
}

/// rpm's `package, state, mode, path` of files that are there.
fn owned(line: &str) -> Option<String> {
    let [package, state, mode, path] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let is_there = ["normal", "net shared"].contains(&state);
    (is_there && !mode.starts_with('d')).then(|| format!("{package}\t{path}"))
}

fn packages(found: &RpmDatabase) -> BTreeSet<String> {
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let told = found.packages.iter().map(|package| {
        let (architecture, license) = (shown(&package.architecture), shown(&package.license));
        format!("{}\t{}\t{architecture}\t{license}\t{}", package.name, package.version, shown(&package.source))
    });
    told.collect()
}

fn files(found: &RpmDatabase) -> BTreeSet<String> {
    let of = |package: &douane::extract::rpm::RpmPackage| {
        let name = package.name.clone();
        package.files().map(move |file| format!("{name}\t{}", String::from_utf8_lossy(file))).collect::<Vec<_>>()
    };
    found.packages.iter().flat_map(of).collect()
}

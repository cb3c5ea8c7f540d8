//! Tests of integrity, on trees whose files have hashes.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

use super::{unowned, verify};
use crate::{
    facts::{Completeness, Distribution, Gap},
    image::ImagePath,
    introspect::{context::Integrity, distributions::distributions, package_files::PackageFiles, test_tree::TestTree},
};

const METADATA: &str = "Metadata-Version: 2.1\nName: acme\nVersion: 1\n\n";

fn hash(content: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(content.as_bytes()))
}

/// A distribution in `/l/site-packages` with such a `RECORD`.
fn acme(record: &str) -> TestTree {
    let mut tree = TestTree::new();
    tree.text("/l/site-packages/acme-1.dist-info/METADATA", METADATA);
    tree.text("/l/site-packages/acme-1.dist-info/RECORD", record);
    tree
}

fn path() -> Vec<ImagePath> {
    vec![ImagePath::new("/l/site-packages").expect("valid")]
}

fn checked(tree: &TestTree, gaps: &[Gap], integrity: Integrity) -> Distribution {
    let (mut found, _) = distributions(tree.tree(), &path(), &PackageFiles::default());
    verify(tree.tree(), gaps, integrity, &mut found[0]);
    found.remove(0).facts
}

fn loose(tree: &TestTree, integrity: Integrity) -> (Vec<String>, Completeness) {
    let packages = PackageFiles::of(tree.tree(), &[]);
    let (found, _) = distributions(tree.tree(), &path(), &packages);
    let (files, complete) = unowned(tree.tree(), &packages, &path(), &found, integrity);
    (files.into_iter().map(|file| file.path).collect(), complete)
}

fn paths(files: &[crate::facts::InstalledFile]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn hashes_and_sizes_tell_what_was_changed() {
    let same = hash("same");
    let mut tree = acme(&format!(
        "a.py,sha256={same},4\nb.py,sha256={same},4\nc.py,sha256={same}=,\nd.py,md5=x,4\n../../bin/tool,sha256={same},4\n\
         gone.py,sha256={same},4\nacme-1.dist-info/RECORD,,\n__pycache__/a.cpython-312.pyc,,\n\
         __pycache__/b.cpython-312.pyc,sha256={same},4\n__pycache__/gone.cpython-312.pyc,,\n"
    ));
    for (file, content) in [("site-packages/a.py", "same"), ("site-packages/b.py", "evil"), ("site-packages/c.py", "same")] {
        tree.hashed(&format!("/l/{file}"), content);
    }
    tree.hashed("/l/site-packages/d.py", "longer");
    tree.hashed("/bin/tool", "same");
    tree.hashed("/l/site-packages/__pycache__/b.cpython-312.pyc", "made anew");
    let facts = checked(&tree, &[], Integrity::Check);
    assert_eq!(paths(&facts.modified), ["/l/site-packages/b.py", "/l/site-packages/d.py"]);
    assert!(facts.modified[1].reason.contains("6 bytes"), "{:?}", facts.modified);
    assert_eq!(facts.modified[0].layer, Some(1));
    assert_eq!(paths(&facts.missing), ["/l/site-packages/gone.py"]);
    assert!(facts.missing_complete.is_complete());
    assert!(facts.modified_complete.is_complete(), "{:?}", facts.modified_complete);
}

#[test]
fn what_cannot_be_compared_is_not_the_same() {
    let mut tree = acme("a.py,,\nb.py,sha512=xx,4\nc.py,sha256=?,4\nd.py,sha256=eA,4\ne.py,,\n");
    for file in ["a", "b", "c", "e"] {
        tree.hashed(&format!("/l/site-packages/{file}.py"), "same");
    }
    tree.sized("/l/site-packages/d.py", 4);
    let facts = checked(&tree, &[], Integrity::Check);
    assert!(facts.modified.is_empty() && facts.missing_complete.is_complete());
    let Completeness::Incomplete(reasons) = facts.modified_complete else { panic!("complete") };
    let reasons = reasons.join("\n");
    for told in ["a.py` has no hash in RECORD, nor can 1 more", "not SHA-256", "cannot be read", "d.py` was not hashed"] {
        assert!(reasons.contains(told), "{told}: {reasons}");
    }
}

#[test]
fn what_was_not_asked_for_or_has_no_record_is_not_known() {
    let mut tree = acme("gone.py,,\n");
    let facts = checked(&tree, &[], Integrity::Leave);
    assert!(facts.missing.is_empty() && !facts.missing_complete.is_complete() && !facts.modified_complete.is_complete());
    assert!(!loose(&tree, Integrity::Leave).1.is_complete());
    tree = TestTree::new();
    tree.text("/l/site-packages/acme-1.dist-info/METADATA", METADATA);
    let facts = checked(&tree, &[], Integrity::Check);
    assert!(!facts.missing_complete.is_complete() && !facts.modified_complete.is_complete());
}

#[test]
fn what_could_not_be_read_is_not_missing() {
    let tree = acme("gone.py,,\n");
    let (place, code) = ("/l/site-packages".to_owned(), crate::layer::gap_code::READ_ERROR.to_owned());
    let gap = Gap { place, code, reason: "it cannot be read".into(), layer: None };
    let facts = checked(&tree, &[gap], Integrity::Check);
    assert!(facts.missing.is_empty() && !facts.missing_complete.is_complete());
}

#[test]
fn what_nobody_lists_is_unowned() {
    let mut tree = acme("acme/__init__.py,,\nacme-1.dist-info/METADATA,,\nacme-1.dist-info/RECORD,,\n");
    for file in [
        "acme/__init__.py",
        "acme/__pycache__/__init__.cpython-312.pyc",
        "acme/stray.py",
        "acme/__pycache__/stray.cpython-312.pyc",
        "debian.py",
        "__pycache__/debian.cpython-312.pyc",
        "hook.pth",
    ] {
        tree.empty(&format!("/l/site-packages/{file}"));
    }
    tree.empty("/l/elsewhere.py");
    tree.text("/var/lib/dpkg/info/debian.list", "/l/site-packages/debian.py\n");
    let (found, complete) = loose(&tree, Integrity::Check);
    let below: Vec<&str> = found.iter().filter_map(|file| file.strip_prefix("/l/site-packages/")).collect();
    assert_eq!(below, ["acme/__pycache__/stray.cpython-312.pyc", "acme/stray.py", "hook.pth"]);
    assert!(complete.is_complete());
}

#[test]
fn a_distribution_without_a_list_owns_what_has_its_names() {
    let mut tree = TestTree::new();
    tree.text("/l/site-packages/acme-1.egg-info/PKG-INFO", METADATA);
    tree.text("/l/site-packages/acme-1.egg-info/top_level.txt", "acme\nsingle\n");
    for file in ["acme/deep/a.py", "single.py", "other.py"] {
        tree.empty(&format!("/l/site-packages/{file}"));
    }
    let (found, complete) = loose(&tree, Integrity::Check);
    assert_eq!(found, ["/l/site-packages/other.py"]);
    assert!(!complete.is_complete());
}

#[test]
fn what_is_worked_on_elsewhere_owns_nothing_there() {
    let mut tree = acme("acme-1.dist-info/METADATA,,\nacme-1.dist-info/RECORD,,\n");
    tree.text("/srv/tool/tool.egg-info/PKG-INFO", &METADATA.replace("acme", "tool"));
    tree.empty("/srv/tool/tool/__init__.py");
    let path: Vec<_> = ["/l/site-packages", "/srv/tool"].iter().map(|entry| ImagePath::new(entry).expect("valid")).collect();
    let packages = PackageFiles::default();
    let (found, _) = distributions(tree.tree(), &path, &packages);
    assert_eq!(found.len(), 2);
    assert_eq!(unowned(tree.tree(), &packages, &path, &found, Integrity::Check), (Vec::new(), Completeness::Complete));
}

//! Differential tests on real images: what douane says without running anything, against what the images' own
//! interpreters said in a chroot. `tests/images/README.md` has the oracle's formats.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot read its oracle has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The directory of the images that `tests/images/make` built.
fn images() -> PathBuf {
    PathBuf::from(std::env::var_os("DOUANE_TEST_IMAGES").expect("DOUANE_TEST_IMAGES names the images: run `tests/run images`"))
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).expect("JSON")
}

fn inventory(reference: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_douane"))
        .args(["inspect", reference, "-f", "json", "--modules", "**", "--integrity"])
        .output()
        .expect("the command runs");
    assert!(output.status.success(), "{reference}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_else(|| panic!("`{key}` is no array"))
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` is no string in {value}"))
}

fn strings(value: &Value, key: &str) -> Vec<String> {
    array(value, key).iter().map(|item| item.as_str().expect("a string").to_owned()).collect()
}

/// PEP 503.
fn normalised(name: &str) -> String {
    let dashed: String = name.chars().map(|c| if matches!(c, '_' | '.') { '-' } else { c.to_ascii_lowercase() }).collect();
    dashed.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The environment of ours that is the oracle's interpreter: by prefix, and by its binary.
fn environment<'a>(inventory: &'a Value, oracle: &Value) -> &'a Value {
    array(inventory, "environments")
        .iter()
        .find(|ours| ours["prefix"] == oracle["prefix"] && ours["interpreter"] == oracle["resolved"])
        .unwrap_or_else(|| panic!("no environment with prefix {} of {}", oracle["prefix"], oracle["resolved"]))
}

/// Every difference of one image, as lines; none is what the tests want.
fn differences(image: &str) -> Vec<String> {
    let directory = images().join(image);
    let oracle = json(&directory.join("oracle.json"));
    let ours = inventory(&format!("oci:{}:latest", directory.join("oci").display()));
    let mut found = Vec::new();
    let real: BTreeSet<&str> = array(&oracle, "interpreters").iter().map(|each| string(each, "resolved")).collect();
    let seen: BTreeSet<&str> = array(&ours, "interpreters").iter().map(|each| string(each, "path")).collect();
    if real != seen {
        found.push(format!("interpreters: {seen:?}, really {real:?}"));
    }
    for truth in array(&oracle, "interpreters") {
        let place = string(truth, "command");
        let environment = environment(&ours, truth);
        let interpreter = array(&ours, "interpreters").iter().find(|each| each["path"] == truth["resolved"]).expect("listed");
        if interpreter["version"] != truth["version"] {
            found.push(format!("{place}: version {}, really {}", interpreter["version"], truth["version"]));
        }
        let implementation = string(interpreter, "implementation").to_lowercase();
        if implementation != string(&truth["implementation"], "name") {
            found.push(format!("{place}: implementation {implementation}, really {}", truth["implementation"]));
        }
        if strings(environment, "path") != strings(truth, "path") {
            found.push(format!("{place}: path {}, really {}", environment["path"], truth["path"]));
        }
        found.extend(distribution_differences(place, environment, truth));
        found.extend(metadata_differences(place, environment, truth));
        found.extend(unowned_differences(place, environment, truth));
        found.extend(module_differences(environment, &oracle, truth, &directory));
    }
    found
}

fn distribution_differences(place: &str, environment: &Value, truth: &Value) -> Vec<String> {
    let describe = |each: &Value, location: &str| {
        (normalised(string(each, "name")), format!("{} at {}", string(each, "version"), string(each, location)))
    };
    let ours: BTreeMap<String, String> =
        array(environment, "distributions").iter().map(|each| describe(each, "location")).collect();
    let real: BTreeMap<String, String> = array(truth, "distributions").iter().map(|each| describe(each, "metadata")).collect();
    assert!(!real.is_empty() || array(truth, "distributions").is_empty());
    map_differences(place, "distribution", &ours, &real)
}

/// Differences in what the metadata say, and in what `RECORD` says of files. The oracle has byte code among the files, and a file
/// as often as it is listed.
fn metadata_differences(place: &str, environment: &Value, truth: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for real in array(truth, "distributions") {
        let name = normalised(string(real, "name"));
        let Some(ours) = array(environment, "distributions").iter().find(|each| each["normalized_name"] == *name) else {
            continue;
        };
        let mut differ = |what: &str, ours: String, real: String| {
            if ours != real {
                found.push(format!("{place}: {what} of {name}: {ours}, really {real}"));
            }
        };
        let license = Some(string(real, "license")).filter(|text| !text.is_empty() && *text != "UNKNOWN");
        differ("license", ours["license"].to_string(), Value::from(license).to_string());
        differ("extras", ours["extras"].to_string(), real["extras"].to_string());
        differ("requires_python", ours["requires_python"].to_string(), real["requires_python"].to_string());
        let mut points = strings(ours, "entry_points");
        points.sort();
        differ("entry points", format!("{points:?}"), format!("{:?}", entry_points(real)));
        if let Some(requested) = ours["requested"].as_bool() {
            differ("requested", requested.to_string(), real.get("requested").is_some().to_string());
        }
        let record = &real["record"];
        for what in ["modified", "missing"] {
            let files: Vec<&str> = array(ours, what).iter().map(|file| string(file, "path")).collect();
            let complete = ours[format!("{what}_complete")] == "complete";
            let listed = if record.is_null() { BTreeSet::new() } else { strings(record, what).into_iter().collect() };
            let listed: Vec<&String> = listed.iter().filter(|file| !file.contains("/__pycache__/")).collect();
            differ(what, format!("{files:?}"), format!("{listed:?}"));
            differ("whether all is known", complete.to_string(), (!record.is_null()).to_string());
        }
    }
    found
}

/// The oracle's entry points as policies have them: without the extras that they need.
fn entry_points(real: &Value) -> Vec<String> {
    let mut points: Vec<String> = array(real, "entry_points")
        .iter()
        .map(|point| {
            let part = |at: usize| point[at].as_str().expect("text");
            let object = part(2).split('[').next().unwrap_or_default().trim();
            format!("{}: {} = {object}", part(0), part(1))
        })
        .collect();
    points.sort();
    points
}

/// Files that nobody lists; the oracle looks into `site-packages` only, and knows no packages of the system.
fn unowned_differences(place: &str, environment: &Value, truth: &Value) -> Vec<String> {
    let files = array(environment, "unowned").iter().map(|file| string(file, "path").to_owned());
    let ours: BTreeSet<String> = files.filter(|file| file.contains("/site-packages/")).collect();
    let real: BTreeSet<String> = strings(truth, "unlisted").into_iter().collect();
    let only = |left: &BTreeSet<String>, right: &BTreeSet<String>| left.difference(right).cloned().collect::<Vec<_>>();
    if ours == real {
        return Vec::new();
    }
    vec![format!("{place}: unowned but listed {:?}, unlisted but owned {:?}", only(&ours, &real), only(&real, &ours))]
}

/// Differences in the importable modules, but for two that are differences of the question and not of the answer: the
/// oracle asks the path finder alone, so that it lists files which a builtin module of the same name hides (PyPy keeps some);
/// and it asks below `sys.path` without the script's own directory, below which douane looks too where the entry point runs.
fn module_differences(environment: &Value, oracle: &Value, interpreter: &Value, image: &Path) -> Vec<String> {
    let place = string(interpreter, "command");
    let lines = fs::read_to_string(image.join(string(interpreter, "modules"))).expect("the oracle's modules");
    let truth: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let builtin: BTreeSet<String> = strings(interpreter, "builtin_module_names").into_iter().collect();
    let real: BTreeMap<String, String> = truth
        .iter()
        .filter(|each| each["kind"] != "namespace" && !builtin.contains(string(each, "name")))
        .map(|each| {
            let package = each["package"] == true && each["kind"] == "source";
            let kind = if package { "package" } else { string(each, "kind") };
            (string(each, "name").to_owned(), format!("{kind} {}", string(each, "origin")))
        })
        .collect();
    let namespaces: BTreeSet<&str> =
        truth.iter().filter(|each| each["kind"] == "namespace").map(|each| string(each, "name")).collect();
    let script = script_modules(environment, oracle);
    let ours: Vec<&Value> = array(environment, "modules")
        .iter()
        .filter(|each| !script.contains(string(each, "name").split('.').next().unwrap_or_default()))
        .collect();
    let files: BTreeMap<String, String> = ours
        .iter()
        .filter(|each| each["kind"] != "namespace" && each["kind"] != "builtin")
        .map(|each| (string(each, "name").to_owned(), format!("{} {}", string(each, "kind"), string(each, "file"))))
        .collect();
    assert!(real.len() > 500, "the oracle lists {} modules", real.len());
    let mut found = map_differences(place, "module", &files, &real);
    for module in ours.iter().filter(|each| each["kind"] == "namespace") {
        if !namespaces.contains(string(module, "name")) {
            found.push(format!("{place}: {} is no namespace package", module["name"]));
        }
    }
    found
}

/// Top-level names of modules that stand directly below the entry point's own directory: `sys.path[0]`.
fn script_modules(environment: &Value, oracle: &Value) -> BTreeSet<String> {
    let entry_point = &oracle["entrypoint"];
    if entry_point.is_null() || environment["entry_point"] != true {
        return BTreeSet::new();
    }
    let directory = strings(entry_point, "path").first().cloned().expect("sys.path[0]");
    array(environment, "modules")
        .iter()
        .filter(|module| {
            let file = module["file"].as_str().unwrap_or_default();
            file.starts_with(&format!("{directory}/{}", string(module, "name").replace('.', "/")))
        })
        .map(|module| string(module, "name").split('.').next().unwrap_or_default().to_owned())
        .collect()
}

fn map_differences(place: &str, what: &str, ours: &BTreeMap<String, String>, real: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = ours.keys().chain(real.keys()).collect();
    names
        .into_iter()
        .filter(|name| ours.get(*name) != real.get(*name))
        .map(|name| format!("{place}: {what} {name}: {:?}, really {:?}", ours.get(name), real.get(name)))
        .collect()
}

fn agrees(image: &str) {
    let found = differences(image);
    assert!(found.is_empty(), "{image}: {} differences:\n{}", found.len(), found.join("\n"));
}

#[test]
#[ignore = "needs images: run `tests/run images`"]
fn debian_python_is_as_it_says_itself() {
    agrees("debian");
}

#[test]
#[ignore = "needs images: run `tests/run images`"]
fn virtual_environment_is_as_it_says_itself() {
    agrees("venv");
}

#[test]
#[ignore = "needs images: run `tests/run images`"]
fn pypy_is_as_it_says_itself() {
    agrees("pypy");
}

#[test]
#[ignore = "needs images: run `tests/run images`"]
fn every_form_of_an_image_gives_the_same_inventory() {
    for image in ["debian", "pypy"] {
        let directory = images().join(image);
        let mut seen: Option<(String, Value)> = None;
        let mut forms = vec![
            format!("oci:{}:latest", directory.join("oci").display()),
            format!("oci-archive:{}", directory.join(format!("{image}.oci.tar")).display()),
            format!("docker-archive:{}", directory.join(format!("{image}.docker.tar")).display()),
        ];
        if directory.join("zstd").exists() {
            forms.push(format!("oci:{}", directory.join("zstd").display()));
        }
        for form in forms {
            let mut ours = inventory(&form);
            let object = ours.as_object_mut().expect("an object");
            object.remove("target");
            // The blobs differ by how they are compressed; what they hold does not.
            for layer in object["layers"].as_array_mut().expect("layers") {
                layer.as_object_mut().expect("an object").remove("digest");
            }
            match &seen {
                None => seen = Some((form, ours)),
                Some((first, inventory)) => assert!(*inventory == ours, "{form} differs from {first}"),
            }
        }
    }
}

#[test]
#[ignore = "needs images: run `tests/run images`"]
fn images_without_python_have_none() {
    for image in ["nopython", "release"] {
        let ours = inventory(&images().join(image).join("oci").display().to_string());
        assert_eq!(array(&ours, "interpreters"), &[] as &[Value], "{image}");
        assert_eq!(ours["os"].is_null(), image == "nopython", "{image}");
    }
}

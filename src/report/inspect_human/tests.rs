//! Golden pages of hand-made inventories.

use std::sync::Arc;

use crate::{
    facts::{
        Binary, Distribution, EnvironmentValue, EnvironmentVariable, Fact, Gap, Import, ImportKind, PythonSource, Shadowed,
    },
    report::{Asked, InspectPage, InventoryDocument, Look, ModulePattern, human::sample_inventory},
};

fn patterns(text: &str) -> Vec<ModulePattern> {
    vec![text.parse().expect("valid")]
}

fn inventory() -> crate::facts::Inventory {
    let mut inventory = sample_inventory();
    let image = inventory.image.as_mut().expect("an image");
    image.entrypoint = ["python", "-m", "shop", "a b"].map(str::to_owned).to_vec();
    image.env = [("PATH", "/usr/bin:/bin"), ("API_TOKEN", "hunter2")]
        .map(|(name, value)| EnvironmentVariable { name: name.into(), value: EnvironmentValue::new(name, value) })
        .to_vec();
    image.labels.insert("evil\u{1b}".into(), "\u{1b}[2J".into());
    inventory.layers[0].size = 74_800_000;
    inventory.layers[1].size = 12_345;
    let program =
        |path: &str, executable| Binary { path: path.into(), platform: "linux/amd64".into(), executable, layer: None };
    inventory.binaries = vec![program("/bin/sh", true), program("/lib/x.so", false)];
    let environment = &mut inventory.environments[1];
    environment.path = vec!["/usr/lib/python3.11".into(), "/opt/venv/lib/python3.11/site-packages".into()];
    environment.distributions = (1..=43)
        .map(|number| Distribution {
            name: format!("Package-{number:02}"),
            normalized_name: format!("package-{number:02}").into(),
            version: Fact::Known("1.0".into()),
            ..Distribution::default()
        })
        .collect();
    let import = Import {
        target: "django.db".into(),
        names: vec!["models".into()],
        bound: Vec::new(),
        level: 0,
        line: 3,
        column: 6,
        width: 9,
        kind: ImportKind::Function,
        text: "    from django.db import models".into(),
    };
    environment.modules[1].source = Arc::new(PythonSource { imports: vec![import], ..PythonSource::default() });
    environment.modules[1].shadows = vec![Shadowed { path: "/usr/lib/python3.11/shop/\u{1b}main.py".into(), stdlib: true }];
    let gap = Gap { place: "/srv/a.py".into(), code: "python-syntax".into(), reason: "line 1: no".into(), layer: None };
    inventory.gaps = vec![gap];
    inventory
}

fn page(modules: Vec<ModulePattern>) -> String {
    let mut out = Vec::new();
    InspectPage { look: Look::plain(100), modules, files: Vec::new(), integrity: false }
        .write(&inventory(), &mut out)
        .expect("a vector takes everything");
    String::from_utf8(out).expect("text")
}

#[test]
fn the_page_tells_what_is_there() {
    let page = page(Vec::new());
    assert!(!page.contains("hunter2"));
    insta::assert_snapshot!(page, @r"
    acme/shop:1.0 · linux/amd64 · sha256:4f1c9be2 · from a docker archive
    Debian GNU/Linux 12 (bookworm) · glibc 2.36 · 2 layers · USER 1000

    Image
      user          1000
      entrypoint    python -m shop 'a b'
      environment   PATH=/usr/bin:/bin
                    API_TOKEN=<redacted>
      labels        evil\x1b=\x1b[2J

    Layers · 74.8 MB unpacked
        0   74.8 MB   00000000   ADD rootfs.tar /
        1   12.3 kB   00000000   COPY src /srv/app

    System
      os          debian 12 (Debian GNU/Linux 12 (bookworm))
      libc        glibc 2.36 (/lib/libc.so.6)
      ELF files   2 files for linux/amd64, among them 1 program

    Interpreters
      /usr/bin/python3.11   CPython 3.11.2 · linux/amd64 · layer 0 · of package python3.11-minimal
                            also python3

    Environment /usr · the interpreter's own
      interpreter     /usr/bin/python3.11
      distributions   none
      modules         2 modules: 1 of the standard library, 1 own
      own             shop

    Environment /opt/venv · virtual environment · runs the entry point
      interpreter     /usr/bin/python3.11
      path            /usr/lib/python3.11
                      /opt/venv/lib/python3.11/site-packages
      distributions   43: Package-01 1.0, Package-02 1.0, Package-03 1.0, Package-04 1.0,
                      Package-05 1.0, Package-06 1.0, Package-07 1.0, Package-08 1.0, Package-09 1.0,
                      Package-10 1.0, Package-11 1.0, Package-12 1.0, Package-13 1.0, Package-14 1.0,
                      Package-15 1.0, Package-16 1.0, Package-17 1.0, Package-18 1.0, Package-19 1.0,
                      Package-20 1.0, Package-21 1.0, Package-22 1.0, Package-23 1.0, Package-24 1.0,
                      Package-25 1.0, Package-26 1.0, Package-27 1.0, Package-28 1.0, Package-29 1.0,
                      Package-30 1.0, Package-31 1.0, Package-32 1.0, Package-33 1.0, Package-34 1.0,
                      Package-35 1.0, Package-36 1.0, Package-37 1.0, Package-38 1.0, Package-39 1.0,
                      Package-40 1.0 and 3 more
      modules         2 modules: 1 of the standard library, 1 own
      own             shop
      hidden          of the standard library: shop.main (/srv/app/shop/main.py)

    1 gap: /srv/a.py does not parse (line 1: no)
    ");
}

#[test]
fn modules_are_listed_with_their_imports() {
    let page = page(patterns("shop.**"));
    let (_, modules) = page.split_once("Modules of /opt/venv").expect("a section of modules");
    insta::assert_snapshot!(modules, @r"
     · 1 of 2 modules
      shop.main  source · /srv/app/shop/main.py · layer 1
        hides /usr/lib/python3.11/shop/\x1bmain.py
            3  django.db: models (in a function)

    1 gap: /srv/a.py does not parse (line 1: no)
    ");
}

#[test]
fn the_document_holds_the_modules_that_were_asked_for() {
    let inventory = inventory();
    let named = |patterns: &[ModulePattern]| -> serde_json::Value {
        let mut out = Vec::new();
        InventoryDocument::new(&inventory, Asked { modules: patterns, files: &[] })
            .write(&mut out)
            .expect("a vector takes everything");
        serde_json::from_slice(&out).expect("JSON")
    };
    let environment = |json: &serde_json::Value| json["environments"][1].clone();
    let without = environment(&named(&[]));
    assert_eq!((&without["module_count"], &without["modules"]), (&2.into(), &serde_json::json!([])));
    let all = named(&patterns("**"));
    assert_eq!(environment(&all)["modules"][1]["imports"][0]["target"], "django.db");
    for field in ["schema_version", "target", "image", "layers", "os", "interpreters", "environments", "gaps"] {
        assert!(!all[field].is_null(), "{field}");
    }
}

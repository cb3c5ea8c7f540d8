//! Pages as a reader sees them, and that nothing in a policy becomes markup.

use super::{PageFormat, pages, write_pages};
use crate::policy::{PolicyText, library};

fn page(text: &str, format: PageFormat) -> String {
    let text = PolicyText { name: "a.douane".into(), text: format!("edition 1\npackage acme.shop\n{text}") };
    write_pages(&pages(&[text]).expect("it reads"), format)
}

const RULES: &str = r#"
on unknown warn

/// The oldest version
/// that is *supported*.
param floor: Version = "3.11"

/// Names of `approved` ones.
data approved: Set<String> from "approved.json" key "names"

fn old(version: Version) -> Bool = version < floor

/// Old ones stay open.
///
/// Rebase:
/// - on `slim`
/// - see https://acme.example/adr/7.
rule python-floor error "Images run a <supported> Python" {
  tags {"lifecycle", "python"}
  owner "platform@acme.example"
  link "https://acme.example/adr/7"
  link "javascript:alert(1)"
  param kinds: Set<String> = {"CPython"}
  for i in interpreters where i.language == "python"
  require i.version >= floor unless i.implementation not in kinds
  message "{i.path} is `old`"
  on unknown fail
}

rule shape warning "It keeps its shape" {
  forbid import own -> {pickle, shelve.**} except own -> own, acme.** -> ** ignoring {type_checking, guarded}
  forbid import acme.web.** ->* boto3 via acme.gateway.**
  protected acme.db.** only from {acme.repo.**, acme.migrations.*}
  layers in acme.billing { api > closed service > orders | optional invoices }
  independent acme.plugins.*
  acyclic acme.**
  every module acme.plugins.* has { NAME: str }
}

waive shape {
  owner "a@acme.example"
  reason "SEC-1"
  expires 2027-03-31
  at most 3
}
"#;

#[test]
fn a_package_in_markdown() {
    insta::assert_snapshot!(page(RULES, PageFormat::Markdown), @r##"
# `acme.shop`

What cannot be settled is shown, and fails nothing, where a rule does not say otherwise.

| rule | severity | what it says |
| --- | --- | --- |
| `python-floor` | error | Images run a \<supported\> Python |
| `shape` | warning | It keeps its shape |

**Parameters**

- `floor: Version`: The oldest version that is \*supported\*. By default `"3.11"`.

**Data**

- `approved: Set<String>`: Names of `approved` ones. From the file `approved.json`, of which `names`.

**Functions**

```douane
fn old(version: Version) -> Bool = version < floor
```

### `python-floor` (error)

**Images run a \<supported\> Python.**

Old ones stay open.

Rebase:

- on `slim`
- see <https://acme.example/adr/7>.

What it asks:

- Judges every `i` of `interpreters` where `i.language == "python"`.
- Must be so: `i.version >= floor`, unless `i.implementation not in kinds`.
- Says: {i.path} is `old`.
- What cannot be settled fails.

Parameters of this rule:

- `kinds: Set<String>`. By default `{"CPython"}`.

Tags: lifecycle, python · Owner: platform@acme.example · See <https://acme.example/adr/7> · See javascript:alert(1)

```douane
rule python-floor error "Images run a <supported> Python" {
  tags {"lifecycle", "python"}
  owner "platform@acme.example"
  link "https://acme.example/adr/7"
  link "javascript:alert(1)"
  param kinds: Set<String> = {"CPython"}
  for i in interpreters where i.language == "python"
  require i.version >= floor unless i.implementation not in kinds
  message "{i.path} is `old`"
  on unknown fail
}
```

### `shape` (warning)

**It keeps its shape.**

What it asks:

- The team's own code must not import `pickle` or `shelve.**`; allowed all the same: the team's own code importing the team's own code; `acme.**` importing any module; not counted: imports for type checkers alone and guarded against failure.
- `acme.web.**` must not reach by imports, through however many modules, `boto3`, but through `acme.gateway.**`.
- Nobody but `acme.repo.**` and `acme.migrations.*` may import `acme.db.**`.
- Layers in `acme.billing`, from the highest: `api`, above `service` (which nothing above reaches past), above `orders` and `invoices` (which must not import each other) (of which may be missing: `invoices`); what is lower must not import what is higher, nor through other modules.
- `acme.plugins.*` must not import each other, nor through other modules.
- No cycle of imports among `acme.**`.
- Every module of `acme.plugins.*` must have what the rule lists.

```douane
rule shape warning "It keeps its shape" {
  forbid import own -> {pickle, shelve.**}
    except own -> own, acme.** -> **
    ignoring {type_checking, guarded}
  forbid import acme.web.** ->* boto3 via acme.gateway.**
  protected acme.db.** only from {acme.repo.**, acme.migrations.*}
  layers in acme.billing { api > closed service > orders | optional invoices }
  independent acme.plugins.*
  acyclic acme.**
  every module acme.plugins.* has { NAME: str }
}
```

**Waivers**

- `shape` until 2027-03-31, at most 3: SEC-1 (a@acme.example)
"##);
}

#[test]
fn nothing_in_a_policy_becomes_markup() {
    let hostile = r#"
/// <script>alert(1)</script> & `<b>` <https://a.example/"><script>>
param floor: Version = "3.11"
/// </code></p><img src=x onerror=alert(1)>
rule r error "</title><script>alert('x')</script>" {
  owner "\"><script>"
  link "https://a.example/\"onmouseover=\"alert(1)"
  link "data:text/html,<script>"
  for i in interpreters
  require i.version >= floor and i.path != "</pre><script>"
  message "<script>{i.path}"
}
"#;
    let html = page(hostile, PageFormat::Html);
    for markup in ["<script", "<img", "</title><", "\"onmouse", "href=\"data:"] {
        assert!(!html.contains(markup), "{markup} in {html}");
    }
    assert_eq!(html.matches("<pre>").count(), html.matches("</pre>").count());
    let markdown = page(hostile, PageFormat::Markdown);
    let outside: String = markdown.split("```").step_by(2).flat_map(|part| part.split('`').step_by(2)).collect();
    assert!(!outside.replace("\\<", "").contains("<script"), "{markdown}");
}

#[test]
fn the_library_has_a_page_for_each_package() {
    let pages = pages(&library::all()).expect("it reads");
    assert_eq!(pages.iter().map(|page| page.package.as_str()).collect::<Vec<_>>(), library::packages().collect::<Vec<_>>());
    let html = write_pages(&pages, PageFormat::Html);
    let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for target in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(ids.iter().filter(|id| **id == target).count(), 1, "{target}");
    }
}

#[test]
fn mistakes_are_no_pages() {
    let text = PolicyText { name: "a.douane".into(), text: "rule r {\n".into() };
    assert!(pages(&[text]).is_err());
}

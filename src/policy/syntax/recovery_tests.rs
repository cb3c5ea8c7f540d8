//! Several mistakes in one file, each told once and at its place.

use super::tests::errors;

#[test]
fn clauses_of_waivers_are_read_one_by_one() {
    insta::assert_snapshot!(errors("waive a/b {\n  only imprt x -> y\n  owner a\n  reason \"r\"\n  expires soon\n  at most many\n  ownr \"x\"\n}\nwaive b { owner a reason b expires 2027-01-01 }\nwaive {\n  owner a\n}\n"), @"
    misspelt-word: `imprt` is not expected here @ [imprt] (did you mean `import`?)
    syntax: expected text in quotes, found `a` @ [a]
    syntax: expected a day such as `2027-03-31`, found `soon` @ [soon]
    syntax: expected a whole number, found `many` @ [many]
    misspelt-word: `ownr` begins no clause @ [ownr] (did you mean `owner`?)
    syntax: expected text in quotes, found `a` @ [a]
    syntax: expected a rule's name, found `{` @ [{]
    syntax: expected text in quotes, found `a` @ [a]
    ");
}

#[test]
fn clauses_and_facts_of_tests_are_read_one_by_one() {
    insta::assert_snapshot!(errors("test \"a\" {\n  given {\n    image (user = )\n    distribution urllib3 \"1\" (editable = true)\n    module acme.jobs {\n      import\n        pickle\n      from x imprt y\n      def f(a: )\n      class C(Base) {\n        x: = 3\n        y: int\n        z = +\n      }\n    }\n    interpreter [\n      3\n    ]\n  }\n  today yesterday\n  param x: 3\n  expect r\n  expct r fails\n  expect r fials\n  expect r fails at \"x\"\n}\n"), @"
    syntax: expected a value, found `)` @ [)]
    syntax: expected an annotation, found `)` @ [)]
    syntax: expected an annotation, found `=` @ [=]
    syntax: expected a value of Python, found `+` @ [+]
    syntax: `[` is not expected here @ [[]
    syntax: expected a day such as `2027-03-31`, found `yesterday` @ [yesterday]
    syntax: expected `=`, found `:` @ [:]
    syntax: expected a word, found nothing more @ []
    misspelt-word: `expct` begins no clause @ [expct] (did you mean `expect`?)
    unknown-choice: `fials` is no verdict of a rule @ [fials] (did you mean `fails`?)
    ");
}

#[test]
fn members_are_read_one_by_one() {
    insta::assert_snapshot!(errors("rule a error \"t\" {\n  every module a.* has {\n    message: str\n    on: int\n    for = \n    def f(x: ) -> None\n    @app.task\n    async def g(\n      a: int,\n      b +\n    )\n    class C(B { x: = 1 }) {\n      require: bool\n      def h( -> int\n      name: str\n      optional 3\n    }\n    help: str\n  }\n  requrie a == b\n  message \"m\"\n}\n"), @"
    syntax: expected a value of Python, found nothing more @ []
    syntax: expected an annotation, found `)` @ [)]
    syntax: expected `:` or `=`, found `+` @ [+]
    syntax: expected an annotation, found `=` @ [=]
    unclosed-bracket: `(` is never closed @ [(] (add the missing `)`)
    misspelt-word: `requrie` begins no clause @ [requrie] (did you mean `require`?)
    ");
}

#[test]
fn layers_are_read_one_by_one() {
    insta::assert_snapshot!(errors("rule a error \"t\" {\n  layers in {a, b} {\n    api <\n    service\n    > domain data\n    > > closed x\n    | \n  } ignoring {type_checking}\n  layers { }\n  layers { a > } except a\n  message m\n}\n"), @"
    syntax: expected `>`, `|` or `,` and a layer, found `<` @ [<]
    syntax: expected `>`, `|` or `,` and a layer, found `data` @ [data]
    syntax: expected a name, found `>` @ [>]
    syntax: expected a name, found nothing more @ []
    syntax: expected a name, found `}` @ [}]
    syntax: expected a name, found `}` @ [}]
    syntax: expected `->`, found nothing more @ [] (write `forbid import A -> B`: who must not import, and what)
    syntax: expected text in quotes, found `m` @ [m]
    ");
}

#[test]
fn a_clause_in_the_first_column_stays_in_its_rule() {
    insta::assert_snapshot!(errors("rule a error \"t\" {\nparam x: Int = 3\nparam y: Set<Int> = {\n  1,\n}\nrequire x = 1\n}\nrule b error \"t\" {\n  require x\nparam z: Int = 3\nrule c error \"t\" {\n}\ntest \"a\" {\nparam x = 1\n  expect a\n}\n"), @"
    assignment-in-condition: `=` does not compare @ [=] (write `==`)
    unclosed-bracket: `{` is never closed @ [{] (add the missing `}`)
    syntax: expected a word, found nothing more @ []
    ");
    insta::assert_snapshot!(errors("rule a error \"t\" {\n  require x\nfn f() -> Bool = true\n  require y\n}\n"), @"syntax: `fn` stands outside of rules @ [fn] (close the rule before it with `}`, or move it out of the rule)");
}

#[test]
fn a_forgotten_brace_is_one_mistake() {
    for text in [
        "rule a error \"t\" {\n  every module a has {\n    message: str\n  message \"m\"\n  help \"x\"\n}\n",
        "rule a error \"t\" {\n  layers in a {\n    b > c\n  message \"m\"\n}\nrule b error \"t\" {\n  require x\n}\n",
        "test \"a\" {\n  given {\n    image (user = \"a\")\n  expect a fails\n  expect b fails\n}\n",
        "test \"a\" {\n  given {\n    module a {\n      import b\n  }\n  expect a fails\n}\n",
        "waive a {\n  owner \"a\"\ntest \"b\" {\n  expect a fails\n}\n",
        "rule a error \"t\"\n  require x\n  message \"m\"\n}\n",
        "rule a error \"t\" {\n  require (x or y\n  message \"m\"\n}\n",
        "rule a error \"t\" {\n  every module a has {\n    def f(a: int -> None\n    class C {\n      x: int\n    }\n  }\n  message \"m\"\n}\n",
        "rule a error \"t\" {\n  require x\n}}\nrule b error \"t\" {\n}\n",
        "rule a error \"t\" {\n  require x\n}\n}\nrule b error \"t\" {\n}\n",
    ] {
        assert_eq!(errors(text).lines().count(), 1, "{text}\n{}", errors(text));
    }
}

#[test]
fn every_kind_of_item_in_one_file() {
    insta::assert_snapshot!(errors("edition one\npackage 3\nuse\non unknown maybe\nparam x Int = 3\ndata d: Set<Glob> form \"a.json\"\nfn f(x: Int) -> = 3\nrule a eror \"t\" {\n  require a = b\n}\nwaive w {\n  owner a\n  reason b\n}\ntest \"t\" {\n  given { image (x = ) }\n  expect\n}\nrul b error \"t\" {\n}\n"), @"
    syntax: expected a whole number, found `one` @ [one]
    syntax: expected a name, found `3` @ [3]
    syntax: expected a name, found nothing more @ []
    unknown-choice: `maybe` is no choice for `on unknown` @ [maybe] (use one of `fail`, `warn`, `pass`)
    syntax: expected `:`, found `Int` @ [Int] (write `param name: Type = value`)
    misspelt-word: `form` is not expected here @ [form] (did you mean `from`?)
    syntax: expected a word, found `=` @ [=]
    unknown-choice: `eror` is no severity @ [eror] (did you mean `error`?)
    assignment-in-condition: `=` does not compare @ [=] (write `==`)
    syntax: expected text in quotes, found `a` @ [a]
    syntax: expected text in quotes, found `b` @ [b]
    syntax: expected a value, found `)` @ [)]
    syntax: expected a rule's name, found nothing more @ []
    misspelt-word: `rul` begins nothing @ [rul] (did you mean `rule`?)
    ");
}

#[test]
fn mistakes_beyond_a_bound_are_counted() {
    let told = errors(&"rule a error \"t\" {\n  require =\n}\n".repeat(10_050));
    assert_eq!(told.lines().count(), 10_001);
    assert!(told.lines().last().is_some_and(|last| last.contains("has 10050 mistakes")));
}

#[test]
fn large_and_wrong_input_is_read_in_one_pass() {
    let size = 300_000;
    let rule = |body: &str| format!("rule a error \"t\" {{\n  {body}\n}}\n");
    for text in [
        "{".repeat(size),
        "(".repeat(size),
        ")".repeat(size),
        "}\n".repeat(size),
        "\"\n".repeat(size),
        format!("{}{}", "(".repeat(size), "]".repeat(size)),
        format!("{}{}", "(".repeat(size), "[)".repeat(size)),
        "{\nparam x\n".repeat(size / 10),
        rule(&format!("require {}", "(".repeat(size))),
        rule(&format!("every module a has {{\n{}}}", "class A {\n".repeat(size / 10))),
        rule(&format!("every module a has {{\n{}x: =\n{}}}", "class A {\n".repeat(50), "}\n".repeat(50))),
        rule(&format!("every module a has {{\n{}}}", "def f(x: )\n".repeat(size / 10))),
        rule(&format!("layers {{ {} d }}", "b c > ".repeat(size / 10))),
        format!("test \"a\" {{\n  given {{\n{}  }}\n}}\n", "module a (x = )\n".repeat(size / 10)),
        format!("waive a {{\n{}}}\n", "owner a\n".repeat(size / 10)),
    ] {
        assert!(!errors(&text).is_empty(), "{}", text.get(..80).unwrap_or(&text));
    }
    for text in ["\n".repeat(size), format!("//{}", "x".repeat(size)), rule(&format!("require a == \"{}\"", "x".repeat(size)))]
    {
        assert_eq!(errors(&text), "");
    }
}

#[test]
fn one_slip_anywhere_is_one_mistake() {
    let text = super::tests::EVERY_FORM;
    let part = |from, to| text.get(from..to).expect("inside the text");
    for token in super::scan::scan(text).tokens {
        let (start, end) = (token.region.start, token.region.end);
        let (before, found, after) = (part(0, start), part(start, end), part(end, text.len()));
        let told = errors(&format!("{before}{found} + {after}"));
        assert_eq!(told.lines().count(), 1, "`+` behind {start}..{end}\n{told}");
        // Where an opening bracket is gone, its partner may close another one, and be told too.
        let most = if matches!(found, "{" | "(") { 2 } else { 1 };
        let told = errors(&format!("{before}{after}"));
        assert!(told.lines().count() <= most, "without {start}..{end}\n{told}");
    }
}

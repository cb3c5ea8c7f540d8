//! Sources made to exhaust the stack, memory or time: read or refused, on the small stack of an ordinary thread.

use super::{parse::MAX_NESTING, source};
use crate::facts::PythonSource;

/// Runs on the small stack of an ordinary thread.
fn on_small_stack(text: String) -> PythonSource {
    let run = move || source(text.as_bytes());
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap()
}

#[test]
fn deep_nesting_is_read() {
    const DEPTH: usize = 5_000;
    let blocks: String = (0..DEPTH / 5).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
    for text in [
        format!("x = {}1{}\n", "(".repeat(DEPTH), ")".repeat(DEPTH)),
        format!("x = {}1{}\n", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        format!("x = {}1\n", "not ".repeat(DEPTH)),
        format!("x = {}1\n", "lambda a, b: ".repeat(DEPTH)),
        format!("x = y{}\n", ".z".repeat(DEPTH)),
        format!("x = y{}\n", "()".repeat(DEPTH)),
        format!("x = {}1\n", "1 if 2 else ".repeat(DEPTH)),
        format!("x = {}1\n", "1 + ".repeat(DEPTH)),
        format!("x = {}1\n", "-".repeat(MAX_NESTING - 100)),
        blocks + &" ".repeat(DEPTH / 5) + "import a\n",
    ] {
        let start: String = text.chars().take(40).collect();
        let source = on_small_stack(text + "import importlib\nimportlib.import_module('z')\n");
        assert_eq!(source.error, None, "{start}");
        assert!(source.imports.iter().any(|import| import.target == "z"), "{start}");
    }
}

#[test]
fn too_deep_nesting_is_an_error() {
    for text in [
        format!("x = 1{}\n", "+1".repeat(200_000)),
        format!("x = 1{}\n", "+1".repeat(MAX_NESTING + 10)),
        format!("x = {}1\n", "not ".repeat(100_000)),
        format!("x = {}\n", "(".repeat(100_000)),
        format!("x = {}1\n", "-".repeat(1_000_000)),
        format!("x = {}1\n", "lambda a, b: ".repeat(MAX_NESTING + 10)),
        format!("with ({}): pass\n", "1+".repeat(MAX_NESTING + 10)),
    ] {
        let start: String = text.chars().take(40).collect();
        let source = on_small_stack(text);
        assert!(source.error.unwrap().message.contains("levels deep"), "{start}");
        assert!(!source.imports_complete.is_complete());
    }
}

#[test]
fn long_flat_literals_are_not_deep() {
    let row = "(1, -2, 'a' + b.c, [f(x)], {'k': not y}),\n";
    let source = on_small_stack(format!("import a\nTABLE = [\n{}]\n", row.repeat(40_000)));
    assert_eq!(source.error, None);
    assert_eq!(source.variables.len(), 1);
}

#[test]
fn speculative_parsing_does_not_blow_up() {
    let n = 3_000;
    for text in [
        format!("with {}a{}: pass\n", "(".repeat(n), ",)".repeat(n)),
        format!("with {}", "(".repeat(n)),
        format!("match {}", "(match ".repeat(n)),
        format!("match x:\n case {}1{}: pass\n", "A(".repeat(n), ")".repeat(n)),
        format!("x = {}1{}\n", "f'{".repeat(n), "}'".repeat(n)),
        format!("x = f'{}{}'\n", "{1:".repeat(n), "}".repeat(n)),
        "f\"{".repeat(n),
        "[x for x in ".repeat(n),
        "lambda x=".repeat(n),
        "type x[T=".repeat(n),
    ] {
        let start: String = text.chars().take(30).collect();
        assert!(on_small_stack(text).imports.is_empty(), "{start}");
    }
}

#[test]
fn names_that_lead_to_each_other_are_not_followed_for_ever() {
    let doubling: String = (0..1_000).map(|index| format!("x{index} = x{0} + x{0}\n", index + 1)).collect();
    assert_eq!(on_small_stack(doubling + "__import__(x0)\n").computed_imports.len(), 1);
}

#[test]
fn narrowing_is_bounded() {
    let names: Vec<String> = (0..200).map(|index| format!("'m{index}'")).collect();
    let text = format!("for n in [{}]:\n {}\n", names.join(","), "__import__(n);".repeat(2_000));
    let source = on_small_stack(text);
    assert!(source.imports.len() <= 65_536, "{}", source.imports.len());
    assert!(!source.imports_complete.is_complete());
}

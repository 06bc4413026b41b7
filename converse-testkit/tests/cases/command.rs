//! The command line.

use std::fs;

use converse_testkit::cases::{CoreOnly, main};
use serde_json::json;

/// What is printed for these arguments, with the exit code.
fn command(arguments: &[&str]) -> (String, String) {
    let mut out = Vec::new();
    let code = main(
        arguments.iter().map(|argument| (*argument).to_owned()),
        &CoreOnly,
        &mut out,
    );
    (String::from_utf8(out).unwrap(), format!("{code:?}"))
}

fn code(number: u8) -> String {
    format!("{:?}", std::process::ExitCode::from(number))
}

#[test]
fn cases_are_selected_counted_and_told() {
    let dir = std::env::temp_dir().join(format!("converse-cases-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let case = |id: &str, area: &str, level: &str, steps: serde_json::Value| json!({ "id": id, "area": area, "level": level, "steps": steps });
    let bad = json!([{ "expect_send": { "match": "<message/>", "within_ms": 1 } }]);
    let cases = json!([
        case("A-1", "a", "must", json!([])),
        case("A-2", "a", "should", bad.clone()),
        case("B-1", "b", "must", bad),
        { "id": "API-1", "when": "a row of a table" }
    ]);
    fs::write(dir.join("all.json"), cases.to_string()).unwrap();
    let folder = dir.to_str().unwrap();

    let (out, exit) = command(&[folder]);
    assert_eq!(exit, code(1));
    assert!(
        out.contains("skipped 1 entries without steps in all.json"),
        "{out}"
    );
    assert!(
        out.contains("PASS A-1\nFAIL A-2 [should] at step 1 (expect_send): "),
        "{out}"
    );
    assert!(
        out.contains("a             must 1/1  should 0/1\nb             must 0/1\n"),
        "{out}"
    );
    assert!(out.ends_with("1 passed, 2 failed\n"), "{out}");

    let (out, exit) = command(&[folder, "--area", "a"]);
    assert!(out.ends_with("1 passed, 1 failed\n"), "{out}");
    assert_eq!(exit, code(0));
    let (out, _) = command(&["--id", "B-1", folder]);
    assert!(out.ends_with("0 passed, 1 failed\n"), "{out}");
    // A name nobody has is a mistake, not a success.
    assert_eq!(command(&[folder, "--id", "C-1"]).1, code(2));
    assert_eq!(command(&["--volume", "11"]).1, code(2));
    assert_eq!(command(&["/nowhere/at/all"]).1, code(2));
    fs::remove_dir_all(dir).unwrap();
}

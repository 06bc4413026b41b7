//! The settings page of the documentation.

use std::path::Path;

use converse_core::settings::{Settings, markdown};

#[test]
fn settings_table_of_the_documentation_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
    let page = markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/settings.md is out of date; run `UPDATE_DOCS=1 cargo nextest run -p converse-core \
         settings_table`"
    );
}

#[test]
fn every_setting_has_documentation_and_an_owner() {
    let page = markdown();
    let declarations = Settings::default().declarations();
    assert_eq!(page.matches("\n| `").count(), declarations.len());
    for declaration in declarations {
        let key = &declaration.key;
        assert!(declaration.doc.ends_with('.'), "{key}: {}", declaration.doc);
        assert!(
            declaration.owner.starts_with("converse-"),
            "{key}: {}",
            declaration.owner
        );
        assert_eq!(page.matches(&format!("\n| `{key}` |")).count(), 1, "{key}");
    }
}

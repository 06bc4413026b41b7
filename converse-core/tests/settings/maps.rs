//! Settings that are maps.

use converse_core::settings::{Declaration, Kind, Settings, json, settings};

fn with_layout() -> Settings {
    let settings = Settings::new(settings! { "layout": { "pane": { "width": 30 } } });
    settings
        .for_plugin("layout")
        .update(settings! { "layout": { "pane": { "width": 10, "open": true }, "theme": "dark" } })
        .unwrap();
    settings
}

#[test]
fn maps_merge_at_every_depth() {
    assert_eq!(
        with_layout().get("layout"),
        Some(json!({ "pane": { "width": 30, "open": true }, "theme": "dark" }))
    );
}

#[test]
fn set_changes_only_the_keys_it_names() {
    let settings = with_layout();
    settings
        .set("layout", json!({ "pane": { "open": false } }))
        .unwrap();
    settings.set("layout", json!({ "theme": "light" })).unwrap();
    assert_eq!(
        settings.get("layout"),
        Some(json!({ "pane": { "width": 30, "open": false }, "theme": "light" }))
    );
}

#[test]
fn set_refuses_an_unknown_key_inside_a_map() {
    let settings = with_layout();
    let error = settings
        .set("layout", json!({ "pane": { "widht": 3 } }))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no setting `layout.pane.widht`; did you mean `width`?"
    );
}

#[test]
fn a_map_that_is_a_scalar_elsewhere_is_refused() {
    let settings = with_layout();
    let error = settings.set("layout", json!({ "pane": 3 })).unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `layout.pane` takes map, not integer"
    );
}

#[test]
fn an_open_map_takes_any_key_and_replaces() {
    let settings = Settings::new(settings! { "aliases": { "julia": "juliet@capulet.example" } });
    let default = json!({ "nurse": "nurse@capulet.example" });
    settings
        .extend([Declaration::new(
            "aliases",
            Kind::OpenMap,
            default,
            "Short names.",
        )])
        .unwrap();
    settings.finish().unwrap();
    assert_eq!(
        settings.get("aliases"),
        Some(json!({ "julia": "juliet@capulet.example" }))
    );
}

//! Whatever a server asks and a user answers: no panic, and what goes out keeps the form's rules.

use converse_core::forms::{FieldKind, Form};
use converse_core::xml::{Element, ElementBuilder};
use proptest::collection::vec;
use proptest::prelude::*;

const NS: &str = "jabber:x:data";
const KINDS: [&str; 11] = [
    "boolean",
    "fixed",
    "hidden",
    "jid-multi",
    "jid-single",
    "list-multi",
    "list-single",
    "text-multi",
    "text-private",
    "text-single",
    "holographic",
];

/// A text that means something to some field more often than chance would have it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("1".to_owned()),
        Just("false".to_owned()),
        Just("a@b.example".to_owned()),
        Just("one\r\ntwo".to_owned()),
        "[ab@/.]{0,4}",
        "[^\\p{C}]{0,6}",
    ]
}

fn field() -> impl Strategy<Value = ElementBuilder> {
    let kind = prop::option::of(prop::sample::select(KINDS.to_vec()));
    let texts = || vec(text(), 0..4);
    (kind, "[a-d]?", texts(), texts(), any::<bool>()).prop_map(
        |(kind, var, values, options, required)| {
            let value = |text: String| Element::builder("value", NS).text(text);
            let option = |text| Element::builder("option", NS).child(value(text));
            Element::builder("field", NS)
                .attr_opt("type", kind)
                .attr("var", var)
                .children(values.into_iter().map(value))
                .children(options.into_iter().map(option))
                .child_opt(required.then(|| Element::builder("required", NS)))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_submitted_keeps_the_rules_of_the_form(
        fields in vec(field(), 0..6),
        answers in vec(("[a-e]", vec(text(), 0..3)), 0..8),
    ) {
        let asked = Element::builder("x", NS).attr("type", "form").children(fields);
        let form = Form::read(asked.build().unwrap().view()).unwrap();
        let mut submission = form.fill();
        let mut answered = Vec::new();
        for (var, values) in answers {
            match submission.set(&var, values) {
                Ok(_) => answered.push(var),
                Err(error) => {
                    let named = format!("`{var}`");
                    prop_assert!(error.to_string().contains(&named));
                }
            }
        }
        let Ok(out) = submission.submit() else {
            prop_assert!(!submission.missing().is_empty());
            return Ok(());
        };
        let sent = Form::read(out.build().unwrap().view()).unwrap();
        for field in &form.fields {
            let Some(reply) = sent.field(&field.var) else {
                continue;
            };
            let same = |one: &&converse_core::forms::Field| one.var == field.var;
            let asked = form.fields.iter().filter(same);
            let mut asked = asked.filter(|one| one.kind != FieldKind::Fixed);
            let Some(asked) = asked.next().filter(|one| answered.contains(&one.var)) else {
                continue;
            };
            match asked.kind {
                FieldKind::Boolean => prop_assert!(reply.as_bool().is_some()),
                FieldKind::JidSingle | FieldKind::JidMulti => {
                    prop_assert_eq!(reply.as_jids().len(), reply.values.len());
                }
                FieldKind::ListSingle | FieldKind::ListMulti => {
                    let offered = |value: &String| asked.options.iter().any(|one| one.value == *value);
                    prop_assert!(reply.values.iter().all(offered));
                }
                FieldKind::TextMulti => {
                    prop_assert!(!reply.values.iter().any(|line| line.contains('\n')));
                }
                _ => {}
            }
        }
        let asked = form.fields.iter().filter(|field| field.kind != FieldKind::Fixed);
        for field in asked.filter(|field| submission.has(&field.var)) {
            let first = form.fields.iter().find(|one| one.var == field.var && one.kind != FieldKind::Fixed);
            prop_assert!(!first.unwrap().required || sent.field(&field.var).is_some());
        }
    }
}

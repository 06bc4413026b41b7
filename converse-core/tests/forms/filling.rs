//! Filling out: what a form does not allow is refused when it is answered, what it misses when it is submitted.

use converse_core::forms::{Form, FormError, Submission};
use converse_core::{Error, ErrorKind};

use crate::form_of;

fn submitted(submission: &Submission) -> Form {
    let element = submission.submit().unwrap().build().unwrap();
    Form::read(element.view()).unwrap()
}

#[test]
fn defaults_and_hidden_fields_go_back_and_fixed_text_does_not() {
    let form = form_of(
        "<field var='FORM_TYPE' type='hidden'><value>t</value></field>\
         <field type='fixed'><value>Read this</value></field><field var='f' type='fixed'><value>x</value></field>\
         <field var='sid' type='hidden'><value>s1</value></field>\
         <field var='limit' type='list-single'><value>30</value><option><value>30</value></option></field>\
         <field var='empty'/>",
    );
    let xml = form.fill().submit().unwrap().build().unwrap().to_xml();
    assert_eq!(
        xml,
        "<x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE' type='hidden'><value>t</value></field>\
         <field var='sid'><value>s1</value></field><field var='limit'><value>30</value></field></x>"
    );
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let form = form_of(
        "<field var='a'><required/></field><field var='b'><required/><value>x</value></field>\
         <field var='c' type='jid-multi'><required/></field><field var='d' type='boolean'><required/></field>",
    );
    let mut submission = form.fill();
    submission.set("a", "").unwrap();
    assert_eq!(submission.missing(), ["a", "c"]);
    let error = submission.submit().unwrap_err();
    assert_eq!(error.to_string(), "the form wants an answer to `a`, `c`");
    assert_eq!(Error::from(error).kind(), ErrorKind::InvalidArgument);
    let romeo: jid::BareJid = "romeo@montague.example".parse().unwrap();
    submission
        .set("a", 5_u32)
        .unwrap()
        .set("c", [&romeo, &romeo])
        .unwrap();
    let form = submitted(&submission);
    assert_eq!(form.value("a"), Some("5"));
    assert_eq!(form.field("c").unwrap().values, ["romeo@montague.example"]);
    assert_eq!(
        form.field("d").unwrap().as_bool(),
        Some(false),
        "the default of a yes or no is no"
    );
}

#[test]
fn a_choice_keeps_to_what_is_offered() {
    let options = "<option><value>x</value></option><option><value>y</value></option>";
    let form = form_of(&format!(
        "<field var='one' type='list-single'>{options}</field><field var='many' type='list-multi'>{options}</field>\
         <field var='open' type='list-single'>{options}\
         <validate xmlns='http://jabber.org/protocol/xdata-validate'><open/></validate></field>",
    ));
    let mut submission = form.fill();
    assert!(
        matches!(submission.set("one", "z"), Err(FormError::NotOffered { var }) if var == "one")
    );
    assert!(matches!(
        submission.set("one", ["x", "y"]),
        Err(FormError::OneValueOnly { .. })
    ));
    submission.set("one", "y").unwrap();
    submission
        .set("many", ["y", "x", "y"])
        .unwrap()
        .set("open", "z")
        .unwrap();
    let form = submitted(&submission);
    assert_eq!(form.value("one"), Some("y"));
    assert_eq!(
        form.field("many").unwrap().values,
        ["x", "y"],
        "in the order of the form"
    );
    assert_eq!(form.value("open"), Some("z"));
}

#[test]
fn an_answer_of_the_wrong_kind_is_refused_and_the_old_one_stays() {
    let form = form_of(
        "<field var='yes' type='boolean'><value>1</value></field><field var='who' type='jid-single'/>\
         <field var='text'/><field var='fixed' type='fixed'/>\
         <field var='FORM_TYPE' type='hidden'><value>t</value></field>",
    );
    let mut submission = form.fill();
    assert!(matches!(
        submission.set("yes", "perhaps"),
        Err(FormError::NotBoolean { .. })
    ));
    let error = submission.set("who", "@").unwrap_err();
    assert!(std::error::Error::source(&error).is_some(), "{error}");
    assert!(matches!(
        submission.set("text", "a\nb"),
        Err(FormError::OneLineOnly { .. })
    ));
    assert!(
        matches!(submission.set("tex", "a"), Err(FormError::UnknownField { var }) if var == "tex")
    );
    assert!(submission.set("FORM_TYPE", "other").is_err());
    assert!(!submission.has("fixed") && submission.has("text"));
    let form = submitted(&submission);
    assert_eq!(form.field("yes").unwrap().as_bool(), Some(true));
    assert_eq!(form.form_type(), Some("t"));
}

#[test]
fn an_answer_is_taken_back_with_no_values() {
    let form = form_of("<field var='a'><value>x</value></field>");
    let mut submission = form.fill();
    submission.set("a", None::<&str>).unwrap();
    assert!(submitted(&submission).fields.is_empty());
}

#[test]
fn a_form_can_be_declined() {
    let xml = Form::cancel().build().unwrap().to_xml();
    assert_eq!(xml, "<x xmlns='jabber:x:data' type='cancel'/>");
}

//! What is read, and what is made of what cannot be.

use converse_core::forms::{FieldKind, Form, FormError, FormKind};
use converse_core::xml::Element;
use proptest::prelude::*;

use crate::{form_of, try_form};

#[test]
fn a_form_is_read_with_everything_in_it() {
    let form = try_form(
        "<x xmlns='jabber:x:data' type='form'>\
           <title>Bot</title><instructions> One. </instructions><instructions>Two.</instructions>\
           <field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>\
           <field type='fixed'><value>Section 1</value></field>\
           <field type='text-single' label='The name' var='botname'><desc>Any</desc><required/></field>\
           <field type='text-multi' var='description'><value>a</value><value>b</value></field>\
           <field type='list-single' var='maxsubs'><value>20</value>\
             <option label='Ten'><value>10</value></option><option><value>20</value></option></field>\
           <field type='list-multi' var='features'>\
             <validate xmlns='http://jabber.org/protocol/xdata-validate'><open/></validate></field>\
           <field var='ocr'><media xmlns='urn:xmpp:media-element'>\
             <uri type='image/png'>cid:sha1+aa@bob.xmpp.org</uri></media></field></x>",
    )
    .unwrap();
    assert_eq!(form.kind, FormKind::Form);
    assert_eq!(form.title.as_deref(), Some("Bot"));
    assert_eq!(form.instructions, ["One.", "Two."]);
    assert_eq!(form.form_type(), Some("jabber:bot"));
    let vars: Vec<&str> = form.fields.iter().map(|field| field.var.as_str()).collect();
    assert_eq!(
        vars,
        [
            "FORM_TYPE",
            "",
            "botname",
            "description",
            "maxsubs",
            "features",
            "ocr"
        ]
    );
    let name = form.field("botname").unwrap();
    assert_eq!((name.title(), name.required), ("The name", true));
    assert_eq!(name.description.as_deref(), Some("Any"));
    assert_eq!(form.field("description").unwrap().text(), "a\nb");
    let choice = form.field("maxsubs").unwrap();
    assert_eq!(choice.options[0].label.as_deref(), Some("Ten"));
    assert_eq!(
        (choice.options[1].value.as_str(), choice.open),
        ("20", false)
    );
    assert!(form.field("features").unwrap().open);
    let media = &form.field("ocr").unwrap().media[0];
    assert_eq!(media.type_, "image/png");
    assert_eq!(media.uri, "cid:sha1+aa@bob.xmpp.org");
}

#[test]
fn a_table_takes_kinds_from_its_columns() {
    let form = try_form(
        "<x xmlns='jabber:x:data' type='result'>\
           <item><field var='url'><value>u1</value></field></item>\
           <reported><field var='name' label='Name'/><field var='who' type='jid-single'/></reported>\
           <item><field var='name'><value>n2</value></field><field var='who'><value>A@b.example</value></field></item>\
         </x>",
    )
    .unwrap();
    assert_eq!(form.columns[0].title(), "Name");
    assert_eq!(form.rows.len(), 2);
    assert_eq!(form.rows[0].value("url"), Some("u1"));
    let who = form.rows[1].cell("who").unwrap();
    assert_eq!(who.kind, FieldKind::JidSingle);
    assert_eq!(who.as_jid().unwrap().as_str(), "a@b.example");
    assert_eq!(form.rows[1].value("url"), None);
}

#[test]
fn what_is_unknown_or_broken_costs_itself_only() {
    let form = form_of(
        "<field type='text-single'/><field type='holographic' var='a'/><field var='b'><option/></field>\
         <field xmlns='other' var='c'/>",
    );
    let vars: Vec<&str> = form.fields.iter().map(|field| field.var.as_str()).collect();
    assert_eq!(vars, ["a", "b"]);
    assert_eq!(form.fields[0].kind, FieldKind::TextSingle);
    assert!(form.fields[1].options.is_empty());
}

#[test]
fn values_are_read_by_their_meaning() {
    let form = form_of(
        "<field var='yes' type='boolean'><value>true</value></field>\
         <field var='no' type='boolean'><value> 0 </value></field>\
         <field var='maybe' type='boolean'><value>maybe</value></field>\
         <field var='who' type='jid-multi'><value>a@b.example</value><value>@</value><value>A@b.example</value></field>",
    );
    let answer = |var| form.field(var).unwrap().as_bool();
    assert_eq!(answer("yes"), Some(true));
    assert_eq!(answer("no"), Some(false));
    assert_eq!(answer("maybe"), None);
    assert_eq!(form.field("who").unwrap().as_jids().len(), 1);
}

#[test]
fn only_a_hidden_field_says_what_a_form_is_about() {
    let shown = "<field var='FORM_TYPE'><value>a</value></field>";
    assert_eq!(form_of(shown).form_type(), None);
    let submitted = format!("<x xmlns='jabber:x:data' type='submit'>{shown}</x>");
    assert_eq!(try_form(&submitted).unwrap().form_type(), Some("a"));
}

#[test]
fn what_is_no_form_is_an_error() {
    assert!(matches!(try_form("<x/>"), Err(FormError::NotAForm)));
    let error = try_form("<x xmlns='jabber:x:data' type='&lt;b>'/>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the data form has the unknown type `<b>`"
    );
    let missing = try_form("<x xmlns='jabber:x:data'/>").unwrap();
    assert_eq!(missing.kind, FormKind::Form);
    let nothing = Element::parse("<query xmlns='jabber:iq:register'/>").unwrap();
    assert_eq!(Form::inside(nothing.view()).unwrap(), None);
}

#[test]
fn a_form_that_nobody_can_fill_out_is_refused() {
    let many = "<field var='a'/>".repeat(1_001);
    let error = try_form(&format!("<x xmlns='jabber:x:data'>{many}</x>")).unwrap_err();
    assert_eq!(error.to_string(), "the data form has more than 1000 fields");
    let many = "<value/>".repeat(10_001);
    let form = format!("<x xmlns='jabber:x:data'><field var='a'>{many}</field></x>");
    assert!(matches!(try_form(&form), Err(FormError::TooMany { .. })));
}

#[test]
fn values_do_not_show() {
    let form = form_of("<field var='pin' type='text-private'><value>4711</value></field>");
    assert!(!format!("{form:?}").contains("4711"));
    let mut submission = form.fill();
    submission.set("pin", "hunter2").unwrap();
    assert!(!format!("{submission:?}").contains("hunter2"));
    let error = submission.set("pin", "hunter2\nhunter2").unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever an answer holds arrives as it is.
    #[test]
    fn answers_arrive_as_they_are(
        line in "[^\\r\\n\\p{C}]{0,20}",
        lines in proptest::collection::vec("[^\\r\\n\\p{C}]{1,20}", 1..5),
        agreed: bool,
    ) {
        let form = form_of(
            "<field var='line'/><field var='lines' type='text-multi'/><field var='agreed' type='boolean'/>",
        );
        let mut submission = form.fill();
        submission.set("line", &line).unwrap();
        submission.set("lines", lines.join("\n")).unwrap().set("agreed", agreed).unwrap();
        let element = submission.submit().unwrap().build().unwrap();
        let read = Form::read(Element::parse(&element.to_xml()).unwrap().view()).unwrap();
        prop_assert_eq!(read.kind, FormKind::Submit);
        prop_assert_eq!(read.value("line"), Some(line.as_str()));
        prop_assert_eq!(&read.field("lines").unwrap().values, &lines);
        prop_assert_eq!(read.field("agreed").unwrap().as_bool(), Some(agreed));
    }
}

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::{Algorithm, Key, Method, SEPARATORS, capability_hash, input_2, verification_string};
use crate::disco::info::{Lang, read};
use crate::disco::{Form, Identity, Info};
use crate::xml::Element;

/// XEP-0115 §5.3
const PSI: &str = "<query xmlns='http://jabber.org/protocol/disco#info' \
    node='http://psi-im.org#q07IKJEyjvHSyhy//CH0CxmKi8w='>\
    <identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>\
    <identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>\
    <feature var='http://jabber.org/protocol/caps'/>\
    <feature var='http://jabber.org/protocol/disco#info'/>\
    <feature var='http://jabber.org/protocol/disco#items'/>\
    <feature var='http://jabber.org/protocol/muc'/>\
    <x xmlns='jabber:x:data' type='result'>\
    <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>\
    <field var='ip_version' type='text-multi'><value>ipv4</value><value>ipv6</value></field>\
    <field var='os'><value>Mac</value></field>\
    <field var='os_version'><value>10.5.1</value></field>\
    <field var='software'><value>Psi</value></field>\
    <field var='software_version'><value>0.11</value></field></x></query>";
const PSI_HASH: &str = "q07IKJEyjvHSyhy//CH0CxmKi8w=";

/// XEP-0390 §4.2.1
const BOMBUS: &str = include_str!("bombus.xml");
/// XEP-0390 §4.2.2
const TKABBER: &str = include_str!("tkabber.xml");

fn one(hash: &str) -> Key {
    key(Method::One, Algorithm::Sha1, hash)
}

fn key(method: Method, algorithm: Algorithm, hash: &str) -> Key {
    Key {
        method,
        algorithm,
        hash: hash.into(),
    }
}

fn verify(key: &Key, query: &str) -> Result<Info, &'static str> {
    key.verify(Element::parse(query).unwrap().view())
}

/// The key of what a query says, flaws or not.
fn key_of(query: &str, method: Method) -> Key {
    let query = Element::parse(query).unwrap();
    let reading = read(query.view(), Lang::Written);
    Key::of(&reading.info, method, Algorithm::Sha256)
}

#[test]
fn the_example_of_xep_0115_has_its_hash() {
    let info = verify(&one(PSI_HASH), PSI).unwrap();
    assert_eq!(info.identities.len(), 2);
    assert_eq!(
        info.form("urn:xmpp:dataforms:softwareinfo")
            .and_then(|form| form.value("os")),
        Some("Mac")
    );
    assert_eq!(verification_string(&info, Algorithm::Sha1), PSI_HASH);
}

#[test]
fn the_examples_of_xep_0390_have_their_hashes() {
    let examples = [
        (
            BOMBUS,
            "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=",
            "79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q=",
        ),
        (
            TKABBER,
            "u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=",
            "XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=",
        ),
    ];
    for (query, sha_256, sha3_256) in examples {
        let info = verify(&key(Method::Two, Algorithm::Sha256, sha_256), query).unwrap();
        let again = verify(&key(Method::Two, Algorithm::Sha3_256, sha3_256), query).unwrap();
        assert_eq!(info, again);
        assert_eq!(capability_hash(&info, Algorithm::Sha3_256), sha3_256);
        let node = key(Method::Two, Algorithm::Sha256, sha_256).node();
        assert_eq!(node, format!("urn:xmpp:caps#sha-256.{sha_256}"));
    }
}

#[test]
fn the_separators_are_where_the_xep_has_them() {
    let mut info = Info::default();
    info.identities
        .push(Identity::new("client", "mobile").named("BombusMod"));
    info.features.insert("b".to_owned());
    info.forms.push(Form::new("k").with("v", ["2", "1"]));
    assert_eq!(SEPARATORS, [0x1c, 0x1d, 0x1e, 0x1f]);
    assert_eq!(
        String::from_utf8(input_2(&info)).unwrap(),
        "b\u{1f}\u{1c}client\u{1f}mobile\u{1f}\u{1f}BombusMod\u{1f}\u{1e}\u{1c}\
         FORM_TYPE\u{1f}k\u{1f}\u{1e}v\u{1f}1\u{1f}2\u{1f}\u{1e}\u{1d}\u{1c}"
    );
}

#[test]
fn an_answer_with_another_hash_is_refused() {
    let richer = PSI.replace("<x ", "<feature var='urn:xmpp:evil'/><x ");
    assert!(verify(&one(PSI_HASH), &richer).is_err());
    let poorer = PSI.replace("<feature var='http://jabber.org/protocol/muc'/>", "");
    assert!(verify(&one(PSI_HASH), &poorer).is_err());
    let sha_256 = key(Method::One, Algorithm::Sha256, PSI_HASH);
    assert!(verify(&sha_256, PSI).is_err());
    assert!(verify(&key(Method::Two, Algorithm::Sha1, PSI_HASH), PSI).is_err());
}

/// XEP-0115 §5.4, rules 3.3 to 3.5: what is said twice makes the whole answer ill-formed, even if a hash fits.
#[test]
fn an_ill_formed_answer_is_refused_whatever_its_hash() {
    let identity = "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>";
    let muc = "<feature var='http://jabber.org/protocol/muc'/>";
    let start = PSI.find("<x ").unwrap();
    let form = &PSI[start..PSI.find("</query>").unwrap()];
    let type_ = "<value>urn:xmpp:dataforms:softwareinfo</value>";
    let twice = |what: &str| PSI.replace(what, &format!("{what}{what}"));
    let cases = [
        twice(identity),
        twice(muc),
        twice(form),
        PSI.replace(type_, &format!("{type_}<value>urn:other</value>")),
        twice("<field var='os'><value>Mac</value></field>"),
        PSI.replace(" var='os'", ""),
        PSI.replace(muc, "<feature/>"),
        PSI.replace("</x>", "<reported/></x>"),
        PSI.replace("</x>", "<item/></x>"),
    ];
    for query in cases {
        for method in [Method::One, Method::Two] {
            assert!(verify(&key_of(&query, method), &query).is_err(), "{query}");
        }
        assert!(verify(&one(PSI_HASH), &query).is_err(), "{query}");
    }
}

/// XEP-0115 §5.4, rule 3.6: a form that does not say what it is does not count; nor is it kept.
#[test]
fn a_form_without_a_kind_is_passed_over() {
    for form in [
        "<x xmlns='jabber:x:data'><field var='a'><value>b</value></field></x>",
        "<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>k</value></field></x>",
        "<x xmlns='jabber:x:data'><field/></x>",
        "<x xmlns='jabber:x:data'/>",
        "<y xmlns='urn:something:else'/>",
    ] {
        let query = PSI.replace("<x ", &format!("{form}<x "));
        let info = verify(&one(PSI_HASH), &query).unwrap();
        assert_eq!(info.forms.len(), 1, "{form}");
        // XEP-0390 §4.1 refuses such an answer.
        assert!(
            verify(&key_of(&query, Method::Two), &query).is_err(),
            "{form}"
        );
    }
}

/// XEP-0115 §9.3: its separators are legal in texts, so that another could have the same hash.
#[test]
fn what_could_be_read_in_another_way_is_refused() {
    let honest = "<query xmlns='http://jabber.org/protocol/disco#info'>\
        <identity category='client' type='pc' name='A'/><feature var='urn:b'/><feature var='urn:c'/></query>";
    let key = key_of(honest, Method::One);
    assert!(verify(&key, honest).is_ok());
    let forged = [
        "<identity category='client' type='pc' name='A&lt;urn:b'/><feature var='urn:c'/>",
        "<identity category='client' type='pc' name='A'/><feature var='urn:b&lt;urn:c'/>",
        "<identity category='client/pc/' type='A' name=''/><feature var='urn:b'/><feature var='urn:c'/>",
        "<identity category='client' type='pc//A&lt;urn:b'/><feature var='urn:c'/>",
    ];
    for inner in forged {
        let query = format!("<query xmlns='http://jabber.org/protocol/disco#info'>{inner}</query>");
        assert!(verify(&key, &query).is_err(), "{inner}");
        assert!(
            verify(&key_of(&query, Method::One), &query).is_err(),
            "{inner}"
        );
    }
}

/// Some take the language of the stream for that of their identities, as XEP-0390 §4.1 wants it; some do not.
#[test]
fn the_language_of_the_stream_may_count() {
    let written = "<query xmlns='http://jabber.org/protocol/disco#info'>\
        <identity category='client' type='pc' name='A' xml:lang='en'/></query>";
    let without = written.replace(" xml:lang='en'", "");
    let inherited = without.replace("<query", "<query xml:lang='en'");
    for method in [Method::One, Method::Two] {
        let info = verify(&key_of(written, method), &inherited).unwrap();
        assert_eq!(info.identities[0].lang.as_deref(), Some("en"));
        let info = verify(&key_of(&without, method), &inherited).unwrap();
        assert_eq!(info.identities[0].lang, None);
        assert!(verify(&key_of(written, method), &without).is_err());
    }
}

#[test]
fn more_than_anybody_says_is_refused() {
    let features: String = (0..1_001)
        .map(|number| format!("<feature var='urn:{number}'/>"))
        .collect();
    let query = format!("<query xmlns='http://jabber.org/protocol/disco#info'>{features}</query>");
    assert!(verify(&key_of(&query, Method::Two), &query).is_err());
}

/// The hashes that others compute of the same.
#[test]
fn another_implementation_has_the_same_hashes() {
    for query in [PSI, BOMBUS, TKABBER] {
        let element = Element::parse(query).unwrap();
        let info = read(element.view(), Lang::Written).info;
        let other: xmpp_parsers::disco::DiscoInfoResult = element.decode().unwrap();
        // It sorts features with what follows them, and fields not at all (§5.1, 4 and 7.2): the first example alone has no
        // feature that begins with another, and its fields in order.
        if query == PSI {
            let input = xmpp_parsers::caps::compute_disco(&other);
            assert_eq!(super::input_1(&info), input);
        }
        assert_eq!(
            input_2(&info),
            xmpp_parsers::ecaps2::compute_disco(&other).unwrap()
        );
    }
}

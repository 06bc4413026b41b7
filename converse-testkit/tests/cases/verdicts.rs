//! One case after the other, with the verdict that it must get.

use converse_testkit::cases::{Case, CoreOnly, Verdict, run};
use serde_json::{Value, json};

fn verdict(setup: Value, steps: Value) -> Verdict {
    let case =
        json!({ "id": "T-1", "area": "test", "level": "must", "setup": setup, "steps": steps });
    let case: Case = serde_json::from_value(case).unwrap();
    run(&case, &CoreOnly)
}

#[track_caller]
fn passes(setup: Value, steps: Value) {
    assert_eq!(verdict(setup, steps), Verdict::Passed);
}

#[track_caller]
fn fails(steps: Value, part: &str) {
    match verdict(json!({}), steps) {
        Verdict::Failed(why) => assert!(why.contains(part), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn is_unsupported(setup: Value, steps: Value) {
    let verdict = verdict(setup, steps);
    assert!(matches!(verdict, Verdict::Unsupported(_)), "{verdict:?}");
}

const PING: &str =
    "<iq type='get' id='p' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>";

#[test]
fn what_happens_as_expected_passes() {
    passes(
        json!({}),
        json!([
            { "recv": PING },
            { "expect_send": { "match": "<iq type='result' id='{{i}}'/>", "absent": ["@from", "ping"] } },
            { "expect_no_send": { "match": "<iq id='{{i}}'/>", "within_ms": 100 } },
            { "expect_state": { "view": "connection", "args": [], "checks": [{ "path": "connected", "op": "equals", "value": true }] } },
            { "expect_event": { "name": "disconnected", "count": 0 } },
            { "expect_invariant": { "alive": true, "pending_iq": 0, "network_connections": [] } }
        ]),
    );
}

#[test]
fn what_is_not_sent_fails() {
    fails(
        json!([{ "expect_send": { "match": "<message/>" } }]),
        "at step 1",
    );
    // One stanza is not two.
    let answer = json!({ "expect_send": { "match": "<iq type='result' id='p'/>" } });
    fails(
        json!([{ "recv": PING }, answer.clone(), answer]),
        "at step 3",
    );
    let absent = json!({ "expect_send": { "match": "<iq type='result'/>", "absent": ["@id"] } });
    fails(json!([{ "recv": PING }, absent]), "at step 2");
    let to = json!({ "expect_send": { "match": "<iq type='result'/>", "to_in": ["somebody@else.example"] } });
    fails(json!([{ "recv": PING }, to]), "at step 2");
}

#[test]
fn what_is_sent_unwanted_fails() {
    fails(
        json!([{ "recv": PING }, { "expect_no_send": { "match": "<iq/>", "within_ms": 100 } }]),
        "at step 2",
    );
}

#[test]
fn events_are_counted() {
    let drop = json!({ "control": { "op": "tcp_drop" } });
    let back = json!({ "control": { "op": "accept_reconnect", "resume": false } });
    let count = |count: usize| json!({ "expect_event": { "name": "reconnected", "count": count } });
    passes(json!({}), json!([drop, back, count(1)]));
    fails(json!([drop, back, count(2)]), "at step 3");
    fails(json!([drop, back, count(0)]), "at step 3");
    fails(
        json!([{ "expect_event": { "name": "reconnected" } }]),
        "at step 1",
    );
    let none = json!({ "expect_no_event": { "name": "reconnected", "within_ms": 10 } });
    fails(json!([drop, back, none]), "at step 3");
    // Before the steps there was one.
    fails(
        json!([{ "expect_event": { "name": "connected", "count": 1 } }]),
        "at step 1",
    );
}

#[test]
fn states_and_results_are_checked() {
    let state = |op: &str, value: Value| json!([{ "expect_state": { "view": "user", "args": [], "checks": [{ "path": "jid", "op": op, "value": value }] } }]);
    passes(
        json!({}),
        state("equals", json!("mara@kestrel.example/desk")),
    );
    fails(
        state("equals", json!("rook@kestrel.example/desk")),
        "at step 1",
    );
    fails(state("absent", Value::Null), "at step 1");
    let call = json!({ "call": { "api": "tokens.get", "args": ["rid"], "as": "t" } });
    let result = |ok: bool| json!({ "expect_result": { "of": "t", "ok": ok } });
    passes(json!({}), json!([call, result(true)]));
    fails(json!([call, result(false)]), "at step 2");
}

#[test]
fn what_is_unknown_is_unsupported() {
    let setups = [
        json!({ "phase": "online", "weather": "fine" }),
        json!({ "auto": ["tea"] }),
        json!({ "rooms": [{ "jid": "atrium@rooms.kestrel.example" }] }),
        json!({ "stream_features": ["telepathy"] }),
        json!({ "cache": { "roster": {} } }),
    ];
    for setup in setups {
        is_unsupported(setup, json!([]));
    }
    let steps = [
        json!({ "wait": 1 }),
        json!({ "control": { "op": "earthquake" } }),
        json!({ "control": { "op": "tcp_drop", "gently": true } }),
        json!({ "control": { "op": "scram_server", "fault": "bad mood" } }),
        json!({ "call": { "api": "rooms.open", "args": [] } }),
        json!({ "call": { "api": "tokens.get", "args": ["rid"], "when": "now" } }),
        json!({ "expect_state": { "view": "weather", "args": [], "checks": [{ "path": "", "op": "absent" }] } }),
        json!({ "expect_state": { "view": "user", "args": [], "checks": [{ "path": "jid", "op": "rhymes" }] } }),
        json!({ "expect_state": { "view": "user", "args": [], "checks": [] } }),
        json!({ "expect_event": { "name": "nothingOfTheKind", "count": 0 } }),
        json!({ "expect_no_event": { "name": "nothingOfTheKind", "within_ms": 1 } }),
        json!({ "expect_no_send": { "match": "<iq/>", "within_ms": 1, "loudly": true } }),
        json!({ "expect_result": { "of": "nobody", "ok": true } }),
        json!({ "expect_invariant": { "happiness": 1 } }),
        json!({ "expect_invariant": { "alive": false } }),
        json!({ "expect_invariant": {} }),
        json!({ "expect_invariant": { "rss_growth_mb_max": "some" } }),
        json!({ "recv_raw": "<a/>", "encoding": "morse" }),
        json!({ "recv": "<presence/>", "expect_log": {} }),
    ];
    for step in steps {
        is_unsupported(json!({}), json!([step]));
    }
}

#[test]
fn a_panic_is_found_wherever_it_is() {
    let plugin = json!({ "control": { "op": "plugin", "name": "bad", "handler": "reconnecting", "panic": true } });
    let drop = json!({ "control": { "op": "tcp_drop" } });
    let again = json!({ "expect_event": { "name": "reconnecting" } });
    passes(json!({}), json!([plugin, drop, again]));
    // A handler that was to panic must be called.
    fails(json!([plugin]), "never called");
}

#[test]
fn secrets_in_the_log_are_found() {
    fails(
        json!([{ "expect_log": { "absent": ["T-1"] } }]),
        "was logged",
    );
    passes(
        json!({}),
        json!([{ "expect_log": { "absent": ["correct horse"] } }]),
    );
}

#[test]
fn each_fault_of_a_list_is_played() {
    let steps = |fault: &str| {
        json!([
            { "recv": "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>" },
            { "expect_send": { "match": "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>" } },
            { "control": { "op": "scram_server", "fault": fault } },
            { "control": { "op": "expect_disconnect" } }
        ])
    };
    let setup = json!({ "phase": "tls_done" });
    passes(setup.clone(), steps("missing salt / iteration count 1"));
    is_unsupported(setup, steps("missing salt / something else"));
}

//! Registering an account on a connection of its own (XEP-0077 §3.1).

use converse::core::forms::FieldKind;
use converse::core::registration::RegistrationError;
use converse::prelude::*;

use crate::server::{Line, Server, account, instance};
use crate::support::chain;

const REGISTER: &str = "<register xmlns='http://jabber.org/features/iq-register'/>";
const NS: &str = "jabber:iq:register";
const FIELDS: &str = "<instructions> Choose. </instructions><username/><password/><email/>";

/// An instance that knows no account, and its server.
async fn stranger() -> (Api, Server) {
    let (converse, server) = instance();
    let settings = settings! {
        "server": "127.0.0.1:5222",
        "security": "plaintext_loopback",
        "registration_domain": "kestrel.example",
        "auto_reconnect": false,
    };
    (converse.start(settings).await.unwrap(), server)
}

/// Offers registration and answers the request for the form.
async fn ask(server: &mut Server, query: &str) -> Line {
    let mut line = server.accept().await;
    line.features(REGISTER).await;
    answer_with_form(&mut line, query).await;
    line
}

async fn answer_with_form(line: &mut Line, query: &str) {
    let request = line.element().await;
    assert_eq!(request.attr("type").as_deref(), Some("get"));
    assert_eq!(request.attr("to").as_deref(), Some("kestrel.example"));
    assert!(request.child("query", NS).is_some());
    line.result(&request, &format!("<query xmlns='{NS}'>{query}</query>"))
        .await;
}

/// A registration whose form is this.
async fn begin(
    api: &Api,
    server: &mut Server,
    query: &str,
) -> (converse::core::api::Registration, Line) {
    let user = api.user();
    let (registration, line) = tokio::join!(user.registration(""), ask(server, query));
    (registration.unwrap(), line)
}

async fn refuse(line: &mut Line, condition: &str) -> Element {
    let request = line.element().await;
    let id = request.attr("id").unwrap().into_owned();
    let error = format!(
        "<iq type='error' id='{id}'><query xmlns='{NS}'><password>R0m30</password></query>\
         <error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>the reason</text></error></iq>"
    );
    line.send(&error).await;
    request
}

#[actix::test]
async fn the_fields_of_an_old_server_are_a_form() {
    let (api, mut server) = stranger().await;
    let (mut registration, mut line) = begin(&api, &mut server, FIELDS).await;
    let form = registration.form();
    assert_eq!(form.instructions.as_deref(), Some("Choose."));
    let kinds: Vec<_> = form
        .form
        .fields
        .iter()
        .map(|field| (field.var.as_str(), field.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("username", FieldKind::TextSingle),
            ("password", FieldKind::TextPrivate),
            ("email", FieldKind::TextSingle)
        ]
    );
    let error = registration.register("Juliet", "R0m30").await.unwrap_err();
    assert_eq!(error.to_string(), "the form wants an answer to `email`");

    let mut submission = registration.fill();
    submission.set("username", "Juliet").unwrap();
    submission
        .set("password", "R0m30")
        .unwrap()
        .set("email", "j@capulet.example")
        .unwrap();
    let (registered, ()) = tokio::join!(registration.submit(&submission), async {
        let request = line.element().await;
        assert_eq!(request.attr("type").as_deref(), Some("set"));
        let query = request.child("query", NS).unwrap();
        let answers: Vec<_> = query
            .children()
            .map(|field| (field.name().to_owned(), field.text().into_owned()))
            .collect();
        let expected = [
            ("username", "Juliet"),
            ("password", "R0m30"),
            ("email", "j@capulet.example"),
        ];
        assert_eq!(
            answers,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        line.result(&request, "").await;
        line.farewell().await;
    });
    let registered = registered.unwrap();
    assert_eq!(registered.jid.as_str(), "juliet@kestrel.example");
    assert!(!format!("{registered:?} {submission:?} {registration:?}").contains("R0m30"));

    let user = api.user();
    let (login, ()) = tokio::join!(user.login(registered), async {
        let auth = server.accept().await.auth().await;
        assert_eq!(auth.attr("mechanism").as_deref(), Some("PLAIN"));
    });
    assert!(login.is_err(), "the server has hung up");
}

#[actix::test]
async fn a_data_form_is_answered_by_a_data_form_only() {
    let (api, mut server) = stranger().await;
    let form = "<x xmlns='jabber:x:data' type='form'>\
        <field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>\
        <field type='text-single' var='username'><required/></field>\
        <field type='text-private' var='password'><required/></field>\
        <field type='list-single' var='x-gender'><option><value>F</value></option></field></x>";
    let (mut registration, mut line) = begin(&api, &mut server, &format!("{FIELDS}{form}")).await;
    let mut submission = registration.fill();
    submission.set("username", "juliet").unwrap();
    submission
        .set("password", "R0m30")
        .unwrap()
        .set("x-gender", "F")
        .unwrap();
    let (registered, ()) = tokio::join!(registration.submit(&submission), async {
        let request = line.element().await;
        let query = request.child("query", NS).unwrap();
        assert_eq!(query.children().count(), 1, "not both (XEP-0077 §6)");
        let form = converse::core::forms::Form::read(query.children().next().unwrap()).unwrap();
        assert_eq!(form.form_type(), Some("jabber:iq:register"));
        assert_eq!(form.value("x-gender"), Some("F"));
        line.result(&request, "").await;
        line.farewell().await;
    });
    registered.unwrap();
}

#[actix::test]
async fn refusals_say_why_and_the_form_can_be_submitted_again() {
    let (api, mut server) = stranger().await;
    let (mut registration, mut line) = begin(&api, &mut server, "<username/><password/>").await;
    type Is = fn(&RegistrationError) -> bool;
    let refusals: [(&str, Is); 6] = [
        ("conflict", |error| {
            matches!(error, RegistrationError::Conflict(_))
        }),
        ("not-acceptable", |error| {
            matches!(error, RegistrationError::NotAcceptable(_))
        }),
        ("not-allowed", |error| {
            matches!(error, RegistrationError::NotAllowed(_))
        }),
        ("forbidden", |error| {
            matches!(error, RegistrationError::NotAllowed(_))
        }),
        ("resource-constraint", |error| {
            matches!(error, RegistrationError::ResourceConstraint(_))
        }),
        ("internal-server-error", |error| {
            matches!(error, RegistrationError::Refused(_))
        }),
    ];
    for (condition, is) in refusals {
        let (outcome, _) = tokio::join!(
            registration.register("juliet", "R0m30"),
            refuse(&mut line, condition)
        );
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza, "{condition}");
        assert!(error.cause().is_some_and(is), "{condition}: {error:?}");
        let text = format!("{error:?} {}", chain(&error));
        assert!(
            text.contains("the reason") && !text.contains("R0m30"),
            "{text}"
        );
    }
    let (outcome, ()) = tokio::join!(registration.register("juliet", "R0m30"), async {
        let request = line.element().await;
        line.result(&request, "").await;
        line.farewell().await;
    });
    outcome.unwrap();
    assert_eq!(server.tried(), 1, "all on one connection");
}

#[actix::test]
async fn what_cannot_be_is_not_sent() {
    let (api, mut server) = stranger().await;
    let (mut registration, mut line) = begin(&api, &mut server, "<username/><password/>").await;
    for (user, password) in [
        ("a@b", "x"),
        ("", "x"),
        ("a b", "x"),
        ("juliet", ""),
        ("juliet", "x\ny"),
    ] {
        let error = registration.register(user, password).await.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidArgument,
            "{user:?}: {error:?}"
        );
    }
    let error = registration
        .register("juliet", "\u{1}secret")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(!format!("{error:?}").contains("secret"));
    let ((), ()) = tokio::join!(registration.cancel(), async {
        assert!(line.farewell().await.is_empty(), "nothing was sent");
    });
}

#[actix::test]
async fn a_server_that_offers_nothing_is_not_asked() {
    let (api, mut server) = stranger().await;
    let user = api.user();
    let (outcome, sent) = tokio::join!(user.registration(""), async {
        let mut line = server.accept().await;
        line.features("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>").await;
        line.farewell().await
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        matches!(error.cause(), Some(RegistrationError::NotOffered { domain }) if domain == "kestrel.example")
    );
    assert!(sent.is_empty());
}

#[actix::test]
async fn registration_elsewhere_is_reported() {
    let (api, mut server) = stranger().await;
    let query = "<instructions>Visit us</instructions><x xmlns='jabber:x:oob'><url>https://kestrel.example/join</url></x>";
    let (mut registration, _line) = begin(&api, &mut server, query).await;
    assert!(registration.form().is_elsewhere());
    assert_eq!(
        registration.form().url.as_deref(),
        Some("https://kestrel.example/join")
    );
    let submission = registration.fill();
    let error = registration.submit(&submission).await.unwrap_err();
    assert!(matches!(
        error.cause(),
        Some(RegistrationError::Elsewhere { url: Some(_) })
    ));
    assert!(error.to_string().contains("https://kestrel.example/join"));
}

#[actix::test]
async fn a_captcha_comes_with_its_picture() {
    let (api, mut server) = stranger().await;
    // "hello", whose SHA-1 is in the name; the second does not fit its name.
    let query = "<x xmlns='jabber:x:data' type='form'>\
          <field var='username'><required/></field>\
          <field var='ocr' label='Enter what you see'><media xmlns='urn:xmpp:media-element'>\
            <uri type='image/png'>cid:sha1+aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d@bob.xmpp.org</uri></media><required/></field>\
          <field var='sid' type='hidden'><value>s7</value></field></x>\
        <data xmlns='urn:xmpp:bob' type='image/png' cid='sha1+aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d@bob.xmpp.org'>aGVs\nbG8=</data>\
        <data xmlns='urn:xmpp:bob' type='image/png' cid='sha1+0000c61ddcc5e8a2dabede0f3b482cd9aea9434d@bob.xmpp.org'>aGVsbG8=</data>";
    let (mut registration, mut line) = begin(&api, &mut server, query).await;
    let form = registration.form();
    assert_eq!(form.attachments.len(), 1);
    let shown = form
        .attachment(&form.form.field("ocr").unwrap().media[0])
        .unwrap();
    assert_eq!(
        (shown.data.as_slice(), shown.type_.as_str()),
        (&b"hello"[..], "image/png")
    );

    let other = query.replace("s7", "s8");
    let (renewed, ()) = tokio::join!(registration.renew(), answer_with_form(&mut line, &other));
    assert_eq!(renewed.unwrap().form.value("sid"), Some("s8"));

    // The server has lost patience: what was made for that picture is no answer to another one.
    let mut submission = registration.fill();
    submission
        .set("username", "juliet")
        .unwrap()
        .set("ocr", "7nHL3")
        .unwrap();
    line.send("</stream:stream>").await;
    drop(line);
    let (outcome, _line) = tokio::join!(registration.submit(&submission), ask(&mut server, query));
    let error = outcome.unwrap_err();
    assert!(
        matches!(error.cause(), Some(RegistrationError::FormChanged)),
        "{error:?}"
    );
    assert_eq!(registration.form().form.value("sid"), Some("s7"));
}

#[actix::test]
async fn a_form_may_be_filled_out_slowly() {
    let (api, mut server) = stranger().await;
    let (mut registration, mut line) = begin(&api, &mut server, "<username/><password/>").await;
    line.send(
        "<stream:error><connection-timeout xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    )
    .await;
    drop(line);
    let (outcome, ()) = tokio::join!(registration.register("juliet", "R0m30"), async {
        let mut line = ask(&mut server, "<username/><password/>").await;
        let request = line.element().await;
        assert!(
            request
                .child("query", NS)
                .unwrap()
                .child("username", NS)
                .is_some()
        );
        line.result(&request, "").await;
        line.farewell().await;
    });
    outcome.unwrap();
    assert_eq!(server.tried(), 2);
}

#[actix::test]
async fn a_lost_answer_leaves_open_what_happened() {
    let (api, mut server) = stranger().await;
    let (mut registration, mut line) = begin(&api, &mut server, "<username/><password/>").await;
    let (outcome, ()) = tokio::join!(registration.register("juliet", "R0m30"), async move {
        line.element().await;
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert!(matches!(
        error.cause(),
        Some(RegistrationError::Unanswered(_))
    ));
}

#[actix::test]
async fn a_silent_server_is_given_up() {
    tokio::time::pause();
    let (api, mut server) = stranger().await;
    let user = api.user();
    let (outcome, _line) = tokio::join!(user.registration(""), async {
        let mut line = server.accept().await;
        line.features(REGISTER).await;
        line.element().await;
        line
    });
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
    let (outcome, _line) = tokio::join!(user.registration(""), server.accept());
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
}

#[actix::test]
async fn broken_answers_are_errors() {
    let (api, mut server) = stranger().await;
    for answer in ["", "<query xmlns='other'/>"] {
        let user = api.user();
        let (outcome, ()) = tokio::join!(user.registration(""), async {
            let mut line = server.accept().await;
            line.features(REGISTER).await;
            let request = line.element().await;
            line.result(&request, answer).await;
        });
        assert_eq!(
            outcome.unwrap_err().kind(),
            ErrorKind::InvalidResponse,
            "{answer:?}"
        );
    }
    let form = "<x xmlns='jabber:x:data' type='nonsense'/><username/><password/>";
    let (registration, _line) = begin(&api, &mut server, form).await;
    assert!(
        registration.fill().has("username"),
        "the fields are still there"
    );
}

#[actix::test]
async fn a_server_may_send_elsewhere_but_not_for_ever() {
    let (api, mut server) = stranger().await;
    let user = api.user();
    let (outcome, ()) = tokio::join!(user.registration(""), async {
        for turn in 0..6 {
            let mut line = server.accept().await;
            let port = if turn == 0 { 5222 } else { 6000 + turn };
            assert_eq!(line.address.port(), port);
            line.header().await;
            let host = format!("127.0.0.1:{}", 6001 + turn);
            line.send(&format!(
                "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                 id='s' version='1.0'><stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{host}\
                 </see-other-host></stream:error></stream:stream>"
            ))
            .await;
        }
    });
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::ConnectFailed);
}

#[actix::test]
async fn the_settings_decide_where_and_whether() {
    let (converse, mut server) = instance();
    let settings = settings! { "server": "127.0.0.1:5222", "security": "plaintext_loopback" };
    let api = converse.start(settings).await.unwrap();
    let user = api.user();
    let none = user.registration("").await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::Config);
    let broken = user.registration("not a domain").await.unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::InvalidArgument);

    api.settings()
        .set("locked_domain", "kestrel.example")
        .unwrap();
    let foreign = user.registration("mallard.example").await.unwrap_err();
    assert_eq!(foreign.kind(), ErrorKind::InvalidArgument);
    let (locked, _line) = tokio::join!(user.registration(""), ask(&mut server, "<username/>"));
    assert_eq!(locked.unwrap().domain(), "kestrel.example");

    api.settings().set("allow_registration", false).unwrap();
    let off = user.registration("kestrel.example").await.unwrap_err();
    assert_eq!(off.kind(), ErrorKind::Unsupported);
    assert!(off.to_string().contains("allow_registration"));
    assert_eq!(server.tried(), 1);
}

#[actix::test]
async fn the_session_is_left_alone() {
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let mut own = server.serve(&api).await;
    let user = api.user();
    let (registration, _line) = tokio::join!(
        user.registration("kestrel.example"),
        ask(&mut server, "<username/>")
    );
    registration.unwrap();
    api.send("<message id='still'/>").await.unwrap();
    assert_eq!(own.element().await.attr("id").as_deref(), Some("still"));
}

//! Searching for rooms (XEP-0433).

use std::time::Duration;

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_muc::{FindError, SearchOrder, SearchPage};
use converse_testkit::scripted::Captures;

use crate::finding::{answers, has_services};
use crate::scene::{Scene, play};

const SEARCH: &str = "search.kestrel.example";
const NS: &str = "urn:xmpp:channel-search:0:search";

fn field(var: &str, value: &str) -> String {
    format!("<field var='{var}'><value>{value}</value></field>")
}

/// Searches; the service is asked with `set` and `fields` and answers with `result`.
async fn finds(
    scene: &Scene,
    query: SearchQuery,
    (set, fields): (&str, &str),
    result: &str,
) -> Result<SearchPage, Error> {
    let rooms = scene.api.rooms();
    let question = format!(
        "<search xmlns='{NS}'>{set}<x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:channel-search:0:search-params</value></field>\
         {fields}</x></search>"
    );
    let result = format!("<result xmlns='{NS}'>{result}</result>");
    let answer = answers(scene, SEARCH, &question, &result);
    let (page, ()) = tokio::join!(rooms.search(query), answer);
    page
}

/// Searches on the service, which refuses.
async fn refuses(scene: &Scene, query: SearchQuery, error: &str) -> Error {
    let rooms = scene.api.rooms();
    let answer = async {
        let mut captures = Captures::default();
        let pattern = format!("<iq type='get' id='{{{{id}}}}' to='{SEARCH}'/>");
        scene.server.expect(&pattern, &mut captures).await.unwrap();
        let id = captures.get("id").unwrap();
        scene
            .says(format!(
                "<iq type='error' id='{id}' from='{SEARCH}'>{error}</iq>"
            ))
            .await;
    };
    let (page, ()) = tokio::join!(rooms.search(query), answer);
    page.unwrap_err()
}

fn refusal(condition: &str, application: &str) -> String {
    format!(
        "<error type='modify'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <{application} xmlns='urn:xmpp:channel-search:0:error'/></error>"
    )
}

fn words(words: &str) -> SearchQuery {
    SearchQuery::words(words).on(SEARCH.parse().unwrap())
}

const FOUND: &str = "<item address='operators@muc.xmpp.example'>\
    <name>XMPP Service Operators</name><description>Discussion venue</description><language>en</language>\
    <nusers>43</nusers><is-open/><anonymity-mode>muc_semianonymous</anonymity-mode>\
    <service-type>xep-0045</service-type><shoe-size xmlns='urn:x'>43</shoe-size></item>";

#[test]
fn rooms_are_found_by_words() {
    play(|scene| async move {
        let query = words("xmpp")
            .in_description(false)
            .min_occupants(2)
            .order(SearchOrder::Occupants)
            .max(5);
        let fields = [
            field("q", "xmpp"),
            field("types", "xep-0045"),
            field("sindescription", "0"),
            field("min_users", "2"),
            field("key", "{urn:xmpp:channel-search:0:order}nusers"),
        ]
        .concat();
        let set = "<set xmlns='http://jabber.org/protocol/rsm'><max>5</max></set>";
        let result = format!(
            "<item address='commteam@muc.xmpp.example'><is-open>false</is-open><anonymity-mode>?</anonymity-mode></item>\
             {FOUND}<set xmlns='http://jabber.org/protocol/rsm'><first>o1</first><last>o2</last><max>5</max></set>"
        );
        let page = finds(&scene, query, (set, &fields), &result).await.unwrap();
        assert_eq!(page.service.as_str(), SEARCH);
        let [first, second] = page.rooms.as_slice() else {
            panic!("{page:?}")
        };
        assert_eq!(first.jid.as_str(), "commteam@muc.xmpp.example");
        assert_eq!((first.name.as_deref(), first.occupants), (None, None));
        assert_eq!(
            (first.is_open, first.is_semi_anonymous),
            (Some(false), Some(false))
        );
        assert_eq!(second.name.as_deref(), Some("XMPP Service Operators"));
        assert_eq!(second.description.as_deref(), Some("Discussion venue"));
        assert_eq!(
            (second.occupants, second.language.as_deref()),
            (Some(43), Some("en"))
        );
        assert_eq!(
            (second.is_open, second.is_semi_anonymous),
            (Some(true), Some(true))
        );

        // The same form again, for what follows (§4.2.2).
        let set = "<set xmlns='http://jabber.org/protocol/rsm'><max>5</max><after>o2</after></set>";
        let next = page.next().unwrap();
        let end = finds(&scene, next, (set, &fields), "").await.unwrap();
        assert!(end.rooms.is_empty() && end.next().is_none());
    });
}

#[test]
fn what_is_no_room_is_not_found() {
    play(|scene| async move {
        let result = format!(
            "<item/><item address='::'/><item address='muc.xmpp.example'/>\
             <item address='mix@mix.example'><service-type>xep-0369</service-type></item>\
             <item address='odd@muc.example'><nusers>-1</nusers><name> </name></item>{FOUND}{FOUND}"
        );
        let page = finds(&scene, words("x"), ("", ""), &result).await.unwrap();
        let found: Vec<_> = page.rooms.iter().map(|room| room.jid.as_str()).collect();
        assert_eq!(found, ["odd@muc.example", "operators@muc.xmpp.example"]);
        assert_eq!(
            (page.rooms[0].occupants, page.rooms[0].name.as_ref()),
            (None, None)
        );
    });
}

#[test]
fn the_servers_own_service_searches_where_none_is_named() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        let (found, ()) = tokio::join!(rooms.search("witches"), has_services(&scene, &[]));
        let error = found.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.cause::<FindError>(), Some(&FindError::NoSearch));
    });
    play(|scene| async move {
        let search = format!("<feature var='{NS}'/>");
        let server = async {
            has_services(&scene, &[(SEARCH, &search)]).await;
            let result = format!("<result xmlns='{NS}'>{FOUND}</result>");
            answers(&scene, SEARCH, &format!("<search xmlns='{NS}'/>"), &result).await;
        };
        let rooms = scene.api.rooms();
        let (found, ()) = tokio::join!(rooms.search(SearchQuery::all()), server);
        assert_eq!(found.unwrap().rooms.len(), 1);
        assert_eq!(rooms.search_services().await.unwrap().len(), 1);
    });
}

#[test]
fn what_a_service_cannot_search_for_is_said() {
    play(|scene| async move {
        for (application, is_it) in [
            (
                "invalid-search-terms",
                (|error| matches!(error, FindError::BadWords { .. })) as fn(&FindError) -> bool,
            ),
            ("full-set-retrieval-rejected", |error| {
                matches!(error, FindError::NotAll { .. })
            }),
            ("conflicting-fields", |error| {
                matches!(error, FindError::BadQuery { .. })
            }),
            ("no-search-conditions", |error| {
                matches!(error, FindError::BadQuery { .. })
            }),
            ("invalid-sort-key", |error| {
                matches!(error, FindError::BadQuery { .. })
            }),
        ] {
            let error = refuses(&scene, words("x"), &refusal("bad-request", application)).await;
            assert_eq!(error.kind(), ErrorKind::Stanza);
            let cause = error.cause::<FindError>().unwrap();
            assert!(is_it(cause), "{application}: {cause:?}");
        }
        let error = refuses(&scene, words("x"), &refusal("forbidden", "unheard-of")).await;
        assert!(error.cause::<StanzaError>().is_some());
    });
}

#[test]
fn a_service_that_was_asked_too_often_is_left_alone() {
    play(|scene| async move {
        let limit = refusal("resource-constraint", "rate-limit retry-after='30'");
        let error = refuses(&scene, words("x"), &limit).await;
        let cause = error.cause::<FindError>().unwrap();
        assert!(
            matches!(cause, FindError::TooOften { seconds: 30, .. }),
            "{cause:?}"
        );

        scene.server.forget_sent();
        let error = scene.api.rooms().search(words("x")).await.unwrap_err();
        let cause = error.cause::<FindError>().unwrap();
        assert!(matches!(cause, FindError::TooOften { .. }), "{cause:?}");
        scene.expect_nothing(format!("<iq to='{SEARCH}'/>")).await;

        tokio::time::sleep(Duration::from_secs(30)).await;
        finds(&scene, words("x"), ("", ""), FOUND).await.unwrap();
        finds(&scene, words("x"), ("", ""), FOUND).await.unwrap();
    });
}

#[test]
fn the_form_shows_what_else_can_be_searched_for() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        let form = "<x xmlns='jabber:x:data' type='form'>\
            <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:channel-search:0:search-params</value></field>\
            <field var='q' type='text-single' label='Search for'/>\
            <field var='{urn:x}kind' type='boolean'/></x>";
        let question = format!("<search xmlns='{NS}'/>");
        let result = format!("<search xmlns='{NS}'>{form}</search>");
        let answer = answers(&scene, SEARCH, &question, &result);
        let (form, ()) = tokio::join!(rooms.search_form(SEARCH), answer);
        assert!(form.unwrap().field("{urn:x}kind").is_some());
        let query = words("x").with("{urn:x}kind", true);
        finds(&scene, query, ("", &field("{urn:x}kind", "1")), "")
            .await
            .unwrap();

        let nonsense = answers(&scene, SEARCH, &question, "<search xmlns='urn:evil'/>");
        let (form, ()) = tokio::join!(rooms.search_form(SEARCH), nonsense);
        assert_eq!(form.unwrap_err().kind(), ErrorKind::InvalidResponse);
    });
}

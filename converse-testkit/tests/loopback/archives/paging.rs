//! XEP-0313 §4, XEP-0059: finding messages, page by page.

use converse_testkit::loopback::{Archives, Limits, Loopback};
use xmpp_parsers::minidom::Element;

use super::{MAM, form, search, set};
use crate::client::{Client, builder, condition};

const OWN: &str = "romeo@localhost";

/// Romeo with messages `0` to `6`, a minute apart, to and from Juliet in turn; and `7`, which is Tybalt's.
async fn served(archives: Archives, page: usize) -> (Loopback, Client, Vec<String>) {
    let limits = Limits {
        archive_page: page,
        ..Limits::default()
    };
    let server = builder().archives(archives).limits(limits);
    let server = server.start().await.unwrap();
    let message = |number: usize| {
        let (from, to) = match number {
            7 => ("tybalt@localhost/street", OWN),
            _ if number.is_multiple_of(2) => {
                ("romeo@localhost/orchard", "juliet@localhost/balcony")
            }
            _ => ("juliet@localhost/balcony", "romeo@localhost/orchard"),
        };
        format!("<message from='{from}' to='{to}' type='chat'><body>{number}</body></message>")
    };
    let ids = (0..8).map(|number| {
        let time = minute(number).parse().unwrap();
        let id = server.add_to_archive("romeo", time, &message(number));
        id.unwrap()
    });
    let ids = ids.collect();
    let romeo = Client::login(&server, "romeo/orchard").await;
    (server, romeo, ids)
}

fn minute(number: usize) -> String {
    format!("2026-01-10T08:{number:02}:00Z")
}

#[tokio::test]
async fn an_archive_is_read_forwards_and_backwards() {
    let (_server, mut romeo, ids) = served(Archives::default(), 100).await;
    let whole = search(&mut romeo, OWN, "").await.unwrap();
    assert_eq!(whole.ids(), ids);
    assert!(whole.is_complete());
    for forwards in [true, false] {
        let mut read: Vec<String> = Vec::new();
        let mut beside = match forwards {
            true => String::new(),
            false => "<before/>".to_owned(),
        };
        loop {
            let page = set(&format!("<max>3</max>{beside}"));
            let page = search(&mut romeo, OWN, &page).await.unwrap();
            let texts = page.texts();
            let at = ids
                .iter()
                .position(|id| Some(id) == page.place("first").as_ref());
            assert_eq!(page.index(), at.map(|at| at.to_string()));
            assert_eq!(page.place("count").as_deref(), Some("8"));
            if forwards {
                beside = format!("<after>{}</after>", page.place("last").unwrap());
                read.extend(texts);
            } else {
                beside = format!("<before>{}</before>", page.place("first").unwrap());
                read.splice(..0, texts);
            }
            assert_eq!(page.is_complete(), read.len() == 8);
            if page.is_complete() {
                break;
            }
        }
        assert_eq!(read.concat(), "01234567");
    }
}

#[tokio::test]
async fn what_is_asked_for_is_what_comes() {
    let (_server, mut romeo, ids) = served(Archives::default(), 100).await;
    let (one, four) = (minute(1), minute(4));
    for (fields, found) in [
        (&[("with", "juliet@localhost")][..], "0123456"),
        (&[("with", "juliet@localhost/balcony")], "0123456"),
        (&[("with", "juliet@localhost/gone")], ""),
        (&[("with", "tybalt@localhost")], "7"),
        (&[("with", "romeo@localhost")], ""),
        (&[("start", &four)], "4567"),
        (&[("end", &one)], "01"),
        (&[("start", &one), ("end", &four)], "1234"),
        (&[("start", &four), ("end", &one)], ""),
        (&[("start", "2026-01-10T10:04:00+02:00")], "4567"),
        (&[("after-id", &ids[5])], "67"),
        (&[("before-id", &ids[2])], "01"),
        (&[("after-id", &ids[1]), ("before-id", &ids[4])], "23"),
        (&[("ids", &ids[6])], "6"),
        (&[("include-groupchat", "true")], "01234567"),
    ] {
        let answer = search(&mut romeo, OWN, &form(fields)).await.unwrap();
        assert_eq!(answer.texts().concat(), found, "{fields:?}");
        assert!(answer.is_complete());
        assert_eq!(answer.place("count"), Some(found.len().to_string()));
    }
    // Pages are those of what matches.
    let with = form(&[("with", "juliet@localhost"), ("after-id", &ids[1])]);
    let last = set("<max>2</max><before/>");
    let answer = search(&mut romeo, OWN, &format!("{with}{last}"))
        .await
        .unwrap();
    assert_eq!(answer.texts().concat(), "56");
    assert_eq!(answer.index().as_deref(), Some("3"));
    assert_eq!(answer.place("count").as_deref(), Some("5"));
    let none = search(&mut romeo, OWN, &set("<max>0</max>")).await.unwrap();
    assert_eq!(none.place("count").as_deref(), Some("8"));
    assert!(none.found.is_empty() && !none.is_complete());
    let third = set("<max>2</max><index>3</index>");
    let third = search(&mut romeo, OWN, &third).await.unwrap();
    assert_eq!(third.texts().concat(), "34");
    let flipped = format!("{}<flip-page/>", set("<max>3</max><before/>"));
    let flipped = search(&mut romeo, OWN, &flipped).await.unwrap();
    assert_eq!(flipped.texts().concat(), "765");
    assert_eq!(flipped.place("first").as_ref(), Some(&ids[5]));
    assert_eq!(flipped.place("last").as_ref(), Some(&ids[7]));
}

#[tokio::test]
async fn what_is_not_there_or_makes_no_sense_is_refused() {
    let (_server, mut romeo, ids) = served(Archives::default(), 100).await;
    for (payload, expected) in [
        (set("<after>unknown</after>"), "item-not-found"),
        (set("<before>unknown</before>"), "item-not-found"),
        (form(&[("after-id", "unknown")]), "item-not-found"),
        (form(&[("before-id", "unknown")]), "item-not-found"),
        (form(&[("ids", "unknown")]), "item-not-found"),
        (form(&[("start", "some other day")]), "bad-request"),
        (form(&[("with", "@@")]), "jid-malformed"),
        (form(&[("nobody-knows", "x")]), "feature-not-implemented"),
        (set("<max>many</max>"), "bad-request"),
        (
            set(&format!("<before/><after>{}</after>", ids[0])),
            "bad-request",
        ),
    ] {
        let refused = search(&mut romeo, OWN, &payload).await.unwrap_err();
        assert_eq!(refused, expected, "{payload}");
    }
    let node = format!("<iq type='set' id='n'><query xmlns='{MAM}' node='n'/></iq>");
    assert_eq!(
        condition(&romeo.request(&node).await),
        "feature-not-implemented"
    );
}

#[tokio::test]
async fn pages_are_no_larger_than_the_server_allows() {
    let (_server, mut romeo, ids) = served(Archives::default(), 3).await;
    for page in ["", "<max>100</max>"] {
        let answer = search(&mut romeo, OWN, &set(page)).await.unwrap();
        assert_eq!(answer.ids(), ids[..3]);
        assert!(!answer.is_complete());
    }
}

#[tokio::test]
async fn the_archive_tells_what_it_spans_and_can_be_asked() {
    let (server, mut romeo, ids) = served(Archives::default(), 100).await;
    let metadata = format!("<iq type='get' id='m'><metadata xmlns='{MAM}'/></iq>");
    let answer = romeo.request(&metadata).await;
    let spans = answer.get_child("metadata", MAM).unwrap();
    for (end, number) in [("start", 0), ("end", 7)] {
        let end = spans.get_child(end, MAM).unwrap();
        assert_eq!(end.attr("id"), Some(ids[number].as_str()));
        let stamp = end.attr("timestamp").unwrap();
        let stamp: chrono::DateTime<chrono::Utc> = stamp.parse().unwrap();
        assert_eq!(
            stamp,
            minute(number)
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
        );
    }
    server.expire_archive("romeo", 0);
    let answer = romeo.request(&metadata).await;
    let spans = answer.get_child("metadata", MAM).unwrap();
    assert_eq!(spans.children().count(), 0);
    let asked = romeo
        .request(&format!(
            "<iq type='get' id='f'><query xmlns='{MAM}'/></iq>"
        ))
        .await;
    let form = asked.get_child("query", MAM).unwrap();
    let form = form.get_child("x", "jabber:x:data").unwrap();
    let fields: Vec<&str> = form.children().filter_map(|one| one.attr("var")).collect();
    for field in ["with", "start", "end", "before-id", "after-id", "ids"] {
        assert!(fields.contains(&field), "{field}");
    }
}

#[tokio::test]
async fn a_server_that_can_do_less_says_so() {
    let plain = Archives {
        extended: false,
        counts: false,
        stable: false,
        preferences: false,
        refuse_unknown: false,
        ..Archives::default()
    };
    let (_server, mut romeo, ids) = served(plain, 100).await;
    let answer = search(&mut romeo, OWN, &set("<max>2</max>")).await.unwrap();
    assert_eq!((answer.place("count"), answer.index()), (None, None));
    assert_eq!(answer.fin.attr("stable"), Some("false"));
    let flipped = format!("{}<flip-page/>", set("<max>2</max>"));
    let flipped = search(&mut romeo, OWN, &flipped).await.unwrap();
    assert_eq!(flipped.ids(), ids[..2]);
    let forgotten = search(&mut romeo, OWN, &set("<after>unknown</after>")).await;
    let forgotten = forgotten.unwrap();
    assert!(forgotten.found.is_empty() && forgotten.is_complete());
    let unknown = "feature-not-implemented";
    for payload in [form(&[("after-id", &ids[0])]), set("<index>1</index>")] {
        assert_eq!(
            search(&mut romeo, OWN, &payload).await.unwrap_err(),
            unknown
        );
    }
    for payload in ["metadata", "prefs"] {
        let ask = format!("<iq type='get' id='a'><{payload} xmlns='{MAM}'/></iq>");
        assert_eq!(condition(&romeo.request(&ask).await), unknown);
    }
    let none = Archives {
        accounts: false,
        ..Archives::default()
    };
    let (_server, mut romeo, _) = served(none, 100).await;
    let ask = format!("<iq type='set' id='a'><query xmlns='{MAM}'/></iq>");
    assert_eq!(condition(&romeo.request(&ask).await), "service-unavailable");
    let info = "<iq type='get' id='i' to='romeo@localhost'>\
                <query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
    let info = romeo.request(info).await;
    let mut features = info.children().flat_map(Element::children);
    assert!(features.all(|child| child.attr("var") != Some(MAM)));
}

//! What holds against Prosody holds against ejabberd.

use std::time::Duration;

use converse_testkit::servers::{Ejabberd, Options, Server, or_skip};

use crate::{
    discovery, endings, login, messages, refused, requests, resumption, rooms, status, together,
};

async fn on_ejabberd(options: Options, rules: impl AsyncFnOnce(&Server)) {
    if let Some(server) = or_skip(Ejabberd::start(options).await).unwrap() {
        rules(&server).await;
    }
}

#[actix::test]
async fn ejabberd_lets_in() {
    on_ejabberd(Options::default(), async |server| {
        login::by_starttls(server).await;
        login::by_direct_tls(server).await;
        login::with_each_scram(server, &["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"]).await;
        login::plain_under_tls(server).await;
        login::with_the_resource_that_was_asked_for(server).await;
        login::anonymously(server).await;
    })
    .await;
}

#[actix::test]
async fn ejabberd_is_refused_or_refuses() {
    on_ejabberd(Options::default(), async |server| {
        refused::wrong_password(server).await;
        refused::no_tls(server).await;
        refused::unknown_authority(server).await;
        refused::certificate_for_another_host(server).await;
    })
    .await;
}

#[actix::test]
async fn ejabberd_carries_stanzas() {
    on_ejabberd(Options::default(), async |server| {
        requests::ping(server).await;
        requests::roster(server).await;
        requests::unknown_request(server).await;
        requests::own_other_client_pings(server).await;
        requests::presence(server).await;
        messages::both_ways(server).await;
        messages::large(server).await;
        messages::every_character(server).await;
    })
    .await;
}

#[actix::test]
async fn ejabberd_says_what_is_there_and_keeps_what_is_published() {
    on_ejabberd(Options::default(), discovery::all).await;
}

#[actix::test]
async fn ejabberd_resumes() {
    on_ejabberd(Options::default(), async |server| {
        resumption::is_offered(server).await;
        resumption::cut_loses_nothing(server).await;
        resumption::cuts_at_every_byte(server).await;
    })
    .await;
}

#[actix::test]
async fn ejabberd_forgets_what_was_cut_too_long_ago() {
    let options = Options {
        hibernation: Duration::from_secs(1),
        ..Options::default()
    };
    on_ejabberd(options, resumption::too_late).await;
}

#[actix::test]
async fn ejabberd_sees_sessions_end() {
    on_ejabberd(Options::default(), async |server| {
        endings::disconnecting_sends_what_was_sent(server).await;
        endings::disconnecting_keeps_what_was_handled(server).await;
        endings::resource_taken_by_another(server).await;
    })
    .await;
}

#[actix::test]
async fn ejabberd_newer_binds_the_channel() {
    let options = Options {
        installation: converse_testkit::servers::Installation::Newer,
        ..Options::default()
    };
    on_ejabberd(options, async |server| {
        let mechanisms = [
            "SCRAM-SHA-1-PLUS",
            "SCRAM-SHA-256-PLUS",
            "SCRAM-SHA-512-PLUS",
        ];
        login::with_each_scram(server, &mechanisms).await;
    })
    .await;
}

#[actix::test]
async fn ejabberd_lets_people_meet() {
    on_ejabberd(Options::default(), together::everything).await;
}

#[actix::test]
async fn ejabberd_newer_lets_people_meet() {
    let options = Options {
        installation: converse_testkit::servers::Installation::Newer,
        ..Options::default()
    };
    on_ejabberd(options, together::everything).await;
}

#[actix::test]
async fn ejabberd_has_rooms() {
    on_ejabberd(Options::default(), rooms::everything).await;
}

#[actix::test]
async fn ejabberd_newer_has_rooms() {
    let options = Options {
        installation: converse_testkit::servers::Installation::Newer,
        ..Options::default()
    };
    on_ejabberd(options, rooms::everything).await;
}

#[cfg(feature = "mam")]
#[actix::test]
async fn ejabberd_has_archives_of_rooms() {
    on_ejabberd(Options::default(), rooms::archived_everything).await;
}

#[cfg(feature = "mam")]
#[actix::test]
async fn ejabberd_newer_has_archives_of_rooms() {
    let options = Options {
        installation: converse_testkit::servers::Installation::Newer,
        ..Options::default()
    };
    on_ejabberd(options, rooms::archived_everything).await;
}

#[actix::test]
async fn ejabberd_tells_who_is_there() {
    on_ejabberd(Options::default(), status::everything).await;
}

#[cfg(feature = "bookmarks")]
#[actix::test]
async fn ejabberd_keeps_bookmarks() {
    on_ejabberd(Options::default(), crate::bookmarks::everything).await;
}

#[cfg(feature = "bookmarks")]
#[actix::test]
async fn ejabberd_newer_keeps_bookmarks() {
    let options = Options {
        installation: converse_testkit::servers::Installation::Newer,
        ..Options::default()
    };
    on_ejabberd(options, crate::bookmarks::everything).await;
}

#[cfg(feature = "mam")]
#[actix::test]
async fn ejabberd_archives() {
    on_ejabberd(Options::default(), crate::archive::everything).await;
}

#[cfg(feature = "mam")]
#[actix::test]
async fn ejabberd_newer_archives() {
    let options = Options {
        installation: converse_testkit::servers::Installation::Newer,
        ..Options::default()
    };
    on_ejabberd(options, crate::archive::everything).await;
}

//! Lists that follow themselves: the messages of a chat and the chats.

use converse_chat::prelude::*;
use converse_core::view::{Diff, View};
use proptest::prelude::*;

use crate::scene::{Scene, online};

const OTTO: &str = "otto@heron.example";
const INES: &str = "ines@heron.example";

#[test]
fn the_messages_of_a_chat_are_followed() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        chat.send_message("first").await.unwrap();
        let mut view = chat.messages().subscribe().unwrap();
        assert_eq!(view.snapshot()[0].body, "first");
        it.recv(
            "<message from='otto@heron.example/oar' type='chat' id='c1'><body>teh</body></message>",
        )
        .await;
        it.recv("<message from='otto@heron.example/oar' type='chat' id='c2'><body>the</body><replace xmlns='urn:xmpp:message-correct:0' id='c1'/></message>").await;
        let mut diffs = Vec::new();
        while let Some(diff) = view.try_next() {
            diffs.push(diff);
        }
        // How the first one fared may be among them.
        assert!(
            diffs
                .iter()
                .any(|diff| matches!(diff, Diff::Insert { index: 1, item } if item.body == "teh"))
        );
        assert!(
            matches!(diffs.last(), Some(Diff::Update { index: 1, item }) if item.body == "the")
        );
        assert_eq!(view.snapshot(), chat.messages().all().unwrap());
        chat.close().await.unwrap();
        assert!(view.next().await.is_none());
    });
}

#[test]
fn what_is_forgotten_leaves_the_view() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        let mut view = chat.messages().subscribe().unwrap();
        for batch in 0..6 {
            let flood: String = (0..250)
                .map(|n| format!("<message from='otto@heron.example/o' type='chat'><body>{batch}-{n}</body></message>"))
                .collect();
            it.recv(&flood).await;
            if batch % 2 == 0 {
                while view.try_next().is_some() {}
                assert_eq!(view.snapshot(), chat.messages().all().unwrap());
            }
        }
        while view.try_next().is_some() {}
        assert_eq!(view.snapshot().len(), 1_000);
        assert_eq!(view.snapshot(), chat.messages().all().unwrap());
    });
}

#[test]
fn the_list_of_the_chats_is_followed() {
    online(|it| async move {
        let otto = it.api.chats().open(OTTO).await.unwrap();
        let mut view = it.api.chats().subscribe().unwrap();
        assert_eq!(view.snapshot(), std::slice::from_ref(&otto));
        it.recv("<message from='ines@heron.example/x' type='chat'><body>hello</body></message>")
            .await;
        let first = view.try_next().unwrap();
        assert!(matches!(&first, Diff::Insert { index: 0, item } if item.jid().as_str() == INES));
        while view.try_next().is_some() {}
        otto.set("height", 3).unwrap();
        let update = view.try_next().unwrap();
        assert_eq!(
            update,
            Diff::Update {
                index: 1,
                item: otto.clone()
            }
        );
        otto.minimize().unwrap();
        it.recv("<message from='otto@heron.example/oar' type='chat'><body>1</body></message>")
            .await;
        while view.try_next().is_some() {}
        assert_eq!(view.snapshot()[1].unread().unwrap(), 1);
        otto.close().await.unwrap();
        assert_eq!(view.try_next(), Some(Diff::Remove { index: 1 }));
        assert_eq!(view.snapshot(), it.api.chats().all());
        // Announcements are no chats.
        it.recv("<message from='kestrel.example' type='headline'><body>x</body></message>")
            .await;
        assert_eq!(view.try_next(), None);
    });
}

#[test]
fn a_closed_chat_does_not_come_back_by_what_becomes_of_its_messages() {
    online(|mut it| async move {
        let mut view = it.api.chats().subscribe().unwrap();
        let chat = it.api.chats().open(OTTO).await.unwrap();
        chat.send_message("x").await.unwrap();
        it.expect("<message id='{{m}}'><body>x</body></message>")
            .await;
        chat.close().await.unwrap();
        it.recv("<message from='otto@heron.example/oar'><received xmlns='urn:xmpp:receipts' id='{{m}}'/></message>").await;
        it.recv("<message type='error' from='otto@heron.example' id='{{m}}'><error type='cancel'/></message>").await;
        while view.try_next().is_some() {}
        assert!(view.snapshot().is_empty());
    });
}

/// Something that happens in a chat.
#[derive(Debug, Clone)]
enum Step {
    Receive { id: u8, contact: bool },
    Correct { id: u8, original: u8 },
    Retract { original: u8 },
    React { original: u8, emojis: u8 },
    Send,
    SendCorrection,
    Receipt,
    Close { contact: bool },
    Follow,
    Read { diffs: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let id = || 0..6_u8;
    let step = prop_oneof![
        4 => (id(), any::<bool>()).prop_map(|(id, contact)| Step::Receive { id, contact }),
        3 => (id(), id()).prop_map(|(id, original)| Step::Correct { id, original }),
        1 => id().prop_map(|original| Step::Retract { original }),
        2 => (id(), 0..3_u8).prop_map(|(original, emojis)| Step::React { original, emojis }),
        2 => Just(Step::Send),
        1 => Just(Step::SendCorrection),
        1 => Just(Step::Receipt),
        1 => any::<bool>().prop_map(|contact| Step::Close { contact }),
        1 => Just(Step::Follow),
        3 => (0..4_u8).prop_map(|diffs| Step::Read { diffs }),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn diffs_always_give_the_next_snapshot(steps in steps()) {
        online(|it| replay(it, steps));
    }
}

/// Does the steps, and applies what each view gives to the list that it began with, by hand.
async fn replay(mut it: Scene, steps: Vec<Step>) {
    let mut chats = it.api.chats().subscribe().unwrap();
    let mut shown_chats: Vec<Chat> = chats.snapshot().to_vec();
    let mut followed: Vec<(Chat, View<Message>, Vec<Message>)> = Vec::new();
    for step in steps {
        if let Step::Follow = step {
            let chat = it.api.chats().open(OTTO).await.unwrap();
            let view = chat.messages().subscribe().unwrap();
            let shown = view.snapshot().to_vec();
            followed.push((chat, view, shown));
        }
        if let Step::Read { diffs } = step {
            for (_, view, shown) in &mut followed {
                for _ in 0..diffs {
                    if let Some(diff) = view.try_next() {
                        diff.apply(shown).unwrap();
                    }
                }
                assert_eq!(view.snapshot(), shown.as_slice());
            }
            continue;
        }
        act(&mut it, step).await;
    }
    while let Some(diff) = chats.try_next() {
        diff.apply(&mut shown_chats).unwrap();
    }
    assert_eq!(shown_chats, it.api.chats().all());
    for (chat, mut view, mut shown) in followed {
        while let Some(diff) = view.try_next() {
            diff.apply(&mut shown).unwrap();
        }
        assert_eq!(view.snapshot(), shown);
        if let Ok(all) = chat.messages().all() {
            assert_eq!(shown, all);
        }
    }
}

async fn act(it: &mut Scene, step: Step) {
    let from = |contact: bool| if contact { OTTO } else { INES };
    let otto = "from='otto@heron.example/oar' type='chat'";
    match step {
        Step::Receive { id, contact } => {
            let from = from(contact);
            it.recv(&format!(
                "<message from='{from}/o' type='chat' id='i{id}'><body>{id}</body></message>"
            ))
            .await;
        }
        Step::Correct { id, original } => {
            it.recv(&format!("<message {otto} id='c{id}'><body>c{id}</body><replace xmlns='urn:xmpp:message-correct:0' id='i{original}'/></message>")).await;
        }
        Step::Retract { original } => {
            it.recv(&format!("<message {otto} id='r{original}'><retract xmlns='urn:xmpp:message-retract:1' id='i{original}'/></message>")).await;
        }
        Step::React { original, emojis } => {
            let emojis = "<reaction>👍</reaction>".repeat(usize::from(emojis));
            it.recv(&format!("<message {otto}><reactions xmlns='urn:xmpp:reactions:0' id='i{original}'>{emojis}</reactions></message>")).await;
        }
        Step::Send => {
            it.api.chats().send_message(OTTO, "sent").await.unwrap();
        }
        Step::SendCorrection | Step::Receipt => {
            let Some(chat) = it.chat(OTTO) else { return };
            let sent = chat.messages().all().unwrap().into_iter();
            let Some(id) = sent
                .rev()
                .find(|one| one.sender == SentBy::Me)
                .and_then(|one| one.id)
            else {
                return;
            };
            if matches!(step, Step::Receipt) {
                it.recv(&format!(
                    "<message {otto}><received xmlns='urn:xmpp:receipts' id='{id}'/></message>"
                ))
                .await;
            } else {
                chat.correct(&id, "better").await.unwrap();
            }
        }
        Step::Close { contact } => {
            if let Some(chat) = it.chat(from(contact)) {
                chat.close().await.unwrap();
            }
        }
        Step::Follow | Step::Read { .. } => {}
    }
}

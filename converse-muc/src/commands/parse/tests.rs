#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use super::*;

fn read(text: &str) -> Action {
    parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .action
}

fn refused(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn roles_are_given_by_nick() {
    let cases = [
        ("deop", Role::Participant),
        ("kick", Role::None),
        ("mute", Role::Visitor),
        ("op", Role::Moderator),
        ("voice", Role::Participant),
    ];
    for (name, role) in cases {
        for (rest, reason) in [("pia", None), ("pia  wet  ropes ", Some("wet  ropes"))] {
            let expected = Action::SetRole {
                nick: "pia".to_owned(),
                role,
                reason: reason.map(str::to_owned),
            };
            assert_eq!(read(&format!("/{name} {rest}")), expected);
        }
        assert!(refused(&format!("/{name}")).contains(&format!("/{name} nick [reason]")));
        assert!(refused(&format!("/{name}  ")).contains("too little"));
    }
}

#[test]
fn affiliations_are_given_by_nick_or_address() {
    let cases = [
        ("admin", Affiliation::Admin),
        ("ban", Affiliation::Outcast),
        ("member", Affiliation::Member),
        ("owner", Affiliation::Owner),
        ("revoke", Affiliation::None),
    ];
    for (name, affiliation) in cases {
        let expected = Action::SetAffiliation {
            who: "vex@mallard.example".to_owned(),
            affiliation,
            reason: Some("flooding".to_owned()),
        };
        assert_eq!(
            read(&format!("/{name} vex@mallard.example flooding")),
            expected
        );
        assert!(refused(&format!("/{name}")).contains(&format!("/{name} nick-or-address")));
    }
}

#[test]
fn what_is_in_quotes_is_one_nick() {
    let nick_of = |text: &str| match read(text) {
        Action::SetRole { nick, reason, .. } => (nick, reason.unwrap_or_default()),
        other => panic!("{other:?}"),
    };
    let cases = [
        ("/kick \"king lear\" no defence", "king lear", "no defence"),
        ("/kick \"king lear\"", "king lear", ""),
        ("/kick \"a\"b\" c\" d", "a\"b", "c\" d"),
        ("/kick \"half open", "\"half", "open"),
        ("/kick \"\" open", "\"\"", "open"),
        ("/kick o\"neill", "o\"neill", ""),
        (
            "/kick \"\u{e9}t\u{e9} d'or\" \u{fc}ber",
            "\u{e9}t\u{e9} d'or",
            "\u{fc}ber",
        ),
    ];
    for (text, nick, reason) in cases {
        assert_eq!(
            nick_of(text),
            (nick.to_owned(), reason.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn names_are_known_in_any_case() {
    assert_eq!(read("  /CLEAR "), Action::Clear);
    assert_eq!(parse("/Subject x").unwrap().name, CommandName::Topic);
    assert_eq!(read("/help"), Action::Help { about: None });
    for help in ["/help kick", "/help /Kick "] {
        let about = Some(CommandName::Kick);
        assert_eq!(read(help), Action::Help { about });
    }
}

#[test]
fn the_rest_is_the_nick_the_subject_or_the_message() {
    let nick = "king lear".to_owned();
    assert_eq!(read("/nick king lear "), Action::Nick { nick });
    let text = "Fire burn\nand cauldron bubble".to_owned();
    assert_eq!(
        read("/topic Fire burn\nand cauldron bubble"),
        Action::Topic { text }
    );
    let message = "/me laughs".to_owned();
    assert_eq!(read("/ME laughs"), Action::Me { message });
}

#[test]
fn errors_say_what_is_wrong_and_how_it_is_written() {
    assert_eq!(refused("hello"), "a command begins with `/`, as `/help`");
    assert_eq!(refused(""), "a command begins with `/`, as `/help`");
    let unknown = "there is no command `/kik`; `/help` says which there are";
    assert_eq!(refused("/kik pia"), unknown);
    assert_eq!(
        refused("/"),
        "there is no command `/`; `/help` says which there are"
    );
    assert_eq!(refused("/help kik"), unknown);
    assert!(refused("/clear all").contains("too much"));
    assert!(refused("/help kick ban").contains("`/help [command]`"));
    for empty in ["/me", "/nick ", "/topic"] {
        assert!(refused(empty).contains("too little"), "{empty}");
    }
    assert!(refused(&format!("/{}\u{202e}", "x".repeat(100))).len() < 130);
}

proptest::proptest! {
    /// Whatever is typed, and whoever has whatever nick, is read or refused; a nick in quotes is read as it is.
    #[test]
    fn nothing_that_is_typed_breaks_anything(
        text in "\\PC{0,40}",
        name in "[a-z]{1,8}",
        nick in "[^\"\\s][^\"]{0,20}",
    ) {
        drop(parse(&text));
        drop(parse(&format!("/{name} {text}")));
        drop(parse(&format!("/kick {text}")));
        let command = parse(&format!("/kick \"{nick}\" {text}")).unwrap();
        let Action::SetRole { nick: read, .. } = command.action else { panic!("no kick") };
        assert_eq!(read, nick);
    }
}

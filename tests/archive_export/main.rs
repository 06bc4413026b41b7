//! The example `archive_export`: what it writes is whole, however often and wherever it was interrupted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

#[path = "../../examples/archive_export/library.rs"]
mod library;

use std::fs;
use std::path::{Path, PathBuf};

use converse::prelude::*;
use converse_testkit::loopback::Loopback;
use library::export::{Export, Exported, unwanted_plugins};
use library::format::Format;
use tokio::sync::oneshot;

const ROOM: &str = "garden@conference.localhost";
const MESSAGES: u64 = 23;
const HOSTILE: &str =
    "&lt;script&gt;alert('1')&lt;/script&gt;&#10;&lt;/article&gt;&#10;\"&amp;amp; é";

/// A server with a history, a client that reads it, and a folder for what it writes.
struct Scene {
    server: Loopback,
    api: Api,
    folder: PathBuf,
}

impl Scene {
    async fn new(name: &str) -> Self {
        let server = Loopback::builder("localhost")
            .account("romeo", "secret")
            .room("garden", "romeo");
        let server = server.start().await.unwrap();
        for number in 0..MESSAGES {
            say(&server, number);
        }
        let api = Converse::initialize(settings! {
            "jid": "romeo@localhost",
            "password": "secret",
            "server": server.addr().to_string(),
            "security": "plaintext_loopback",
            "archived_messages_page_size": 4,
            "blacklisted_plugins": unwanted_plugins(),
        });
        let api = api.await.unwrap();
        // Nobody sees that somebody reads.
        assert!(!server.sessions()[0].available);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("archive_export");
        let folder = folder.join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self {
            server,
            api,
            folder,
        }
    }

    fn export(&self, name: &str, format: Format) -> Export {
        Export {
            room: None,
            with: None,
            since: None,
            format,
            path: self.folder.join(name),
        }
    }

    async fn run(&self, export: &Export) -> Result<Exported, BoxError> {
        let never = std::future::pending();
        export.run(&self.api, never, |_, _| {}).await
    }

    /// Runs it until so many messages are in the file.
    async fn run_until(&self, export: &Export, most: u64) -> Exported {
        let (stop, stopped) = oneshot::channel::<()>();
        let mut stop = Some(stop);
        let exported = export.run(&self.api, async { stopped.await.unwrap() }, |done, _| {
            if done >= most
                && let Some(stop) = stop.take()
            {
                stop.send(()).unwrap();
            }
        });
        exported.await.unwrap()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // What a failed test has written is worth a look.
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Adds a message to both archives: some say something, one says something bad, some say nothing.
fn say(server: &Loopback, number: u64) {
    let time = format!("2026-01-10T08:{number:02}:00.5Z").parse().unwrap();
    let payload = match number {
        3 => format!("<body>{HOSTILE}</body>"),
        5 => "<received xmlns='urn:xmpp:receipts' id='a'/>".to_owned(),
        _ => format!("<body>{number}</body>"),
    };
    let chat = format!(
        "<message from='juliet@localhost/&lt;b&gt;\"' to='romeo@localhost' type='chat' id='{number}'>{payload}</message>"
    );
    server.add_to_archive("romeo", time, &chat).unwrap();
    let said = format!("<message from='{ROOM}/&lt;b&gt;\"' type='groupchat'>{payload}</message>");
    server.add_to_archive(ROOM, time, &said).unwrap();
}

fn read(export: &Export) -> String {
    fs::read_to_string(&export.path).unwrap()
}

#[actix::test]
async fn whatever_interrupts_it_the_file_is_the_same() {
    let scene = Scene::new("interrupted").await;
    for format in [Format::Jsonl, Format::Html] {
        let whole = scene.export("whole", format);
        let _ = fs::remove_file(&whole.path);
        let exported = scene.run(&whole).await.unwrap();
        assert!(exported.is_complete);
        assert_eq!((exported.before, exported.added), (0, MESSAGES));
        let expected = read(&whole);
        // Stopped in order after every page.
        let stopped = scene.export(&format!("stopped-{format:?}"), format);
        for most in (4..MESSAGES).step_by(4) {
            let exported = scene.run_until(&stopped, most).await;
            assert_eq!(exported.before + exported.added, most);
            assert!(!exported.is_complete);
        }
        assert!(scene.run(&stopped).await.unwrap().is_complete);
        assert_eq!(read(&stopped), expected);
        // Torn anywhere, as a crash does.
        let torn = scene.export(&format!("torn-{format:?}"), format);
        for end in (0..expected.len()).step_by(83) {
            fs::write(&torn.path, &expected.as_bytes()[..end]).unwrap();
            let exported = scene.run(&torn).await.unwrap();
            assert_eq!(exported.before + exported.added, MESSAGES, "{end}");
            assert_eq!(read(&torn), expected, "{end}");
        }
        // Again, and there is nothing to do.
        let exported = scene.run(&torn).await.unwrap();
        assert_eq!((exported.before, exported.added), (MESSAGES, 0));
        assert_eq!(read(&torn), expected);
    }
}

#[actix::test]
async fn lines_of_json_are_what_the_archive_has() {
    let scene = Scene::new("lines").await;
    let mut export = scene.export("lines", Format::Jsonl);
    export.since = Some("2026-01-10T08:03:00Z".parse().unwrap());
    export.with = Some("juliet@localhost".parse().unwrap());
    scene.run(&export).await.unwrap();
    let text = read(&export);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["export"]["archive"], "romeo@localhost");
    assert_eq!(lines[0]["export"]["with"], "juliet@localhost");
    let archive = scene.server.archive("romeo");
    assert_eq!(lines.len() - 1, archive.len() - 3);
    for (line, archived) in lines[1..].iter().zip(&archive[3..]) {
        assert_eq!(line["archive_id"], archived.id);
        assert_eq!(line["body"], json!(archived.body));
        assert_eq!(line["from"], json!(archived.from));
        let time = line["time"].as_str().unwrap();
        assert_eq!(
            time.parse::<chrono::DateTime<chrono::Utc>>().unwrap(),
            archived.time
        );
    }
    // What has been said since comes behind it.
    say(&scene.server, MESSAGES);
    let exported = scene.run(&export).await.unwrap();
    assert_eq!(exported.added, 1);
    assert!(read(&export).starts_with(&text));
}

#[actix::test]
async fn nothing_that_was_said_means_anything_in_the_page() {
    let scene = Scene::new("page").await;
    let mut export = scene.export("page", Format::Html);
    export.room = Some(ROOM.parse().unwrap());
    scene.run(&export).await.unwrap();
    let page = read(&export);
    assert!(!page.contains("<script") && !page.contains("<b>"));
    assert_eq!(page.matches("</article>").count() as u64, MESSAGES);
    let said = "<b dir=\"auto\">&lt;b&gt;&quot;</b><p dir=\"auto\">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\
                &#10;&lt;/article&gt;&#10;&quot;&amp;amp; é</p></article>\n";
    assert!(page.contains(said), "{page}");
    assert!(page.contains("<p class=\"event\">received</p>"));
    assert!(page.ends_with("</html>\n"));
    // It asks for nothing from anywhere.
    for fetched in ["src=", "href=", "url(", "@import"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
}

#[actix::test]
async fn a_file_that_is_something_else_stays_as_it_is() {
    let scene = Scene::new("else").await;
    let export = scene.export("else", Format::Jsonl);
    let mut other = export.clone();
    other.room = Some(ROOM.parse().unwrap());
    scene.run(&other).await.unwrap();
    let damaged = read(&other).replace("08:05", "\"08:05");
    for (text, meant) in [
        ("Dear diary\n", &export),
        (&read(&other), &export),
        (&damaged, &other),
    ] {
        fs::write(&export.path, text).unwrap();
        let error = scene.run(meant).await.unwrap_err().to_string();
        assert!(error.contains("left as it is"), "{error}");
        assert_eq!(read(&export), text);
    }
    let mut nowhere = export;
    nowhere.path = scene.folder.join("no/such/folder");
    assert!(scene.run(&nowhere).await.is_err());
}

#[actix::test]
async fn what_the_archive_has_forgotten_meanwhile_is_a_gap() {
    let scene = Scene::new("gap").await;
    for format in [Format::Jsonl, Format::Html] {
        let export = scene.export(&format!("gap-{format:?}"), format);
        scene.run_until(&export, 4).await;
        scene.server.expire_archive("romeo", 10);
        let exported = scene.run(&export).await.unwrap();
        assert_eq!((exported.before, exported.added), (4, 10));
        let text = read(&export);
        assert_eq!(text.matches(format.gap()).count(), 1);
        // It is one gap however often somebody looks.
        let again = scene.run(&export).await.unwrap();
        assert_eq!((again.before, again.added), (14, 0));
        assert_eq!(read(&export), text);
        scene.server.expire_archive("romeo", 0);
        for _ in 0..2 {
            assert_eq!(scene.run(&export).await.unwrap().added, 0);
        }
        assert_eq!(read(&export).matches(format.gap()).count(), 2);
        for number in 0..MESSAGES {
            say(&scene.server, number);
        }
    }
}

//! What the tour shows, in colour where the terminal can.

use std::io::IsTerminal as _;

fn paint(code: &str, text: &str) -> String {
    let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if coloured {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A stop of the tour.
pub(crate) fn stop(title: &str) {
    println!("\n{}", paint("1;36", &format!("── {title}")));
}

/// Something that somebody sees.
pub(crate) fn line(who: &str, what: &str) {
    let colour = match who {
        "romeo" => "33",
        "juliet" => "35",
        _ => "2",
    };
    println!("{:>9}  {what}", paint(colour, &format!("{who:>9}")));
}

/// The end.
pub(crate) fn end(text: &str) {
    println!("\n{}", paint("1;32", text));
}

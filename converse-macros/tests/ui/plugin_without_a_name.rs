use converse_macros::converse_plugin;

struct Greeter;

#[converse_plugin]
impl Plugin for Greeter {
    const REQUIRES: &'static [&'static str] = &["converse-roster"];
}

fn main() {}

use converse_macros::converse_plugin;

#[converse_plugin]
struct Greeter;

fn main() {}

use converse_macros::converse_plugin;

struct Greeter;

#[converse_plugin]
impl Greeter {
    const NAME: &'static str = "greeter";
}

fn main() {}

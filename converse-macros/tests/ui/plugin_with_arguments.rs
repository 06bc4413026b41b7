use converse_macros::converse_plugin;

struct Greeter;

#[converse_plugin(name = "greeter")]
impl Plugin for Greeter {
    const NAME: &'static str = "greeter";
}

fn main() {}

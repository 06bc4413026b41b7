use converse_macros::converse_plugin;

struct Greeter;

#[converse_plugin]
impl Default for Greeter {
    fn default() -> Self {
        Self
    }
}

fn main() {}

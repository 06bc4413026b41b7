use converse_macros::converse_plugin;

struct Greeter<T>(T);

#[converse_plugin]
impl<T> Plugin for Greeter<T> {
    const NAME: &'static str = "greeter";
}

fn main() {}

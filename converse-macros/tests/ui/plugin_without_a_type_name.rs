use converse_macros::converse_plugin;

#[converse_plugin]
impl Plugin for (u8, u8) {
    const NAME: &'static str = "greeter";
}

fn main() {}

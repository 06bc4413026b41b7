use converse_macros::Event;

#[derive(Event)]
#[event(name = "")]
struct Empty;

#[derive(Event)]
#[event(name = "two words")]
struct Spaces;

#[derive(Event)]
#[event(name = 3)]
struct Number;

fn main() {}

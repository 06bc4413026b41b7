use converse_macros::Event;

#[derive(Event)]
#[event(name = "greeted", name = "greeting")]
struct Greeted;

fn main() {}

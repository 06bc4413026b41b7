use converse_macros::Event;

#[derive(Event)]
#[event(name = "greeted", promised)]
struct Greeted;

fn main() {}

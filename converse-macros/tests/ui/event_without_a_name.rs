use converse_macros::Event;

#[derive(Event)]
struct Greeted;

#[derive(Event)]
#[event(promise)]
struct GreetedEverybody;

fn main() {}

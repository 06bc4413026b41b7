//! What can be the answer to a field.

use jid::{BareJid, FullJid, Jid};

/// What a field can be answered with: text, a yes or no, a number, an address, or several of these.
pub trait IntoValues {
    /// The values as the form carries them.
    fn into_values(self) -> Vec<String>;
}

macro_rules! one_value {
    ($($type:ty => |$value:ident| $text:expr;)*) => {
        $(
            impl IntoValues for $type {
                fn into_values(self) -> Vec<String> {
                    let $value = self;
                    vec![$text]
                }
            }
        )*
    };
}

one_value! {
    &str => |value| value.to_owned();
    String => |value| value;
    &String => |value| value.clone();
    bool => |value| if value { "1".to_owned() } else { "0".to_owned() };
    i64 => |value| value.to_string();
    u32 => |value| value.to_string();
    u64 => |value| value.to_string();
    usize => |value| value.to_string();
    Jid => |value| value.to_string();
    &Jid => |value| value.to_string();
    BareJid => |value| value.to_string();
    &BareJid => |value| value.to_string();
    FullJid => |value| value.to_string();
    &FullJid => |value| value.to_string();
}

impl<T: IntoValues> IntoValues for Vec<T> {
    fn into_values(self) -> Vec<String> {
        self.into_iter().flat_map(T::into_values).collect()
    }
}

impl<T: IntoValues, const N: usize> IntoValues for [T; N] {
    fn into_values(self) -> Vec<String> {
        self.into_iter().flat_map(T::into_values).collect()
    }
}

impl<T: Clone + IntoValues> IntoValues for &[T] {
    fn into_values(self) -> Vec<String> {
        self.iter().cloned().flat_map(T::into_values).collect()
    }
}

/// No answer.
impl<T: IntoValues> IntoValues for Option<T> {
    fn into_values(self) -> Vec<String> {
        self.map(T::into_values).unwrap_or_default()
    }
}

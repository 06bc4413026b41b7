//! The forms in which names are given.

/// One or more names, as [`Promises::add`](super::Promises::add) takes them.
pub trait PromiseNames {
    /// Calls `each` with every name.
    fn for_each(self, each: &mut dyn FnMut(&str));
}

impl PromiseNames for &str {
    fn for_each(self, each: &mut dyn FnMut(&str)) {
        each(self);
    }
}

impl PromiseNames for String {
    fn for_each(self, each: &mut dyn FnMut(&str)) {
        each(&self);
    }
}

impl<S: AsRef<str>> PromiseNames for &[S] {
    fn for_each(self, each: &mut dyn FnMut(&str)) {
        self.iter().for_each(|name| each(name.as_ref()));
    }
}

impl<S: AsRef<str>, const N: usize> PromiseNames for [S; N] {
    fn for_each(self, each: &mut dyn FnMut(&str)) {
        self.as_slice().for_each(each);
    }
}

impl<S: AsRef<str>> PromiseNames for Vec<S> {
    fn for_each(self, each: &mut dyn FnMut(&str)) {
        self.as_slice().for_each(each);
    }
}

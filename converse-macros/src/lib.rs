//! The attribute and derive macros of `converse`.
//!
//! Each writes what anyone could write by hand; mistakes are errors at the place where they were made.

mod event;
mod path;
mod plugin;

use proc_macro::TokenStream;

/// Implements `Event` for a type that is `Debug` and `serde::Serialize`.
///
/// - `#[event(name = "rosterContactsFetched")]`: the name under which it can be heard; required.
/// - `#[event(promise)]`: publishing it keeps the promise of that name.
/// - `#[event(crate = my::path)]`: where `converse_core` is found, should the manifest not tell.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    event::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Registers a plugin when the program is linked: put it on `impl Plugin for MyPlugin`.
///
/// It adds one `inventory::submit!` after the `impl`, nothing else. The crate must be linked for that to have an effect:
/// an application names it with `use my_plugin as _;`.
#[proc_macro_attribute]
pub fn converse_plugin(attribute: TokenStream, item: TokenStream) -> TokenStream {
    plugin::expand(&attribute.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

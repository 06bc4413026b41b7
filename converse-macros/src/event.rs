//! `#[derive(Event)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, LitStr, Path, Result};

use crate::path::core_path;

/// What `#[event(…)]` says.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    promise: bool,
    core: Option<Path>,
}

impl Options {
    fn of(input: &DeriveInput) -> Result<Self> {
        let mut options = Self::default();
        for attribute in input
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("event"))
        {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    if options.name.is_some() {
                        return Err(meta.error("`name` is given twice"));
                    }
                    let name: LitStr = meta.value()?.parse()?;
                    check(&name)?;
                    options.name = Some(name);
                } else if meta.path.is_ident("promise") {
                    options.promise = true;
                } else if meta.path.is_ident("crate") {
                    options.core = Some(meta.value()?.call(Path::parse_mod_style)?);
                } else {
                    return Err(meta.error("expected `name = \"…\"`, `promise` or `crate = path`"));
                }
                Ok(())
            })?;
        }
        Ok(options)
    }
}

fn check(name: &LitStr) -> Result<()> {
    let text = name.value();
    if text.is_empty() || text.chars().any(char::is_whitespace) {
        return Err(syn::Error::new(
            name.span(),
            "an event needs a name without spaces",
        ));
    }
    Ok(())
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let options = Options::of(input)?;
    let Some(name) = options.name else {
        let text = "an event needs its name: `#[event(name = \"somethingHappened\")]`";
        return Err(syn::Error::new(input.ident.span(), text));
    };
    let core = match options.core {
        Some(path) => quote!(#path),
        None => core_path(),
    };
    let promise = options.promise;
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics #core::bus::Event for #ident #arguments #bounds {
            const NAME: &'static str = #name;
            const PROMISE: bool = #promise;

            fn to_value(&self) -> #core::bus::__private::Value {
                #core::bus::__private::to_value(self, Self::NAME)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::expand;

    fn error_of(item: &str) -> String {
        match syn::parse_str(item).and_then(|input| expand(&input)) {
            Ok(_) => "no error".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_mistake_is_named() {
        assert!(error_of("struct A;").starts_with("an event needs its name"));
        assert!(error_of("#[event(name = \"\")] struct A;").starts_with("an event needs a name"));
        assert!(error_of("#[event(named = \"a\")] struct A;").starts_with("expected `name"));
        assert!(
            error_of("#[event(name = \"a\", name = \"b\")] struct A;").ends_with("given twice")
        );
        assert!(error_of("#[event(name = 1)] struct A;").contains("expected string literal"));
    }

    #[test]
    fn the_path_can_be_given() {
        let input =
            syn::parse_str("#[event(name = \"a\", promise, crate = my::core)] struct A<T>(T);");
        let output = input
            .and_then(|input| expand(&input))
            .map(|tokens| tokens.to_string());
        let output = output.unwrap_or_default();
        assert!(
            output.contains("impl < T > my :: core :: bus :: Event for A < T >"),
            "{output}"
        );
        assert!(output.contains("PROMISE : bool = true"), "{output}");
    }
}

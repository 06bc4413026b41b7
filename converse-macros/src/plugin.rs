//! `#[converse_plugin]`: one line that anyone could write, and errors where it is misused.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ImplItem, Item, ItemImpl, Result, Type};

use crate::path::core_path;

/// The `impl` as it is, and its registration at link time.
pub(crate) fn expand(attribute: &TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new_spanned(
            attribute,
            "`#[converse_plugin]` takes no arguments; name and dependencies are constants of the `impl`",
        ));
    }
    let item: Item = syn::parse2(item)?;
    let Item::Impl(item) = item else {
        return Err(Error::new_spanned(
            item,
            "`#[converse_plugin]` belongs on `impl Plugin for …`",
        ));
    };
    check(&item)?;
    let core = core_path();
    let plugin = &item.self_ty;
    Ok(quote! {
        #item

        #core::__private::inventory::submit! {
            #core::plugin::Registration {
                name: <#plugin as #core::plugin::Plugin>::NAME,
                requires: <#plugin as #core::plugin::Plugin>::REQUIRES,
                after: <#plugin as #core::plugin::Plugin>::AFTER,
                initialize: <#plugin as #core::plugin::Plugin>::initialize,
                package: env!("CARGO_PKG_NAME"),
            }
        }
    })
}

fn check(item: &ItemImpl) -> Result<()> {
    let Some((_, path, _)) = &item.trait_ else {
        return Err(Error::new_spanned(
            &item.self_ty,
            "`#[converse_plugin]` belongs on `impl Plugin for …`, not on an `impl` without a trait",
        ));
    };
    if path
        .segments
        .last()
        .is_none_or(|segment| segment.ident != "Plugin")
    {
        return Err(Error::new_spanned(
            path,
            "`#[converse_plugin]` belongs on an `impl` of `Plugin`",
        ));
    }
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a plugin cannot be generic: it is registered once, when the program is linked",
        ));
    }
    if !matches!(&*item.self_ty, Type::Path(_)) {
        return Err(Error::new_spanned(
            &item.self_ty,
            "a plugin is a named type",
        ));
    }
    let has_name = item
        .items
        .iter()
        .any(|item| matches!(item, ImplItem::Const(constant) if constant.ident == "NAME"));
    if !has_name {
        return Err(Error::new_spanned(
            path,
            "a plugin needs a name: add `const NAME: &'static str = \"…\";`",
        ));
    }
    Ok(())
}

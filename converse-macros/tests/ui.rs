//! Misuse of the macros, and what the compiler says about it.
//!
//! To write the expected output anew: `TRYBUILD=overwrite cargo nextest run -p converse-macros --test ui`.

#[test]
fn misuse_is_explained_where_it_is() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}

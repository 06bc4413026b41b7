//! A test of each rule against each server.

/// Has each rule tested against both Prosodys, with a server of its own, and makes `everything` of them, which holds them all against
/// one server. After `loopback;` the embedded server is tested too: it has to do what the others do. A rule of another
/// file is written `[file] rule`.
macro_rules! rules {
    (loopback; $($rules:tt)*) => {
        rules! { $($rules)* }

        mod loopback {
            rules! { @each on_loopback: $($rules)* }
        }
    };
    (@each $server:ident: $($([$file:ident])? $rule:ident)*) => {
        $(#[actix::test]
        async fn $rule() {
            crate::$server(async |server| super::$($file::)?$rule(server).await).await;
        })*
    };
    ($($([$file:ident])? $rule:ident)*) => {
        mod prosody {
            rules! { @each on_prosody: $($([$file])? $rule)* }
        }

        mod newer_prosody {
            rules! { @each on_newer_prosody: $($([$file])? $rule)* }
        }

        /// All of them against one server.
        pub(crate) async fn everything(server: &converse_testkit::servers::Server) {
            $($($file::)?$rule(server).await;)*
        }
    };
}

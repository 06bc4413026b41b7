//! Work that goes on after a call has returned.

use std::future::Future;

use converse_core::api::Api;

/// Runs `task` where the instance runs: the caller may be on a thread without a runtime.
pub(crate) fn spawn(api: &Api, task: impl Future<Output = ()> + Send + 'static) {
    // Nobody waits for the task, nor for its start.
    drop(api.bus().dispatch(|_| drop(tokio::spawn(task))));
}

//! Work that goes on while nobody looks at it, and ends when nobody wants it any more.

use std::future::Future;

use converse_core::api::Api;
use tokio::sync::oneshot;

/// Does `work` where the instance runs; the caller may be on a thread without a runtime. It ends with the receiver of its result.
pub(crate) fn start<T: Send + 'static>(
    api: &Api,
    work: impl Future<Output = T> + Send + 'static,
) -> oneshot::Receiver<T> {
    let (mut tell, told) = oneshot::channel();
    let task = async move {
        let done = tokio::select! {
            done = work => done,
            () = tell.closed() => return,
        };
        // Nor is it an error if that happened just now.
        let _ = tell.send(done);
    };
    // A bus that has stopped drops the task, which the receiver hears.
    drop(api.bus().dispatch(|_| drop(tokio::spawn(task))));
    told
}

/// As [`start`], for work that is done whether anybody looks at it or not.
pub(crate) fn detach(api: &Api, work: impl Future<Output = ()> + Send + 'static) {
    drop(api.bus().dispatch(|_| drop(tokio::spawn(work))));
}

//! How long what comes live waits for an archive that does not answer.

use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

/// How long what comes live waits for one page.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Waits for a page of an archive, however long that takes. If it is not here after [`PATIENCE`], what comes live has waited long
/// enough: `let_through` is done meanwhile. The places of what the archive tells then bring the messages into order, as when too much
/// is [held](super::Held).
///
/// ```
/// use converse_messages::sync::patiently;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let page = patiently(async { "page" }, async { unreachable!("it came at once") });
/// assert_eq!(page.await, "page");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn patiently<T>(
    page: impl Future<Output = T>,
    let_through: impl Future<Output = ()>,
) -> T {
    let mut page = pin!(page);
    if let Ok(page) = timeout(PATIENCE, &mut page).await {
        return page;
    }
    let_through.await;
    page.await
}

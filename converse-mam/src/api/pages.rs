//! From page to page of an archive by itself.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use converse_core::api::Api;
use converse_core::{Error, ErrorKind};
use futures_util::Stream;
use tokio::sync::oneshot;

use super::ask;
use crate::error::ArchiveError;
use crate::model::{Page, Progress, Query, Trail};
use crate::settings::PAGE_SIZE;
use crate::tasks;

/// The pages of an archive, one after the other: a [`Stream`], and [`next`](Self::next) for those who use none.
///
/// A page that is handed out has messages, and none that an earlier one had. While one is handled the next is fetched, never more;
/// nothing is fetched before the first is wanted. Dropping this ends the query that is on its way.
///
/// After an error there are no more pages; [`resume`](Self::resume) gives the query that goes on behind those that were handed out,
/// also in another session. An archive that goes round in circles is an error, [`ArchiveError::NoProgress`].
#[must_use = "nothing is fetched until a page is wanted"]
pub struct Pages {
    api: Api,
    /// What is asked next; none when there is nothing left to ask.
    next: Option<Query>,
    asked: Option<oneshot::Receiver<Result<Page, Error>>>,
    /// What ends the pages once those before it were handed out.
    failed: Option<Error>,
    backwards: bool,
    resume: Query,
    trail: Trail,
    progress: Progress,
}

impl Pages {
    pub(super) fn new(api: &Api, query: Result<Query, ArchiveError>) -> Self {
        let query = query
            .map_err(Error::from)
            .and_then(|query| Ok(query.check().map(|()| query)?))
            .and_then(|mut query| {
                if query.max.is_none() {
                    query.max = Some(api.settings().read(&PAGE_SIZE)?);
                }
                Ok(query)
            });
        let (query, failed) = match query {
            Ok(query) => (Some(query), None),
            Err(error) => (None, Some(error)),
        };
        let resume = query.clone().unwrap_or_default();
        let mut trail = Trail::default();
        if let Some(id) = resume.cursor() {
            trail.begin(id);
        }
        Self {
            api: api.clone(),
            next: query,
            asked: None,
            failed,
            backwards: resume.is_backwards(),
            resume,
            trail,
            progress: Progress::default(),
        }
    }

    /// The next page; none after the last, and after an error. The future can be dropped and asked for again: no page is lost by it.
    ///
    /// # Errors
    ///
    /// As [`query`](crate::Archive::query), and [`ErrorKind::InvalidResponse`] with [`ArchiveError::NoProgress`] as its cause.
    pub async fn next(&mut self) -> Option<Result<Page, Error>> {
        std::future::poll_fn(|cx| self.poll_page(cx)).await
    }

    /// Whether pages go from the newest to the oldest. In each of them the oldest message is the first all the same.
    #[must_use]
    pub fn is_backwards(&self) -> bool {
        self.backwards
    }

    /// How far they have come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// The query that goes on behind the pages that were handed out; before the first page the query that was asked.
    #[must_use]
    pub fn resume(&self) -> Query {
        self.resume.clone()
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page, Error>>> {
        loop {
            self.ask();
            let Some(asked) = &mut self.asked else {
                return Poll::Ready(self.failed.take().map(Err));
            };
            let answer = ready!(Pin::new(asked).poll(cx));
            self.asked = None;
            let page = answer.unwrap_or_else(|_| Err(closed()));
            match page {
                Ok(page) => {
                    if let Some(page) = self.take(page) {
                        return Poll::Ready(Some(Ok(page)));
                    }
                }
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    /// Asks for the next page unless that is done, or there is none.
    fn ask(&mut self) {
        if self.asked.is_none()
            && let Some(query) = self.next.take()
        {
            let api = self.api.clone();
            let asked = async move { ask(&api, &query).await };
            self.asked = Some(tasks::start(&self.api, asked));
        }
    }

    /// What of a page is new; the page behind it is asked for.
    fn take(&mut self, mut page: Page) -> Option<Page> {
        let end = if self.backwards {
            page.rsm.first.as_deref()
        } else {
            page.rsm.last.as_deref()
        };
        let (known, is_new) = self.trail.advance(&mut page.messages, end);
        if known > 0 {
            tracing::warn!(known, "an archive gave messages of an earlier page again");
        }
        if let Some(end) = end {
            if is_new {
                self.resume.go_to(end, self.backwards);
            }
            if !page.rsm.complete && is_new {
                self.next = Some(self.resume.clone());
            } else if !page.rsm.complete {
                self.failed = Some(ArchiveError::NoProgress { id: end.to_owned() }.into());
            }
        }
        self.progress.count(&page);
        self.ask();
        Some(page).filter(|page| !page.messages.is_empty())
    }
}

impl Stream for Pages {
    type Item = Result<Page, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_page(cx)
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages")
            .field("backwards", &self.backwards)
            .field("progress", &self.progress)
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

fn closed() -> Error {
    let gone = "archive.pages: the instance has been torn down";
    Error::new(ErrorKind::Closed, gone)
}

//! A connection on which nobody is logged in, to register an account (XEP-0077 §3.1.1).

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::timeout;

use crate::env::RandomSource;
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::registration::{self, RegistrationError, RegistrationForm};
use crate::session::config::Config;
use crate::session::failure::Failure;
use crate::session::negotiate::answer_to;
use crate::session::stream::Stream;
use crate::settings::Settings;
use crate::transport::{self, Network, OpenHeader};
use crate::xml::{Element, ElementBuilder};

/// How often a server may send us elsewhere (RFC 6120 §4.9.3.19).
const MAX_REDIRECTS: u32 = 5;
/// How long a polite goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// The connection, as secure as one that somebody logs in on.
pub(crate) struct Registering {
    stream: Stream,
    domain: String,
    random: Arc<dyn RandomSource>,
}

impl Registering {
    /// Connects to a domain that offers registration.
    pub(crate) async fn connect(
        domain: &str,
        settings: &Settings,
        network: &dyn Network,
        random: &Arc<dyn RandomSource>,
    ) -> Result<Self, Error> {
        let config = Config::read(settings)?;
        let mut redirect = None;
        for _ in 0..=MAX_REDIRECTS {
            let target = config.target_at(domain, redirect.as_deref())?;
            let attempt = async {
                let connected = transport::connect(&target, network, &**random).await?;
                let mut registering = Self {
                    stream: Stream::new(connected.transport),
                    domain: domain.to_owned(),
                    random: Arc::clone(random),
                };
                let header = OpenHeader::new(domain);
                let opened = timeout(config.negotiation_timeout, registering.stream.open(&header));
                let features = opened.await.unwrap_or_else(|_| Err(late()))?;
                Ok((registering, features))
            };
            match attempt.await {
                Ok((registering, features)) => return registering.offered(&features).await,
                Err(Failure::SeeOther(host)) => redirect = Some(host),
                Err(failure) => return Err(failure.into_error()),
            }
        }
        Err(Error::new(
            ErrorKind::ConnectFailed,
            "the server sends us from host to host",
        ))
    }

    async fn offered(self, features: &Element) -> Result<Self, Error> {
        let offer = features.child("register", registration::FEATURE);
        if offer.is_some() {
            return Ok(self);
        }
        let domain = self.domain.clone();
        self.goodbye().await;
        Err(RegistrationError::NotOffered { domain }.into())
    }

    /// Asks what the server wants to know.
    pub(crate) async fn form(&mut self, within: Duration) -> Result<RegistrationForm, Error> {
        let request = self.request("get", registration::form_request())?;
        let answer = self.ask(request, within).await;
        let answer = answer.map_err(Failure::into_error)?;
        Ok(RegistrationForm::read(accepted(&answer)?.view())?)
    }

    /// Registers. An error that is no refusal leaves open what happened.
    pub(crate) async fn submit(
        &mut self,
        query: ElementBuilder,
        within: Duration,
    ) -> Result<(), Error> {
        let request = self.request("set", query)?;
        match self.ask(request, within).await {
            Ok(answer) => Ok(accepted(&answer).map(drop)?),
            Err(failure) => Err(RegistrationError::Unanswered(failure.into_error()).into()),
        }
    }

    /// Whether the server still keeps the connection open, as far as that is known here.
    pub(crate) async fn is_open(&mut self) -> bool {
        // So that the runtime looks at its sockets.
        tokio::task::yield_now().await;
        loop {
            match self.stream.element().now_or_never() {
                None => return true,
                // Nothing that comes unasked has a meaning here.
                Some(Ok(_)) => {}
                Some(Err(_)) => return false,
            }
        }
    }

    /// Closes the stream.
    pub(crate) async fn goodbye(mut self) {
        self.stream.transport.close();
        let goodbye = std::future::poll_fn(|cx| self.stream.transport.poll_shutdown(cx));
        // Whether it arrives does not matter any more.
        let _ = timeout(GOODBYE, goodbye).await;
    }

    fn request(&self, type_: &str, query: ElementBuilder) -> Result<Request, Error> {
        let id = self.random.stanza_id();
        let iq = Element::builder("iq", ns::CLIENT)
            .attr("type", type_)
            .attr("id", &id)
            .attr("to", &self.domain)
            .child(query);
        let mut xml = String::new();
        iq.write_to(&mut xml)?;
        Ok(Request { id, xml })
    }

    async fn ask(&mut self, request: Request, within: Duration) -> Result<Element, Failure> {
        self.stream.send(&request.xml);
        let answered = timeout(within, answer_to(&mut self.stream, &request.id));
        answered.await.unwrap_or_else(|_| Err(late()))
    }
}

/// A request that can be written.
struct Request {
    id: String,
    xml: String,
}

/// The answer, unless it is a refusal.
fn accepted(answer: &Element) -> Result<&Element, RegistrationError> {
    match answer.attr("type").as_deref() {
        Some("result") => Ok(answer),
        Some("error") => Err(RegistrationError::of(answer.view())),
        _ => Err(RegistrationError::InvalidAnswer),
    }
}

fn late() -> Failure {
    Failure::retry(
        ErrorKind::Timeout,
        "the server stopped answering during the registration",
    )
}

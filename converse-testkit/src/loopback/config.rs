//! What a server is made of before it starts.

use std::collections::{BTreeMap, BTreeSet};

use converse_core::env::Environment;
use jid::BareJid;

use super::archive::Archives;
use super::limits::Limits;
use super::muc::Rooms;
use super::registration::Registration;
use super::sasl::Verifier;
use super::server::Loopback;
use super::state::Account;
use super::subscription::Subscription;
use super::tls::Tls;
use super::{LoopbackError, account_jid};

/// What happens when a client asks for a resource another connection of the account has (RFC 6120 §7.7.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conflict {
    /// The other connection is closed with the stream error `conflict`.
    #[default]
    Replace,
    /// The new connection gets a resource of the server's choice.
    Rename,
    /// The new connection gets the stanza error `conflict` and may ask for another resource.
    Refuse,
}

/// What the running server goes by.
pub(super) struct Config {
    pub(super) domain: BareJid,
    /// Where the rooms are.
    pub(super) rooms: BareJid,
    pub(super) limits: Limits,
    pub(super) conflict: Conflict,
    pub(super) registration: Registration,
    pub(super) anonymous: bool,
    pub(super) plain: bool,
    pub(super) conversion: bool,
    pub(super) archives: Archives,
    pub(super) environment: Environment,
    pub(super) tls: Option<Tls>,
}

/// Describes a server and starts it.
#[derive(Debug, Clone)]
#[must_use = "a server that is not started does nothing"]
pub struct LoopbackBuilder {
    domain: String,
    accounts: Vec<(String, Secret)>,
    contacts: Vec<(String, String)>,
    names: Vec<(String, String, Option<String>, Vec<String>)>,
    rooms: Vec<(String, String)>,
    limits: Limits,
    conflict: Conflict,
    registration: Registration,
    anonymous: bool,
    plain: bool,
    conversion: bool,
    archives: Archives,
    tls: bool,
    environment: Environment,
}

/// A password that does not show.
#[derive(Clone)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl LoopbackBuilder {
    pub(super) fn new(domain: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            accounts: Vec::new(),
            contacts: Vec::new(),
            names: Vec::new(),
            rooms: Vec::new(),
            limits: Limits::default(),
            conflict: Conflict::default(),
            registration: Registration::default(),
            anonymous: false,
            plain: true,
            conversion: true,
            archives: Archives::default(),
            tls: false,
            environment: Environment::default(),
        }
    }

    /// Adds an account, by local part or by bare JID. The last word on an account's password counts.
    pub fn account(mut self, name: &str, password: &str) -> Self {
        self.accounts
            .push((name.to_owned(), Secret(password.to_owned())));
        self
    }

    /// Lets two accounts see each other: each is in the other's roster with the subscription `both`.
    pub fn subscribed(mut self, one: &str, other: &str) -> Self {
        self.contacts.push((one.to_owned(), other.to_owned()));
        self
    }

    /// Puts a contact into an account's roster under a name and in groups; without [`subscribed`](Self::subscribed) as well,
    /// neither sees the other.
    pub fn contact(mut self, owner: &str, contact: &str, name: &str, groups: &[&str]) -> Self {
        let name = Some(name.to_owned()).filter(|name| !name.is_empty());
        let distinct: BTreeSet<&&str> = groups.iter().collect();
        let groups = distinct
            .into_iter()
            .map(|group| (*group).to_owned())
            .collect();
        self.names
            .push((owner.to_owned(), contact.to_owned(), name, groups));
        self
    }

    /// Adds a room that is there from the start and stays when nobody is in it, by its local part, with its owner. Everybody may
    /// come in until the owner says otherwise.
    ///
    /// Rooms are at the service `conference.` of the server's domain; whoever enters one that is not there makes it.
    pub fn room(mut self, name: &str, owner: &str) -> Self {
        self.rooms.push((name.to_owned(), owner.to_owned()));
        self
    }

    /// Whether the server offers STARTTLS, and nothing else before it, with a certificate it makes for itself
    /// ([`Loopback::ca_pem`] says what to trust). Off unless said otherwise: loopback connections stay on this machine.
    pub fn tls(mut self, required: bool) -> Self {
        self.tls = required;
        self
    }

    /// Whether and how strangers can register an account (XEP-0077); they cannot, unless said otherwise. Whoever has an account
    /// can change its password and delete it in any case.
    pub fn registration(mut self, registration: Registration) -> Self {
        self.registration = registration;
        self
    }

    /// Whether the mechanism `PLAIN` is offered beside the SCRAM ones. It is, unless said otherwise.
    pub fn plain(mut self, offered: bool) -> Self {
        self.plain = offered;
        self
    }

    /// Whether the mechanism `ANONYMOUS` is offered (RFC 4505): an account of a random name that lasts as long as its session.
    /// It is not, unless said otherwise.
    pub fn anonymous(mut self, offered: bool) -> Self {
        self.anonymous = offered;
        self
    }

    /// Whether a picture published by XEP-0084 becomes the one of the vCard and the other way round, and every presence bears
    /// its hash (XEP-0398). It does, unless said otherwise.
    pub fn avatar_conversion(mut self, on: bool) -> Self {
        self.conversion = on;
        self
    }

    /// What the archives of accounts and rooms can do (XEP-0313); everything, unless said otherwise.
    pub fn archives(mut self, archives: Archives) -> Self {
        self.archives = archives;
        self
    }

    /// What happens when two connections want the same resource; [`Conflict::Replace`] unless said otherwise.
    pub fn conflict(mut self, conflict: Conflict) -> Self {
        self.conflict = conflict;
        self
    }

    /// What the server puts up with.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where wall clock times and random ids come from.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Starts the server on a free port of 127.0.0.1. It has to be called in a tokio runtime, which the server lives in.
    ///
    /// # Errors
    ///
    /// If a name is no valid address, if a roster names an account nobody has, if no certificate can be made, or if the
    /// system gives no port.
    pub async fn start(self) -> Result<Loopback, LoopbackError> {
        let invalid = |source| LoopbackError::Address {
            name: self.domain.clone(),
            source,
        };
        let domain = BareJid::new(&self.domain).map_err(invalid)?;
        let tls = match self.tls {
            true => Some(Tls::new(domain.as_str())?),
            false => None,
        };
        let accounts = self.accounts(&domain)?;
        let service = BareJid::new(&format!("conference.{domain}")).map_err(invalid)?;
        let given = self.rooms.iter();
        let given = given
            .map(|(name, owner)| Ok((account_jid(name, &service)?, account_jid(owner, &domain)?)));
        let given: Vec<_> = given.collect::<Result<_, LoopbackError>>()?;
        let config = Config {
            domain,
            rooms: service,
            limits: self.limits,
            conflict: self.conflict,
            registration: self.registration,
            anonymous: self.anonymous,
            plain: self.plain,
            conversion: self.conversion,
            archives: self.archives,
            environment: self.environment,
            tls,
        };
        let rooms = Rooms::new(&config, &given);
        Loopback::serve(config, accounts, rooms).await
    }

    fn accounts(&self, domain: &BareJid) -> Result<BTreeMap<BareJid, Account>, LoopbackError> {
        let mut accounts = BTreeMap::new();
        for (name, password) in &self.accounts {
            let mut salt = [0; 16];
            self.environment.random.fill(&mut salt);
            let verifier = Verifier::new(&password.0, salt);
            accounts.insert(account_jid(name, domain)?, Account::new(Some(verifier)));
        }
        for (one, other) in &self.contacts {
            for (owner, contact) in [(one, other), (other, one)] {
                let (owner, contact) = (account_jid(owner, domain)?, account_jid(contact, domain)?);
                known(&mut accounts, &owner)?
                    .roster
                    .seed(&contact, |entry| {
                        entry.subscription = Subscription::BOTH;
                    });
            }
        }
        for (owner, contact, name, groups) in &self.names {
            let (owner, contact) = (account_jid(owner, domain)?, account_jid(contact, domain)?);
            known(&mut accounts, &owner)?
                .roster
                .seed(&contact, |entry| {
                    entry.name.clone_from(name);
                    entry.groups.clone_from(groups);
                });
        }
        Ok(accounts)
    }
}

fn known<'a>(
    accounts: &'a mut BTreeMap<BareJid, Account>,
    name: &BareJid,
) -> Result<&'a mut Account, LoopbackError> {
    let account = accounts.get_mut(name);
    account.ok_or_else(|| LoopbackError::UnknownAccount {
        name: name.to_string(),
    })
}

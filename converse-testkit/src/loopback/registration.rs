//! Accounts that their owners make, change and delete (XEP-0077).

use jid::{BareJid, Jid, NodePart};
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType, Option_};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;
use xmpp_parsers::stream_error::DefinedCondition as StreamCondition;

use super::dom::{Dom, Packet, error, result};
use super::outbox::End;
use super::sasl::Verifier;
use super::session::Session;
use super::shared::Shared;
use super::state::{Account, SessionId, State, stream_error};

const NS: &str = "jabber:iq:register";
const DATA_FORMS: &str = "jabber:x:data";
/// The houses that the form offers.
const HOUSES: [&str; 2] = ["Capulet", "Montague"];

/// Whether strangers can register an account, and what they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Registration {
    /// They cannot.
    #[default]
    Closed,
    /// The fields `username` and `password` of XEP-0077.
    Fields,
    /// A data form with these two, the field `email`, which has to be answered too, and the choice `x-house` of `Capulet` and
    /// `Montague`.
    Form,
}

/// The answer to a request of somebody who is not logged in; nothing if it is none about an account.
pub(super) fn of_stranger(shared: &Shared, iq: &Element) -> Option<Element> {
    let kind = shared.config.registration;
    let query = iq.get_child("query", NS);
    let query = query.filter(|_| iq.is_stanza("iq") && kind != Registration::Closed)?;
    let outcome = match iq.kind() {
        Some("get") => Ok(result(iq).holding(asked(kind))),
        Some("set") => shared.lock().admit(query).map(|()| result(iq)),
        _ => return None,
    };
    outcome.map_or_else(|condition| error(iq, condition), Some)
}

/// What a stranger is asked.
fn asked(kind: Registration) -> Element {
    let query = Element::bare("query", NS);
    let text = "Choose a user name and a password.";
    let mut instructions = Element::bare("instructions", NS);
    instructions.append_text_node(text);
    let query = query.holding(instructions);
    if kind == Registration::Fields {
        let fields = ["username", "password"];
        return fields
            .into_iter()
            .fold(query, |query, name| query.holding(Element::bare(name, NS)));
    }
    let field = |var: &str, type_, required| {
        let mut field = Field::new(var, type_);
        field.required = required;
        field
    };
    let mut house = field("x-house", FieldType::ListSingle, false);
    house.options = HOUSES
        .map(|house| Option_ {
            label: None,
            value: house.to_owned(),
        })
        .into();
    let fields = vec![
        field("username", FieldType::TextSingle, true),
        field("password", FieldType::TextPrivate, true),
        field("email", FieldType::TextSingle, true),
        house,
    ];
    let mut form = DataForm::new(DataFormType::Form, NS, fields);
    form.title = Some("A new account".to_owned());
    form.instructions = Some(text.to_owned());
    query.holding(Element::from(form))
}

/// One answer: an element of XEP-0077, or a field of a data form.
fn answer(query: &Element, name: &str) -> Option<String> {
    let Some(form) = query.get_child("x", DATA_FORMS) else {
        return query.get_child(name, NS).map(Element::text);
    };
    let form = DataForm::try_from(form.clone()).ok()?;
    let field = form
        .fields
        .into_iter()
        .find(|field| field.var.as_deref() == Some(name))?;
    field.values.into_iter().next()
}

impl State {
    /// Makes an account.
    fn admit(&mut self, query: &Element) -> Result<(), DefinedCondition> {
        let asks_by_form = self.config.registration == Registration::Form;
        let answered = |name| answer(query, name).filter(|text| !text.is_empty());
        if asks_by_form {
            let house = answered("x-house");
            if answered("email").is_none() || house.is_some_and(|house| !HOUSES.contains(&&*house))
            {
                return Err(DefinedCondition::NotAcceptable);
            }
        }
        let user = answered("username").ok_or(DefinedCondition::NotAcceptable)?;
        let password = answered("password").ok_or(DefinedCondition::NotAcceptable)?;
        let node = NodePart::new(&user).map_err(|_| DefinedCondition::NotAcceptable)?;
        let jid = BareJid::from_parts(Some(&node), self.config.domain.domain());
        if self.accounts.contains_key(&jid) {
            return Err(DefinedCondition::Conflict);
        }
        if self.accounts.len() >= self.config.limits.accounts {
            return Err(DefinedCondition::ResourceConstraint);
        }
        let verifier = self.verifier(&password);
        self.accounts.insert(jid, Account::new(Some(verifier)));
        Ok(())
    }

    /// Handles a request of somebody about the own account; `false` if this is none.
    pub(super) fn registration(
        &mut self,
        id: SessionId,
        own: &BareJid,
        iq: &Element,
        to: Option<&Jid>,
    ) -> bool {
        let domain = &self.config.domain;
        let is_for_account = to.is_none_or(|to| to == own || to == domain);
        let query = iq.get_child("query", NS).filter(|_| is_for_account);
        let (Some(query), Some(kind @ ("get" | "set"))) = (query.cloned(), iq.kind()) else {
            return false;
        };
        if kind == "get" {
            let mut name = Element::bare("username", NS);
            name.append_text_node(own.node().map_or("", |node| node.as_str()));
            let query = Element::bare("query", NS)
                .holding(Element::bare("registered", NS))
                .holding(name);
            self.push(id, Packet::new(result(iq).holding(query)));
        } else if query.has_child("remove", NS) {
            if query.children().count() > 1 {
                self.bounce(iq, DefinedCondition::BadRequest);
            } else {
                self.push(id, Packet::new(result(iq)));
                self.remove_account(own);
            }
        } else {
            match self.change_password(own, &query) {
                Ok(()) => self.push(id, Packet::new(result(iq))),
                Err(condition) => self.bounce(iq, condition),
            }
        }
        true
    }

    fn change_password(&mut self, own: &BareJid, query: &Element) -> Result<(), DefinedCondition> {
        let user = answer(query, "username").ok_or(DefinedCondition::BadRequest)?;
        let password = answer(query, "password").filter(|password| !password.is_empty());
        let password = password.ok_or(DefinedCondition::BadRequest)?;
        let is_own = NodePart::new(&user).is_ok_and(|user| own.node() == Some(&*user));
        if !is_own {
            return Err(DefinedCondition::NotAllowed);
        }
        let verifier = self.verifier(&password);
        let account = self.accounts.get_mut(own);
        // Nobody has the password of an anonymous account.
        let account = account.filter(|account| account.verifier.is_some());
        account.ok_or(DefinedCondition::NotAllowed)?.verifier = Some(verifier.into());
        Ok(())
    }

    /// Deletes an account and ends its sessions (XEP-0077 §3.2).
    fn remove_account(&mut self, own: &BareJid) {
        let end = stream_error(StreamCondition::NotAuthorized, "the account is deleted");
        for id in self.resources(own) {
            if let Some(outbox) = self.sessions.get(&id).and_then(Session::outbox) {
                outbox.end(End::Error(end.clone()));
            }
            self.close(id);
        }
        self.accounts.remove(own);
    }

    fn verifier(&self, password: &str) -> Verifier {
        let mut salt = [0; 16];
        self.config.environment.random.fill(&mut salt);
        Verifier::new(password, salt)
    }
}

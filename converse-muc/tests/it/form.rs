//! The configuration form of a room, and what is sent back.

use crate::scene::Scene;

pub(crate) const OWNER: &str = "http://jabber.org/protocol/muc#owner";

/// A form with what servers have, some of it odd.
pub(crate) const FIELDS: &str = "\
    <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
    <field type='fixed'><value>About the room</value></field>\
    <field var='muc#roomconfig_roomname' type='text-single'><value>Atrium</value></field>\
    <field var='muc#roomconfig_roomdesc' type='text-single'/>\
    <field var='muc#roomconfig_lang' type='text-single'><value>en</value></field>\
    <field var='muc#roomconfig_membersonly' type='boolean'><value>0</value></field>\
    <field var='muc#roomconfig_publicroom' type='boolean'><value>true</value></field>\
    <field var='muc#roomconfig_moderatedroom' type='boolean'><value>perhaps</value></field>\
    <field var='muc#roomconfig_passwordprotectedroom' type='boolean'><value>1</value></field>\
    <field var='muc#roomconfig_roomsecret' type='text-private'><value>cauldronburn</value></field>\
    <field var='muc#roomconfig_whois' type='list-single'><value>moderators</value>\
     <option><value>moderators</value></option><option><value>anyone</value></option></field>\
    <field var='muc#roomconfig_maxusers' type='list-single'><value>20</value>\
     <option><value>20</value></option><option><value>30</value></option></field>\
    <field var='muc#roomconfig_presencebroadcast' type='list-multi'>\
     <value>moderator</value><value>visitor</value>\
     <option><value>moderator</value></option><option><value>participant</value></option>\
     <option><value>visitor</value></option></field>\
    <field var='muc#roomconfig_roomadmins' type='jid-multi'>\
     <value>ines@heron.example</value><value>not a jid</value></field>\
    <field var='muc#roomconfig_slow_mode_duration' type='text-single'><value>15</value></field>\
    <field var='muc#maxhistoryfetch' type='text-single'><value>50</value></field>\
    <field var='x-tide#ropes' type='x-unheard-of'><value>wet</value><value>dry</value></field>\
    <field type='text-single'><value>nameless</value></field>";

impl Scene {
    /// The form is asked for, and given.
    pub(crate) async fn gives_form(&self, fields: &str) {
        let id = self
            .requested("get", &format!("<query xmlns='{OWNER}'/>"))
            .await;
        let form = format!(
            "<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='form'>{fields}</x></query>"
        );
        self.answers(&id, &form).await;
    }

    /// A form is sent; its id.
    pub(crate) async fn submitted(&self, fields: &str) -> String {
        let form = format!(
            "<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='submit'>{fields}</x></query>"
        );
        self.requested("set", &form).await
    }

    /// The newest stanza that was sent.
    pub(crate) fn last_sent(&self) -> String {
        let sent = self.server.sent();
        sent.last().unwrap().what.to_text()
    }
}

pub(crate) fn field(var: &str, values: &[&str]) -> String {
    let values: String = values
        .iter()
        .map(|value| format!("<value>{value}</value>"))
        .collect();
    format!("<field var='{var}'>{values}</field>")
}

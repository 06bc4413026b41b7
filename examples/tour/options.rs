//! The arguments of the tour.

/// Whose account, and how to get to its server.
pub(crate) struct Account {
    pub(crate) jid: String,
    pub(crate) password: String,
    pub(crate) server: Option<String>,
    pub(crate) ca: Option<String>,
}

pub(crate) struct Options {
    /// Without one the embedded server is used.
    pub(crate) account: Option<Account>,
}

const USAGE: &str =
    "usage: tour [--jid user@domain --password secret [--server host:port] [--ca ca.crt]]
CONVERSE_JID and CONVERSE_PASSWORD stand in for the first two";

impl Options {
    /// Reads the arguments; the error is what to tell the user.
    pub(crate) fn from_arguments(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Self, String> {
        let (mut jid, mut password, mut server, mut ca) = (None, None, None, None);
        while let Some(name) = arguments.next() {
            let option = match name.as_str() {
                "--jid" => &mut jid,
                "--password" => &mut password,
                "--server" => &mut server,
                "--ca" => &mut ca,
                _ => return Err(format!("unknown argument `{name}`\n{USAGE}")),
            };
            let value = arguments.next();
            *option = Some(value.ok_or_else(|| format!("`{name}` needs a value\n{USAGE}"))?);
        }
        let jid = jid.or_else(|| std::env::var("CONVERSE_JID").ok());
        let password = password.or_else(|| std::env::var("CONVERSE_PASSWORD").ok());
        match (jid, password) {
            (Some(jid), Some(password)) => Ok(Self {
                account: Some(Account {
                    jid,
                    password,
                    server,
                    ca,
                }),
            }),
            (None, None) if server.is_none() && ca.is_none() => Ok(Self { account: None }),
            (None, _) => Err(format!("`--jid` is missing\n{USAGE}")),
            (Some(_), None) => Err(format!("`--password` is missing\n{USAGE}")),
        }
    }
}

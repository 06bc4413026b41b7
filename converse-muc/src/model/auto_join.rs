//! The rooms that are entered by themselves: the setting `auto_join_rooms`.

use converse_core::BoxError;
use jid::BareJid;
use serde::Deserialize;
use serde_json::Value;

use super::options::RoomOptions;

/// A room that is entered after login: its address, or a map with `jid` and what [`RoomOptions`] has.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct AutoJoin {
    pub(crate) jid: BareJid,
    pub(crate) options: RoomOptions,
}

impl TryFrom<Value> for AutoJoin {
    type Error = BoxError;

    fn try_from(value: Value) -> Result<Self, BoxError> {
        let (jid, options) = match value {
            Value::String(jid) => (jid, RoomOptions::default()),
            Value::Object(mut map) => {
                let Some(Value::String(jid)) = map.remove("jid") else {
                    return Err("a room to join must have a `jid`".into());
                };
                (jid, serde_json::from_value(Value::Object(map))?)
            }
            _ => return Err("a room to join is a JID or a map with `jid`".into()),
        };
        let jid = BareJid::new(&jid)?;
        match jid.node() {
            Some(_) => Ok(Self { jid, options }),
            None => {
                Err(format!("`{jid}` cannot be a room; the address of one has a local part").into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_room_is_an_address_or_a_map() {
        let of = |value| serde_json::from_value::<Vec<AutoJoin>>(value);
        let rooms = of(json!([
            "atrium@rooms.kestrel.example",
            {"jid": "annex@rooms.kestrel.example", "nick": "mara", "password": "tidewrack"},
        ]));
        assert!(rooms.is_ok_and(|rooms| rooms.len() == 2));
        for wrong in [
            json!([7]),
            json!([{}]),
            json!(["rooms.kestrel.example"]),
            json!(["@"]),
        ] {
            assert!(of(wrong.clone()).is_err(), "{wrong}");
        }
    }
}

"""What the client of `peer.py` does in rooms (XEP-0045, XEP-0249), and what it tells of them."""

import asyncio

from slixmpp import JID
from slixmpp.exceptions import PresenceError

# How long a room may take to let somebody in, in seconds.
PATIENCE = 30


class Rooms:
    """The orders that are about rooms."""

    def mend(self):
        """Does without what slixmpp 1.8 fails at: it answers a declined invitation with an error, for which rooms expel it."""
        self.remove_handler("MUCDecline")

    async def enter(self, room, nick, password=None):
        # slixmpp hears refusals only of rooms that send back what they were asked.
        self.refusal = asyncio.get_running_loop().create_future()
        muc = self.plugin["xep_0045"]
        join = muc.join_muc_wait(JID(room), nick, password=password, timeout=PATIENCE)
        join = asyncio.ensure_future(join)
        done, _ = await asyncio.wait([join, self.refusal], return_when=asyncio.FIRST_COMPLETED)
        if join not in done:
            join.cancel()
            raise PresenceError(self.refusal.result())
        own, subject, occupants, history = join.result()
        return {
            "nick": own["from"].resource,
            "codes": sorted(own["muc"]["status_codes"]),
            "occupants": sorted(presence["from"].resource for presence in occupants),
            "history": [message["body"] for message in history],
            "subject": subject["subject"],
        }

    async def leave(self, room):
        own = self.plugin["xep_0045"].get_our_jid_in_room(room)
        self.send_presence(pto=own, ptype="unavailable")

    async def take_nick(self, room, nick):
        self.send_presence(pto=f"{room}/{nick}")
        self.plugin["xep_0045"].our_nicks[room] = nick

    async def set_subject(self, room, subject):
        self.plugin["xep_0045"].set_subject(room, subject)

    async def role(self, room, nick, role, reason=""):
        await self.plugin["xep_0045"].set_role(room, nick, role, reason=reason)

    async def affiliation(self, room, jid, affiliation, reason=""):
        await self.plugin["xep_0045"].set_affiliation(room, affiliation, jid=jid, reason=reason)

    async def affiliations(self, room, affiliation):
        jids = await self.plugin["xep_0045"].get_affiliation_list(room, affiliation)
        return sorted(str(jid) for jid in jids)

    async def configure(self, room, fields):
        form = await self.plugin["xep_0045"].get_room_config(room)
        form["type"] = "submit"
        known = form.get_fields()
        for name, value in fields.items():
            known[f"muc#roomconfig_{name}"]["value"] = value
        await self.plugin["xep_0045"].set_room_config(room, form)

    async def destroy(self, room, reason="", instead=None):
        await self.plugin["xep_0045"].destroy(room, reason, instead)

    async def invite(self, room, jid, reason=""):
        self.plugin["xep_0045"].invite(room, jid, reason)

    async def invite_directly(self, room, jid, reason="", password=None):
        self.plugin["xep_0249"].send_invitation(JID(jid), JID(room), password, reason)

    async def decline(self, room, jid, reason=""):
        self.plugin["xep_0045"].decline(room, jid, reason)

    async def request_voice(self, room):
        self.plugin["xep_0045"].request_voice(room, "participant")


def hear_refusal(peer, presence):
    """Ends the waiting for a room that does not let somebody in."""
    refusal = getattr(peer, "refusal", None)
    if presence["type"] == "error" and refusal is not None and not refusal.done():
        refusal.set_result(presence)


def of_presence(presence):
    """What a presence says of an occupant; nothing if it is none of a room's."""
    user = presence.get_plugin("muc", check=True)
    if user is None:
        return {}
    item = user["item"]
    told = {
        "role": user["role"],
        "affiliation": user["affiliation"],
        "jid": str(item["jid"] or ""),
        "renamed": item["nick"],
        "reason": item["reason"],
        "codes": sorted(user["status_codes"]),
    }
    destroyed = user.get_plugin("destroy", check=True)
    if destroyed is not None:
        told["destroyed"] = {"jid": destroyed["jid"], "reason": destroyed["reason"]}
    return told


def of_message(message):
    """What a message says of a room: an invitation, an answer to one, a subject, a change of the configuration."""
    told = {}
    user = message.get_plugin("muc", check=True)
    if user is not None:
        for name in ("invite", "decline"):
            part = user.get_plugin(name, check=True)
            if part is not None:
                told[name] = {"from": str(part["from"]), "reason": part["reason"]}
        if user["status_codes"]:
            told["codes"] = sorted(user["status_codes"])
    direct = message.get_plugin("groupchat_invite", check=True)
    if direct is not None:
        told["direct_invite"] = {name: direct[name] for name in ("jid", "reason", "password")}
    if message.xml.find("{jabber:client}subject") is not None and not message["body"]:
        told["subject"] = message["subject"]
    if message.get_plugin("form", check=True) is not None:
        told["form"] = {name: field["value"] for name, field in message["form"].get_fields().items()}
    return told

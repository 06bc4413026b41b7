"""A contact whose client is slixmpp: `peer.py JID PASSWORD PORT CA_FILE`.

It does what the lines on standard input say, and tells on standard output what it hears; both are JSON, one object a line.
What it tells is what slixmpp has understood, not what was on the wire.

    {"ask": 1, "do": "message", "to": ..., "body": ...}     what to do; the names are those of the functions below
    {"answer": 1, "ok": ...}                                done, with what came out of it
    {"answer": 1, "error": "item-not-found"}                not done
    {"heard": "message", "from": ..., "body": ...}          a message; "presence", "avatar" and the like likewise

It runs with slixmpp from 1.8 (Debian 12) on.
"""

import asyncio
import base64
import hashlib
import json
import sys

import slixmpp
from slixmpp.exceptions import IqTimeout, XMPPError
from slixmpp.plugins.xep_0048 import Bookmarks
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

import peer_rooms

PLUGINS = """0004 0012 0030 0045 0048 0049 0054 0060 0084 0085 0115 0153 0163 0184 0191 0198 0199 0249 0280 0308 0333 0319 0334 0359 0424 0444"""


# What slixmpp itself prints is not for who reads what is told.
TOLD, sys.stdout = sys.stdout, sys.stderr


def tell(**what):
    print(json.dumps(what), file=TOLD, flush=True)


class Peer(peer_rooms.Rooms, slixmpp.ClientXMPP):
    def __init__(self, jid, password, ca_file):
        super().__init__(jid, password)
        self.use_aiodns = False
        self.enable_direct_tls = False
        self.ca_certs = ca_file
        for number in PLUGINS.split():
            self.register_plugin(f"xep_{number}")
        self.mend()
        # The test says when a receipt is due.
        self.plugin["xep_0184"].auto_ack = False
        self.plugin["xep_0184"].auto_request = False
        for kind in ["message", "presence"]:
            path = MatchXPath("{jabber:client}" + kind)
            self.register_handler(Callback(f"tell {kind}", path, getattr(self, f"hear_{kind}")))
        self.add_event_handler("avatar_metadata_publish", self.hear_avatar)
        self.add_event_handler("session_start", self.start)
        self.add_event_handler("failed_all_auth", lambda _: sys.exit("no login"))
        self.add_event_handler("disconnected", lambda _: tell(heard="end"))

    async def start(self, _):
        await self.get_roster()
        tell(heard="start", jid=self.boundjid.full)

    # What it hears.

    def hear_message(self, message):
        if message.get_plugin("pubsub_event", check=True) is None:
            tell(heard="message", **describe(message))

    def hear_presence(self, presence):
        photo = presence.get_plugin("vcard_temp_update", check=True)
        idle = presence.get_plugin("idle", check=True)
        told = {"show": "", "status": "", "priority": 0}
        if presence["type"] not in ("error", "subscribe", "subscribed", "unsubscribe", "unsubscribed"):
            told = {name: presence[name] for name in told}
        if presence["type"] == "error":
            told["error"] = presence["error"]["condition"]
        peer_rooms.hear_refusal(self, presence)
        tell(
            heard="presence",
            **addresses(presence),
            **told,
            photo=photo and photo["photo"],
            idle=idle and str(idle["since"]),
            **peer_rooms.of_presence(presence),
        )

    def hear_avatar(self, message):
        item = message["pubsub_event"]["items"]["item"]
        infos = item["avatar_metadata"]["items"]
        first = next(iter(infos), None)
        info = first and {name: first[name] for name in ("id", "type", "bytes")}
        tell(heard="avatar", **{"from": message["from"].bare, "info": info})

    # What it does.

    async def message(self, to, type="chat", id=None, **parts):
        message = self.make_message(to, mtype=type, mbody=parts.pop("body", None))
        message["id"] = id or self.new_id()
        for name, value in parts.items():
            write(message, name, value)
        message.send()
        return message["id"]

    async def presence(self, to=None, type=None, show=None, status=None, priority=None):
        self.send_presence(pto=to, ptype=type, pshow=show, pstatus=status, ppriority=priority)

    async def carbons(self):
        await self.plugin["xep_0280"].enable()

    async def ping(self):
        await self.plugin["xep_0199"].ping(self.boundjid.domain)

    async def last_activity(self, jid):
        answer = await self.plugin["xep_0012"].get_last_activity(jid)
        return int(answer["last_activity"]["seconds"])

    async def block(self, jid):
        await self.plugin["xep_0191"].block(jid)

    async def unblock(self, jid):
        await self.plugin["xep_0191"].unblock(jid)

    async def publish_avatar(self, data, type):
        data = base64.b64decode(data)
        info = {"id": hashlib.sha1(data).hexdigest(), "type": type, "bytes": len(data)}
        await self.plugin["xep_0084"].publish_avatar(data)
        await self.plugin["xep_0084"].publish_avatar_metadata([info])
        return info["id"]

    async def avatar(self, jid, id):
        answer = await self.plugin["xep_0084"].retrieve_avatar(jid, id)
        data = answer["pubsub"]["items"]["item"]["avatar_data"]["value"]
        return {"data": base64.b64encode(data).decode(), "sha1": hashlib.sha1(data).hexdigest()}

    async def vcard(self, jid):
        answer = await self.plugin["xep_0054"].get_vcard(jid)
        card = answer["vcard_temp"]
        photo = card.get_plugin("PHOTO", check=True)
        return {"fn": card["FN"], "photo": photo and base64.b64encode(photo["BINVAL"]).decode()}

    # The method is xep_0049 for private storage, xep_0223 for a node.

    async def bookmarks(self, method):
        answer = await self.plugin["xep_0048"].get_bookmarks(method=method)
        if method == "xep_0049":
            bookmarks = answer["private"]["bookmarks"]
        else:
            bookmarks = answer["pubsub"]["items"]["item"]["bookmarks"]
        names = ("jid", "name", "autojoin", "nick", "password")
        told = [{name: one[name] for name in names} for one in bookmarks["conferences"]]
        return [{**one, "jid": str(one["jid"])} for one in told]

    async def set_bookmarks(self, method, bookmarks):
        stanza = Bookmarks()
        for one in bookmarks:
            stanza.add_conference(one["jid"], one.get("nick"), one.get("name"), one.get("autojoin"))
        await self.plugin["xep_0048"].set_bookmarks(stanza, method=method)

    async def features(self, jid):
        answer = await self.plugin["xep_0030"].get_info(jid=jid)
        return sorted(answer["disco_info"]["features"])

    async def quit(self):
        await self.disconnect()


def addresses(stanza):
    return {
        "from": str(stanza["from"]),
        "to": str(stanza["to"]),
        "type": stanza["type"],
        "id": stanza["id"],
    }


def describe(message):
    """What a message says, part by part; only the parts that are there."""
    told = addresses(message)
    told["body"] = message["body"]
    for name, part in [
        ("carbon_sent", "carbon_sent"),
        ("carbon_received", "carbon_received"),
    ]:
        if message.get_plugin(part, check=True) is not None:
            told[name] = describe(message[part])
    if message.get_plugin("request_receipt", check=True) is not None or message["request_receipt"]:
        told["request_receipt"] = True
    if message["receipt"]:
        told["receipt"] = message["receipt"]
    for part in ["replace", "displayed", "retract", "origin_id"]:
        plugin = message.get_plugin(part, check=True)
        if plugin is not None:
            told[part] = plugin["id"]
    if message.get_plugin("markable", check=True) is not None:
        told["markable"] = True
    reactions = message.get_plugin("reactions", check=True)
    if reactions is not None:
        told["reactions"] = {
            "id": reactions["id"],
            "values": sorted(reactions.get_values(all_chars=True)),
        }
    if message["chat_state"]:
        told["chat_state"] = message["chat_state"]
    told.update(peer_rooms.of_message(message))
    if message["type"] == "error":
        told["error"] = message["error"]["condition"]
    return told


def write(message, name, value):
    """Puts a part into a message."""
    if name in ("replace", "displayed", "origin_id"):
        message[name]["id"] = value
    elif name == "markable":
        message.enable("markable")
    elif name == "reactions":
        message["reactions"]["id"] = value["id"]
        message["reactions"].set_values(value["values"], all_chars=True)
    elif name in ("receipt", "request_receipt", "chat_state"):
        message[name] = value
    elif name == "private":
        message.enable("carbon_private")
    else:
        raise ValueError(f"no part of a message: {name}")


async def obey(peer, order):
    number = order.pop("ask")
    try:
        result = await getattr(peer, order.pop("do"))(**order)
        tell(answer=number, ok=result)
    except IqTimeout:
        tell(answer=number, error="timeout")
    except XMPPError as error:
        tell(answer=number, error=error.condition)
    except Exception as error:
        tell(answer=number, error=repr(error))


async def play(jid, password, port, ca_file):
    peer = Peer(jid, password, ca_file)
    if slixmpp.__version_info__ < (1, 9):
        peer.connect(("127.0.0.1", port))
    else:
        peer.connect("127.0.0.1", port)
    lines = asyncio.StreamReader(limit=16 * 1024 * 1024)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    # One after the other: the order of the orders is the order on the wire.
    while line := await lines.readline():
        await obey(peer, json.loads(line))


if __name__ == "__main__":
    jid, password, port, ca_file = sys.argv[1:]
    asyncio.run(play(jid, password, int(port), ca_file))

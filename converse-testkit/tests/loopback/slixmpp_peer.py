"""Juliet, as slixmpp plays her: `slixmpp_peer.py PORT MECHANISM`, with the authority to trust in `CA_PEM` if there is TLS.

She logs in, checks what the server says, waits for a message of Romeo's, answers it, and leaves. What she finds wrong ends the
program with a traceback.
"""

import asyncio
import os
import sys

import slixmpp
from slixmpp import ClientXMPP


class Juliet(ClientXMPP):
    def __init__(self, mechanism):
        plain = "CA_PEM" not in os.environ
        super().__init__(
            "juliet@localhost/slixmpp",
            "secret",
            sasl_mech=mechanism,
            plugin_config={"feature_mechanisms": {"unencrypted_scram": plain}},
        )
        self.use_aiodns = False
        self.enable_direct_tls = False
        self.enable_starttls = not plain
        self.enable_plaintext = plain
        if not plain:
            self.ssl_context.load_verify_locations(cadata=os.environ["CA_PEM"])
        plugins = ["xep_0030", "xep_0092", "xep_0199", "xep_0198", "xep_0280", "xep_0313", "xep_0359", "xep_0441"]
        for plugin in plugins:
            self.register_plugin(plugin)
        self.started = self.expect("session_start")
        self.heard = self.expect("message")
        self.resumable = self.expect("sm_enabled")
        self.push = self.expect("roster_update")
        self.seen = self.expect("got_online")
        self.add_event_handler("failed_all_auth", lambda _: sys.exit("no login"))
        self.add_event_handler("connection_failed", lambda why: sys.exit(f"no connection: {why}"))

    def expect(self, event):
        future = asyncio.get_event_loop().create_future()

        def hear(data):
            if not future.done():
                future.set_result(data)

        self.add_event_handler(event, hear)
        return future


async def read_archive(juliet, heard):
    """What was said is in the archive, in order, under the id that it came with."""
    archive = juliet.plugin["xep_0313"]
    info = await juliet.plugin["xep_0030"].get_info(jid="juliet@localhost")
    features = set(info["disco_info"]["features"])
    assert {"urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0"} <= features, features
    form = await archive.get_fields("juliet@localhost")
    fields = {field["var"] for field in form["fields"]}
    assert {"with", "start", "end", "before-id", "after-id", "ids"} <= fields, fields

    said = ["à bientôt <&>", "à demain <&>"]
    # A message a page; backwards slixmpp reads no more than one page of an archive that counts.
    for reverse, most in [(False, 1), (True, 2)]:
        found = []
        pages = archive.iterate(
            jid="juliet@localhost", with_jid="romeo@localhost", reverse=reverse, rsm={"max": most}
        )
        async for message in pages:
            found.append(message["mam_result"])
        forwarded = [result["forwarded"] for result in found]
        bodies = [one["stanza"]["body"] for one in forwarded]
        assert bodies == (said[::-1] if reverse else said), bodies
        stamps = [one["delay"]["stamp"] for one in forwarded]
        assert stamps == sorted(stamps, reverse=reverse), stamps
        first = found[-1 if reverse else 0]
        assert first["id"] == heard["stanza_id"]["id"], heard
        assert heard["stanza_id"]["by"] == "juliet@localhost", heard

    metadata = (await archive.get_archive_metadata("juliet@localhost"))["mam_metadata"]
    assert metadata["start"]["id"] == heard["stanza_id"]["id"], metadata

    # The server has the last word, and says it.
    romeo, tybalt = slixmpp.JID("romeo@localhost"), slixmpp.JID("tybalt@localhost")
    preferences = juliet.plugin["xep_0441"]
    answer = await preferences.set_preferences(default="roster", always=[tybalt], never=[romeo])
    kept = answer["mam_prefs"]
    assert kept["default"] == "roster", kept
    assert set(kept["always"]) == {tybalt} and set(kept["never"]) == {romeo}, kept


async def play(port, mechanism):
    juliet = Juliet(mechanism)
    if slixmpp.__version_info__ < (1, 9):
        # Debian 12 has such a one.
        plain = "CA_PEM" not in os.environ
        juliet.connect(("127.0.0.1", port), force_starttls=not plain, disable_starttls=plain)
    else:
        juliet.connect("127.0.0.1", port)
    await juliet.started
    await juliet.resumable
    assert juliet.boundjid.full == "juliet@localhost/slixmpp", juliet.boundjid

    roster = await juliet.get_roster()
    items = roster["roster"]["items"]
    assert items["romeo@localhost"]["subscription"] == "both", items
    await juliet.plugin["xep_0280"].enable()

    info = await juliet.plugin["xep_0030"].get_info(jid="localhost")
    features = info["disco_info"]["features"]
    assert {"urn:xmpp:ping", "urn:xmpp:carbons:2"} <= set(features), features
    await juliet.plugin["xep_0030"].get_items(jid="localhost")
    version = await juliet.plugin["xep_0092"].get_version("localhost")
    assert version["software_version"]["name"], version
    await juliet.plugin["xep_0199"].ping("localhost")

    juliet.push = juliet.expect("roster_update")
    await juliet.update_roster("tybalt@localhost", name="Tybalt", groups=["Foes"])
    await juliet.push
    assert juliet.client_roster["tybalt@localhost"]["name"] == "Tybalt"

    juliet.send_presence(pshow="away", pstatus="reading")
    presence = await juliet.seen
    message = await juliet.heard
    assert message["from"].full == "romeo@localhost/orchard", message
    assert message["body"] == "à bientôt <&>", message
    message.reply("à demain <&>").send()
    await read_archive(juliet, message)
    juliet.plugin["xep_0198"].request_ack()
    await juliet.disconnect()


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(play(int(sys.argv[1]), sys.argv[2]), 30))

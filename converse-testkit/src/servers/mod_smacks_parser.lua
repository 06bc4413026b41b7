-- Mends a fault of Prosody 0.12 and 13.0: what comes over a resumed stream (XEP-0198) goes through the
-- parser of the session's first connection. If that one broke in the middle of a stanza, the parser
-- waits for the stanza's end, finds what the client sends now not well-formed, and the session is lost.

-- 0.12
module:hook("smacks-hibernation-end", function (event)
	if event.origin.conn then
		event.resumed.data = event.origin.data;
	end
end);

-- 13.0
module:hook_global("c2s-session-updated", function (event)
	event.session.data = event.from_session.data;
end);

-- Mends a fault of Prosody 0.12: what comes over a resumed stream (XEP-0198) goes through the parser of
-- the session's first connection. If that connection broke in the middle of a stanza, the parser waits
-- for the stanza's end, finds what the client sends now not well-formed, and the session is lost.
module:hook("smacks-hibernation-end", function (event)
	event.resumed.data = event.origin.data;
end);

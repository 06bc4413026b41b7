-- A Prosody for tests, 0.12 and newer. Everything below one folder, everything on 127.0.0.1; no
-- connections to other servers. @NAMES@ are filled in by the fixture. Names set in this file are
-- settings, not variables: hence `local` for what is shared.
run_as_root = true               -- only looked at when started as root
pidfile = "@DIR@/prosody.pid"
data_path = "@DIR@/data"
certificates = "@DIR@/certs"
plugin_paths = { "@MODULES@", "@DIR@/modules" }
interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
http_interfaces = { "127.0.0.1" }
https_interfaces = { "127.0.0.1" }
use_ipv6 = false
log = { { levels = { min = "info" }, to = "file", filename = "@DIR@/prosody.log" } }
modules_disabled = { "s2s", "s2s_auth_certs" }

c2s_ports = { @STARTTLS@ }
c2s_direct_tls_ports = { @DIRECT_TLS@ }
http_ports = { @HTTP@ }
https_ports = { @HTTPS@ }

local tls = {
	certificate = "@CERTIFICATE@";
	key = "@KEY@";
	cafile = "@CA@";
	protocol = "tlsv1_2+";
	verify = { "peer", "client_once" };            -- ask for a client certificate, do not insist
	verifyext = { "lsec_continue", "lsec_ignore_purpose" };
}
ssl = tls
c2s_direct_tls_ssl = tls
https_ssl = { certificate = tls.certificate; key = tls.key; }
c2s_require_encryption = true
allow_unencrypted_plain_auth = false
-- "auto" works for the first connection of a host only (13.0.1)
tls_server_end_point_hash = "@END_POINT@"

limits = {}
authentication = "internal_plain"                      -- so that every SCRAM family is on offer
default_storage = "@STORAGE@"
storage = { accounts = "internal" }                    -- accounts are written as files
archive_expires_after = "never"
default_archive_policy = true
max_archive_query_results = 50
smacks_hibernation_time = @HIBERNATION@
smacks_max_unacked_stanzas = 0
smacks_max_queue_size = 500
csi_resume_inactive_delay = 0                          -- what comes in does not keep an idle client awake
c2s_stanza_size_limit = 1024 * 1024
c2s_timeout = 300

allow_registration = true
registration_invite_only = false                       -- mod_invites_register alone closes it
registration_throttle_max = 1000000
min_seconds_between_registrations = 0

http_default_host = "@DOMAIN@"
http_host = "@DOMAIN@"
http_external_url = "http://127.0.0.1:@HTTP@/"
consider_bosh_secure = true
consider_websocket_secure = true
bosh_max_inactivity = 60
bosh_max_wait = 60
http_file_share_size_limit = 16 * 1024 * 1024
http_file_share_daily_quota = 1024 * 1024 * 1024

modules_enabled = {
	"disco"; "roster"; "saslauth"; "tls"; "presence"; "message"; "iq"; "offline"; "c2s";
	"blocklist"; "bookmarks"; "carbons"; "pep"; "private"; "smacks"; "vcard4"; "vcard_legacy";
	"csi_simple"; "invites"; "invites_register"; "ping"; "register"; "time"; "uptime"; "version";
	"lastactivity"; "mam"; "user_account_management";
	"bosh"; "websocket"; "http"; "http_errors"; "posix";
	"cloud_notify";
	"smacks_parser";                                      -- ours
	@NEWER@
}

VirtualHost "@DOMAIN@"

VirtualHost "hashed.@DOMAIN@"
	disco_hidden = true
	authentication = "internal_hashed"
	password_hash = "SHA-256"

VirtualHost "anon.@DOMAIN@"
	disco_hidden = true
	authentication = "anonymous"
	allow_registration = false

-- SASL EXTERNAL, with client certificates that name an xmppAddr
VirtualHost "cert.@DOMAIN@"
	disco_hidden = true
	authentication = "ccert"
	certificate_match = "xmppaddr"
	allow_registration = false

-- an old, poor server
VirtualHost "bare.@DOMAIN@"
	disco_hidden = true
	disable_sasl_mechanisms = {
		"SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "DIGEST-MD5"
	}
	modules_disabled = {
		"s2s", "s2s_auth_certs", "smacks", "carbons", "mam", "csi", "csi_simple", "pep", "bookmarks",
		"vcard4", "vcard_legacy", "blocklist", "sasl2", "sasl2_bind2", "sasl2_sm", "sasl2_fast",
		"cloud_notify", "private", "spam_reporting"
	}

-- no TLS at all
VirtualHost "insecure.@DOMAIN@"
	disco_hidden = true
	c2s_require_encryption = false
	allow_unencrypted_plain_auth = true
	modules_disabled = { "s2s", "s2s_auth_certs", "tls" }

Component "conference.@DOMAIN@" "muc"
	name = "Chatrooms"
	modules_enabled = { "muc_mam"; "muc_moderation" }
	restrict_room_creation = false
	muc_room_default_persistent = false
	muc_room_default_public = true
	muc_room_locking = false
	muc_room_default_history_length = 20
	max_history_messages = 50
	muc_log_by_default = true
	muc_tombstones = true

Component "upload.@DOMAIN@" "http_file_share"
	http_host = "@DOMAIN@"

Component "pubsub.@DOMAIN@" "pubsub"
	autocreate_on_publish = true
	autocreate_on_subscribe = true
	add_permissions = { ["prosody:registered"] = { "pubsub:create-node" } }

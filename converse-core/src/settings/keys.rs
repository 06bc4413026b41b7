//! Typed keys of the settings that the core reads.

use super::key::Key;
use super::secret::Secret;

macro_rules! keys {
    ($($name:ident: $type:ty = $key:literal;)*) => {
        $(
            #[doc = concat!("The setting `", $key, "`.")]
            pub const $name: Key<$type> = Key::new($key);
        )*

        /// Reads every key once; the error of the first that does not fit its declaration.
        #[cfg(test)]
        fn read_all(settings: &super::Settings) -> Result<(), super::SettingsError> {
            $( settings.read(&$name)?; )*
            Ok(())
        }
    };
}

keys! {
    AUTHENTICATION: String = "authentication";
    JID: Option<String> = "jid";
    PASSWORD: Option<Secret> = "password";
    RESOURCE: Option<String> = "resource";
    AUTO_LOGIN: bool = "auto_login";
    CREDENTIALS_URL: Option<Secret> = "credentials_url";
    DEFAULT_DOMAIN: Option<String> = "default_domain";
    LOCKED_DOMAIN: Option<String> = "locked_domain";
    SASL_MECHANISMS: Vec<String> = "sasl_mechanisms";
    ALLOW_WEAKER_SASL: bool = "allow_weaker_sasl";
    SERVER: Option<String> = "server";
    SECURITY: String = "security";
    TLS_ROOTS: Vec<String> = "tls_roots";
    TLS_CLIENT_CERTIFICATE: Option<String> = "tls_client_certificate";
    TLS_CLIENT_KEY: Option<String> = "tls_client_key";
    CONNECT_TIMEOUT: u64 = "connect_timeout";
    LOGIN_TIMEOUT: u64 = "login_timeout";
    IQ_TIMEOUT: u64 = "iq_timeout";
    MAX_ELEMENT_BYTES: usize = "max_element_bytes";
    MAX_DEPTH: usize = "max_depth";
    INBOX_CAPACITY: usize = "inbox_capacity";
    CSI_WAITING_TIME: i64 = "csi_waiting_time";
    BOSH_SERVICE_URL: Option<String> = "bosh_service_url";
    WEBSOCKET_URL: Option<String> = "websocket_url";
    PREBIND_URL: Option<Secret> = "prebind_url";
    PREBIND: bool = "prebind";
    SID: Option<Secret> = "sid";
    EXPOSE_RID_AND_SID: bool = "expose_rid_and_sid";
    ALLOW_REGISTRATION: bool = "allow_registration";
    REGISTRATION_DOMAIN: String = "registration_domain";
    DEBUG: bool = "debug";
    STRICT_SETTINGS: bool = "strict_settings";
    AUTO_RECONNECT: bool = "auto_reconnect";
    RECONNECT_MIN: u64 = "reconnect_min";
    RECONNECT_MAX: u64 = "reconnect_max";
    KEEPALIVE: bool = "keepalive";
    STREAM_MANAGEMENT: bool = "stream_management";
    PING_INTERVAL: i64 = "ping_interval";
    WHITELISTED_PLUGINS: Vec<String> = "whitelisted_plugins";
    BLACKLISTED_PLUGINS: Vec<String> = "blacklisted_plugins";
    STRICT_PLUGIN_DEPENDENCIES: bool = "strict_plugin_dependencies";
    STORAGE: String = "storage";
    MESSAGE_STORAGE: String = "message_storage";
    STORE_PATH: Option<String> = "store_path";
    OUTBOX: String = "outbox";
    OUTBOX_TIMEOUT: u64 = "outbox_timeout";
    CLEAR_STORE_ON_LOGOUT: bool = "clear_store_on_logout";
    MESSAGE_RETENTION_DAYS: u64 = "message_retention_days";
    MESSAGE_RETENTION_COUNT: usize = "message_retention_count";
}

#[cfg(test)]
mod tests {
    use super::read_all;
    use crate::settings::Settings;

    #[test]
    fn every_key_reads_the_default_of_its_setting() {
        let result = read_all(&Settings::default());
        assert!(result.is_ok(), "{result:?}");
    }
}

//! Settings from TOML, JSON, files and environment variables.

mod environment;
mod text;

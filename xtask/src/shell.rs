//! Running other programs.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::workspace;

/// A program about to be run at the root of the workspace.
#[derive(Debug)]
pub(crate) struct Shell {
    command: Command,
    line: String,
}

impl Shell {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Shell {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(workspace::root());
        let name = Path::new(program).file_name().unwrap_or(program);
        Shell {
            command,
            line: name.to_string_lossy().into_owned(),
        }
    }

    /// The cargo that runs us.
    pub(crate) fn cargo() -> Shell {
        Shell::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Shell {
        let argument = argument.as_ref();
        self.line.push(' ');
        self.line.push_str(&argument.to_string_lossy());
        self.command.arg(argument);
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Shell {
        arguments.into_iter().fold(self, Shell::arg)
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Shell {
        self.command.env(name, value);
        self
    }

    /// Runs it with our output; a status other than 0 is a failure with that code.
    pub(crate) fn run(mut self) -> Result {
        let status = self
            .command
            .status()
            .map_err(|error| self.cannot_start(&error))?;
        if status.success() {
            return Ok(());
        }
        let code = status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(1);
        Err(Failure {
            message: format!("`{}` failed ({status})", self.line),
            code,
        })
    }

    /// Runs it silently; its standard output, or what it said on standard error.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self.command.stdin(Stdio::null()).output();
        let output = output.map_err(|error| self.cannot_start(&error))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let message = format!(
            "`{}` failed ({}): {}",
            self.line,
            output.status,
            said.trim()
        );
        Err(Failure::new(message))
    }

    fn cannot_start(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("`{}` could not be started: {error}", self.line))
    }
}

/// Where `program` is in `PATH` (and in the folders of system administration).
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path)
        .chain(system)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

//! A server as a child process that cannot outlive the test.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use super::ServerUnavailable;

/// Runs the server in the foreground beside a reader of our pipe. The pipe ends when we close it or
/// when the test process ends, in whatever way; then the whole process group is killed.
const GUARDIAN: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -KILL 0; } &
exec 3<&-
wait "$server"
"#;

/// How to start a server, again if need be.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(&'static str, String)>,
    /// Where its standard output and error go.
    pub(super) output: PathBuf,
}

/// A running server, in a process group of its own.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
}

impl Launch {
    pub(super) fn spawn(&self, folder: &Path) -> Result<Process, ServerUnavailable> {
        let output = File::options().append(true).create(true).open(&self.output);
        let output = output.map_err(ServerUnavailable::io(&self.output))?;
        let errors = output
            .try_clone()
            .map_err(ServerUnavailable::io(&self.output))?;
        let child = Command::new("/bin/sh")
            .args(["-c", GUARDIAN, "guardian"])
            .arg(&self.program)
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(ServerUnavailable::io(&self.program))?;
        Ok(Process { child })
    }
}

impl Process {
    /// Its exit status, if it has ended by itself.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

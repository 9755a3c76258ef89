//! A shell that runs commands one after another and keeps what they leave behind.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::group::{self, ProcessGroup};
use crate::log::Log;
use crate::specification::Shell;
use crate::user::User;

/// What every shell of a build has in common.
pub(crate) struct Setting<'a> {
    pub(crate) shell: Shell,
    pub(crate) environment: &'a BTreeMap<OsString, OsString>,
    pub(crate) source_directory: &'a Path,
    pub(crate) group: ProcessGroup,
    /// When everything must have ended.
    pub(crate) deadline: Option<Instant>,
}

/// A running shell. Dropping it kills what it has started and what still runs.
pub(crate) struct Session {
    child: Child,
    control: UnixStream,
    news: Receiver<News>,
    directory: PathBuf,
    group: ProcessGroup,
    steps: u32,
    pub(crate) user: Option<User>,
}

/// What a shell lets us know.
enum News {
    /// The step is done, with this status; the shell waits for the next.
    Done(i32),
    /// The shell itself has ended, with this status.
    Ended(i32),
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The shell goes on.
    Done(i32),
    /// The step has ended the shell too.
    Ended(i32),
    /// Time ran out.
    TimedOut,
}

/// What a shell has left for the next one.
#[derive(Clone, Default)]
pub(crate) struct Legacy {
    variables: Option<PathBuf>,
    directory: Option<PathBuf>,
}

impl Session {
    /// Starts a shell in a new directory `home`, going on from what another has left.
    pub(crate) fn start(
        setting: &Setting,
        home: &Path,
        legacy: &Legacy,
        user: Option<User>,
        log: &Log,
    ) -> io::Result<Session> {
        DirBuilder::new().mode(0o700).create(home)?;
        let driver = home.join("driver");
        fs::write(&driver, include_str!("shell/driver.sh"))?;
        let inherited = home.join("inherited");
        if let Some(variables) = &legacy.variables {
            fs::copy(variables, &inherited)?;
        }
        if let Some(user) = &user {
            for path in [home, &driver, &inherited] {
                if path.exists() {
                    chown(path, Some(user.uid), Some(user.gid))?;
                }
            }
        }
        let (control, theirs) = UnixStream::pair()?;
        let mut command = Command::new(setting.shell.program());
        command
            .arg(&driver)
            .arg(home)
            .arg(if legacy.variables.is_some() { inherited.as_os_str() } else { OsStr::new("") })
            .env_clear()
            .envs(setting.environment)
            .current_dir(existing(legacy.directory.as_deref(), setting.source_directory))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(log.file()?)
            .stderr(log.file()?);
        if let Some(user) = &user {
            command.uid(user.uid).gid(user.gid);
            command.envs([("HOME", &user.home), ("USER", &user.name), ("LOGNAME", &user.name)]);
        }
        if setting.group == ProcessGroup::Own {
            command.process_group(0);
        }
        let child = command.spawn().map_err(|error| {
            let message = format!("the shell {} does not start: {error}", setting.shell.program());
            io::Error::new(error.kind(), message)
        })?;
        // The other end now lives in the shell alone: when it ends, reading from ours ends.
        drop(command);
        let (sender, news) = mpsc::channel();
        let mut session = Session {
            child,
            control,
            news,
            directory: home.to_owned(),
            group: setting.group,
            steps: 0,
            user,
        };
        session.listen(sender)?;
        Ok(session)
    }

    /// Starts the two listeners: one hears answers, the other the end of the shell. Both end by
    /// themselves when the shell is dead and the socket shut.
    fn listen(&mut self, sender: Sender<News>) -> io::Result<()> {
        let answers = BufReader::new(self.control.try_clone()?);
        let process = self.process();
        let ended = sender.clone();
        thread::Builder::new().name("answers".to_owned()).spawn(move || {
            for line in answers.lines() {
                let Ok(status) = line.unwrap_or_default().parse() else { return };
                if sender.send(News::Done(status)).is_err() {
                    return;
                }
            }
        })?;
        thread::Builder::new().name("end".to_owned()).spawn(move || {
            // The process stays a zombie until it is dropped, so that its number, which names its
            // group as well, cannot become anybody else's.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let ending = loop {
                match waitid(WaitId::Pid(process), options) {
                    Ok(None) | Err(rustix::io::Errno::INTR) => {}
                    Ok(Some(ending)) => break Some(ending),
                    // Somebody else has taken the status, so nobody knows it any more.
                    Err(_) => break None,
                }
            };
            let status = ending.and_then(|ending| {
                let signal = ending.terminating_signal().map(|signal| 128 + signal);
                ending.exit_status().or(signal)
            });
            // Nobody listens any more once the build has ended.
            let _ = ended.send(News::Ended(status.unwrap_or(1)));
        })?;
        Ok(())
    }

    fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Runs a command and waits for it.
    pub(crate) fn run(
        &mut self,
        command: &str,
        is_succeeding: bool,
        deadline: Option<Instant>,
    ) -> io::Result<Step> {
        self.steps += 1;
        let name = format!("command-{}", self.steps);
        let path = self.directory.join(&name);
        fs::write(&path, format!("{command}\n"))?;
        if let Some(user) = &self.user {
            chown(&path, Some(user.uid), Some(user.gid))?;
        }
        let order = format!("{name} {}\n", u8::from(is_succeeding));
        // A shell that cannot be written to has ended, and says so itself.
        if self.control.write_all(order.as_bytes()).is_err() {
            return Ok(self.wait(deadline));
        }
        Ok(self.wait(deadline))
    }

    /// Lets the shell end as a shell does at the end of its script, so that its traps run.
    pub(crate) fn finish(&mut self, deadline: Option<Instant>) -> Step {
        // A shell that has ended already needs no telling.
        let _ = self.control.shutdown(Shutdown::Write);
        self.wait(deadline)
    }

    fn wait(&self, deadline: Option<Instant>) -> Step {
        let news = match deadline {
            None => self.news.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(deadline) => {
                self.news.recv_timeout(deadline.saturating_duration_since(Instant::now()))
            }
        };
        match news {
            Ok(News::Done(status)) => Step::Done(status),
            Ok(News::Ended(status)) => Step::Ended(status),
            Err(RecvTimeoutError::Timeout) => Step::TimedOut,
            // Both listeners are gone, so nobody knows how the shell ended.
            Err(RecvTimeoutError::Disconnected) => Step::Ended(1),
        }
    }

    /// Returns what the next shell goes on from.
    pub(crate) fn legacy(&self, before: &Legacy) -> Legacy {
        let variables = self.directory.join("variables");
        if !variables.exists() {
            return before.clone();
        }
        let directory = fs::read(self.directory.join("directory")).ok();
        let directory = directory.map(|bytes| {
            PathBuf::from(OsStr::from_bytes(bytes.strip_suffix(b"\n").unwrap_or(&bytes)))
        });
        Legacy { variables: Some(variables), directory }
    }

    /// Returns where steps of ours may leave files.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        match self.group {
            ProcessGroup::Own => group::kill_led_by(self.process()),
            ProcessGroup::Callers => group::kill_companions(),
        }
        // Whatever happens here, the shell is dead; these only clear up after it.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.control.shutdown(Shutdown::Both);
    }
}

/// Returns the directory that a shell starts in: the one that was left, if it is still there.
fn existing<'a>(left: Option<&'a Path>, source: &'a Path) -> &'a Path {
    left.filter(|directory| directory.is_dir()).unwrap_or(source)
}

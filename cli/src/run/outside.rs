//! What reaches a session from outside: keys, and signals.

use std::io::{IsTerminal, Read};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::view::terminal::is_ours;

/// Signals, and what is typed.
pub(crate) struct Outside {
    /// What is typed, as long as somebody may answer.
    keys: Option<mpsc::UnboundedReceiver<Vec<u8>>>,
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    stop: Signal,
}

/// Something from outside.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Somebody typed.
    Keys(Vec<u8>),
    /// Nobody can type any more.
    Silence,
    /// Ctrl-C, or somebody ends us.
    Interrupt,
    /// Ctrl-Z.
    Stop,
}

impl Outside {
    /// Listens to signals, and to the terminal if `wants_keys` and there is one.
    pub(crate) fn new(wants_keys: bool) -> std::io::Result<Self> {
        let is_there = wants_keys && std::io::stdin().is_terminal() && is_ours();
        let stop = rustix::process::Signal::TSTP.as_raw();
        Ok(Self {
            keys: is_there.then(read_keys),
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            stop: signal(SignalKind::from_raw(stop))?,
        })
    }

    /// Whether somebody may answer.
    pub(crate) fn is_answering(&self) -> bool {
        self.keys.is_some()
    }

    /// Returns what is heard next.
    pub(crate) async fn hear(&mut self) -> Heard {
        let keys = async {
            match &mut self.keys {
                Some(keys) => keys.recv().await,
                None => std::future::pending().await,
            }
        };
        let heard = tokio::select! {
            keys = keys => keys.map_or(Heard::Silence, Heard::Keys),
            _ = self.interrupt.recv() => Heard::Interrupt,
            _ = self.terminate.recv() => Heard::Interrupt,
            _ = self.hang_up.recv() => Heard::Interrupt,
            _ = self.stop.recv() => Heard::Stop,
        };
        if heard == Heard::Silence {
            self.keys = None;
        }
        heard
    }
}

/// Stops this process until the shell continues it.
pub(crate) fn stop_here() {
    // A process may always stop itself; should it not, it simply goes on.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}

/// Reads the terminal as long as somebody wants to know. The thread ends with the process, because a
/// read from a terminal cannot be called off.
fn read_keys() -> mpsc::UnboundedReceiver<Vec<u8>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 64];
        while let Ok(count) = std::io::stdin().lock().read(&mut bytes) {
            if count == 0 || sender.send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

//! Reads what a program prints, and keeps a bounded part of it.

use std::fs::File;
use std::io::{Read, Write as _};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Which part of a stream is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// The first bytes, at most so many.
    First(usize),
    /// The last bytes, at most so many.
    Last(usize),
}

/// What was kept of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) bytes: Vec<u8>,
    /// Whether there was more.
    pub(crate) is_cut: bool,
}

/// A stream that is read in the background.
pub(super) struct Stream(Arc<Mutex<Kept>>, Keep);

impl Stream {
    /// Reads a pipe to its end, copies all of it, and closes `done` at the end.
    pub(super) fn read(
        mut pipe: impl Read + Send + 'static,
        keep: Keep,
        mut copy: Option<File>,
        done: Sender<()>,
    ) -> Stream {
        let shared = Arc::new(Mutex::new(Kept::default()));
        let kept = shared.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(count) = pipe.read(&mut buffer) {
                if count == 0 {
                    break;
                }
                // A log that is full must not stop the program.
                copy =
                    copy.and_then(|mut file| file.write_all(&buffer[..count]).ok().map(|()| file));
                kept.lock().unwrap_or_else(PoisonError::into_inner).add(&buffer[..count], keep);
            }
            drop(done);
        });
        Stream(shared, keep)
    }

    /// Returns what was kept so far.
    pub(super) fn kept(&self) -> Kept {
        let mut kept = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        kept.shorten(self.1);
        kept
    }
}

impl Kept {
    fn add(&mut self, bytes: &[u8], keep: Keep) {
        match keep {
            Keep::First(bytes_max) => {
                let room = bytes_max.saturating_sub(self.bytes.len()).min(bytes.len());
                self.bytes.extend_from_slice(&bytes[..room]);
                self.is_cut |= room < bytes.len();
            }
            Keep::Last(bytes_max) => {
                self.bytes.extend_from_slice(bytes);
                // Twice as much is held, so that not every addition moves all bytes.
                if self.bytes.len() > 2 * bytes_max {
                    self.shorten(keep);
                }
            }
        }
    }

    fn shorten(&mut self, keep: Keep) {
        match keep {
            Keep::First(_) => {}
            Keep::Last(bytes_max) => {
                let surplus = self.bytes.len().saturating_sub(bytes_max);
                self.bytes.drain(..surplus);
                self.is_cut |= surplus > 0;
            }
        }
    }
}

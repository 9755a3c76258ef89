//! The terminal's modes while the live view is drawn: nothing that is typed is echoed into the
//! drawing, and the cursor is hidden.
//!
//! Whatever ends the view gives the modes back: its end, an error, an interrupt, a panic. Ctrl-C and
//! Ctrl-Z stay what they are.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use crossterm::{cursor, queue};
use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

/// What the terminal was like before; none when its modes are its own.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Set once, so that a panic's message finds the terminal as it was.
static HOOK: Once = Once::new();

/// The terminal's modes, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Modes;

impl Modes {
    /// Takes the terminal for the view.
    pub(crate) fn take() -> Self {
        HOOK.call_once(|| {
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                usual(panic);
            }));
        });
        let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        if before.is_none()
            && is_ours()
            && let Ok(modes) = tcgetattr(io::stdin())
        {
            let mut quiet = modes.clone();
            quiet.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            // A terminal that refuses is used as it is: typing shows in the drawing, nothing worse.
            if tcsetattr(io::stdin(), OptionalActions::Now, &quiet).is_ok() {
                *before = Some(modes);
            }
        }
        Self
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether this process may read from and change the terminal: in the background it would be stopped.
pub(crate) fn is_ours() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
}

fn give_back() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    // A terminal that is gone has no modes.
    if let Some(before) = before {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
    let mut out = io::stdout();
    let _ = queue!(out, cursor::Show);
    let _ = out.flush();
}

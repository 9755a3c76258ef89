//! What goes wrong behind the scenes, told to whoever sits in front.
//!
//! The handlers try again by themselves, so a trouble ends nothing. But a disk that is full stays full
//! until somebody makes room, and that somebody must hear of it.

use tokio::sync::mpsc;

/// Something that does not work, or works again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What does not work: the same words each time.
    pub about: About,
    /// Why, and what becomes of it; `None` when it works again.
    pub message: Option<String>,
}

/// What a trouble is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The work itself: the store, or starting what is to be done.
    Work,
    /// Looking at the sources.
    Sources,
    /// Writing events.
    Events,
}

/// Where troubles go in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Troubles(mpsc::UnboundedSender<Trouble>);

impl Troubles {
    /// Makes a way to tell of troubles, and its other end. The sweep is what bounds how many there
    /// are: each thing is told about at most once for each attempt.
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Trouble>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Says that something does not work.
    pub fn tell(&self, about: About, message: String) {
        tracing::warn!(?about, message, "trouble");
        // Nobody listens any more only while the process ends.
        let _ = self.0.send(Trouble { about, message: Some(message) });
    }

    /// Says that it works again.
    pub fn is_over(&self, about: About) {
        // Nobody listens any more only while the process ends.
        let _ = self.0.send(Trouble { about, message: None });
    }
}

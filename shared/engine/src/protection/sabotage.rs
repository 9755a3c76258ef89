//! The switches that only tests can throw.

extern crate std;

use core::cell::Cell;
use std::thread_local;

use crate::protection::Protection;

thread_local! {
    /// The one protection that is out of force for this thread, so that tests run side by side.
    static THROWN: Cell<Option<Protection>> = const { Cell::new(None) };
}

/// Puts one protection out of force for the current thread, for as long as this value lives.
#[derive(Debug)]
#[must_use = "the protection is in force again as soon as this is dropped"]
pub struct Sabotage(());

impl Sabotage {
    /// Throws the switch. One at a time: two broken protections prove nothing about either.
    pub fn of(protection: Protection) -> Self {
        let former = THROWN.replace(Some(protection));
        assert!(former.is_none(), "{former:?} is sabotaged already");
        Self(())
    }
}

impl Drop for Sabotage {
    fn drop(&mut self) {
        THROWN.set(None);
    }
}

pub(super) fn is_thrown(protection: Protection) -> bool {
    THROWN.get() == Some(protection)
}

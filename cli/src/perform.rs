//! `towpath perform`: one action, in a process of its own.

use crate::arguments::Perform;
use crate::ending::Ending;

/// Does the run of a directory, unless somebody does or did.
pub(crate) fn perform(options: &Perform) -> Ending {
    match local::supervise::work(&options.directory) {
        Ok(()) => Ending::Succeeded,
        Err(error) => Ending::Failed(Some(format!("{}: {error}", options.directory.display()))),
    }
}

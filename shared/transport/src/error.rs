//! Sorts what went wrong on the way, as the SDK wants to know it: whether it may try again hangs on this.

use std::error::Error;
use std::io;

use aws_smithy_runtime_api::client::result::ConnectorError;
use hyper_util::client::legacy;

use crate::in_time::Late;

/// Sorts a failure: late, broken off or never reached, not to be sent at all, or something else.
pub(crate) fn sorted(error: legacy::Error) -> ConnectorError {
    let is_late = chain(&error).any(is_late);
    let is_unsendable = chain(&error).any(|error| hyper_error(error, hyper::Error::is_user));
    let is_broken = error.is_connect()
        || chain(&error).any(|error| {
            error.is::<io::Error>()
                || hyper_error(error, |error| {
                    error.is_closed() || error.is_canceled() || error.is_incomplete_message()
                })
        });
    let error = error.into();
    match (is_late, is_unsendable, is_broken) {
        (true, _, _) => ConnectorError::timeout(error),
        (false, true, _) => ConnectorError::user(error),
        (false, false, true) => ConnectorError::io(error),
        (false, false, false) => ConnectorError::other(error, None),
    }
}

fn is_late(error: &(dyn Error + 'static)) -> bool {
    let is_of_time = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    error.is::<Late>()
        || error.downcast_ref().is_some_and(is_of_time)
        || hyper_error(error, hyper::Error::is_timeout)
}

fn hyper_error(error: &(dyn Error + 'static), is: impl Fn(&hyper::Error) -> bool) -> bool {
    error.downcast_ref().is_some_and(is)
}

/// Goes from an error to what is behind it. An `io::Error` says of what it holds only what is behind that.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

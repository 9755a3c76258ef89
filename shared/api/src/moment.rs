//! Moments as the wires want them: seconds since the epoch.

use model::time::Timestamp;
use serde::Serialize;

/// A moment in an answer.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub(crate) struct Moment(f64);

impl From<Timestamp> for Moment {
    fn from(moment: Timestamp) -> Self {
        // Whole milliseconds, which a double holds exactly for the next 285 000 years.
        #[expect(clippy::cast_precision_loss, reason = "milliseconds fit into 53 bits")]
        let millis = moment.millis() as f64;
        Self(millis / 1000.0)
    }
}

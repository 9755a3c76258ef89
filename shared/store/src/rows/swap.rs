//! Rows that are replaced only as they were seen.

use crate::error::Error;
use crate::item::{Item, number};
use crate::store::Store;

/// The attribute that counts how often a row was replaced.
pub(super) const REVISION: &str = "revision";

impl Store {
    /// Writes a row whose revision was `seen`, or a first one where none was seen (`0`), and says
    /// whether nobody was faster. Of all who saw the same row, exactly one replaces it.
    pub(super) async fn swap_row(
        &self,
        doing: &'static str,
        subject: &str,
        mut item: Item,
        seen: u64,
    ) -> Result<bool, Error> {
        item.insert(REVISION.to_owned(), number(seen + 1));
        // In words: there is no such row, or it is still the one that was seen.
        let (condition, value) = match seen {
            0 => ("attribute_not_exists(PK)", None),
            seen => ("revision = :seen", Some((":seen", number(seen)))),
        };
        self.put_row_if(doing, subject, item, condition, value).await
    }
}

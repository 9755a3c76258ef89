//! Where a page of attempts ends, as page tokens carry it.

use history::actions::Position;
use model::ids::ExecutionId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A position in short.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Spot(u64, usize, Option<(u128, u64, usize)>);

impl Spot {
    /// Returns the spot of a position.
    pub(crate) fn at(position: Position) -> Self {
        let Position { sequence, change, own } = position;
        let own = own.map(|(id, sequence, change)| (id.uuid().as_u128(), sequence, change));
        Self(sequence, change, own)
    }

    /// Returns the position of a spot.
    pub(crate) fn position(self) -> Position {
        let Self(sequence, change, own) = self;
        let id = |id| ExecutionId::new(Uuid::from_u128(id));
        let own = own.map(|(own, sequence, change)| (id(own), sequence, change));
        Position { sequence, change, own }
    }
}

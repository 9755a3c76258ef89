//! Where a walk is, spelled out only when something is wrong there.

use crate::violation::Place;

/// How much of a key a message repeats.
const KEY_CHARACTERS_MAX: usize = 100;

/// A place on the way down a document.
#[derive(Clone, Copy)]
pub(super) enum Spot<'a> {
    /// The whole document, which messages do not name.
    Document,
    /// A member of the structure that stands there.
    Member(&'a Spot<'a>, &'a str),
    /// An element of the list that stands there, counted from 0.
    Item(&'a Spot<'a>, usize),
    /// An entry of the map that stands there.
    Entry(&'a Spot<'a>, &'a str),
}

impl Spot<'_> {
    /// Spells the place out.
    pub(super) fn place(&self) -> Place {
        match *self {
            Self::Document => Place::root("request"),
            Self::Member(Spot::Document, name) => Place::root(name),
            Self::Member(parent, name) => parent.place().member(name),
            Self::Item(parent, index) => parent.place().item(index),
            Self::Entry(parent, key) => parent.place().entry(&shorten(key)),
        }
    }
}

fn shorten(key: &str) -> String {
    match key.char_indices().nth(KEY_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}

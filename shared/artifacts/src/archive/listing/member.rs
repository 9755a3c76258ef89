//! One member of an archive, as both of its headers describe it.

use std::borrow::Cow;

use crate::archive::layout::{self, Central, Facts, Fields, Local};
use crate::archive::name::Name;

/// The bytes that may follow a member's bytes to say their sizes: at least a checksum and two sizes.
const DESCRIPTOR_BYTES_MIN: u64 = 12;

/// What a member is, by its name and its mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::archive) enum Shape {
    Directory,
    File,
    Link,
}

/// How a member's bytes are packed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::archive) enum Method {
    Stored,
    Deflated,
}

/// One member of an archive.
#[derive(Clone, Debug)]
pub(in crate::archive) struct Member {
    pub(in crate::archive) name: Name,
    /// The name byte for byte, until the header in front of the bytes is found to have the same.
    spelled: Vec<u8>,
    pub(in crate::archive) shape: Shape,
    /// The permissions, when the archive says any.
    pub(in crate::archive) permissions: Option<u32>,
    facts: Facts,
    pub(in crate::archive) method: Method,
    pub(in crate::archive) checksum: u32,
    /// How many bytes the member has in the archive.
    pub(in crate::archive) packed_bytes: u64,
    /// How many bytes the member has when unpacked, as the archive claims.
    pub(in crate::archive) bytes: u64,
    pub(super) header_offset: u64,
    /// Where the bytes begin; known once the header in front of them is read.
    pub(in crate::archive) data_offset: u64,
}

impl Member {
    /// Reads a record of the directory, or says why the member is refused.
    pub(super) fn parse(
        central: &Central,
        spelled: Vec<u8>,
        extra: &[u8],
    ) -> Result<Member, &'static str> {
        let facts = central.facts;
        let method = method(&facts)?;
        let wide = wide_field(extra)?;
        let mut fields = Fields(wide.unwrap_or_default());
        let bytes = widen(facts.bytes, wide, &mut fields)?;
        let packed_bytes = widen(facts.packed_bytes, wide, &mut fields)?;
        let header_offset = widen(central.offset, wide, &mut fields)?;
        if central.disk != 0 && central.disk != layout::WIDE_COUNT {
            return Err("it lies in another part of a split archive");
        }
        if method == Method::Stored && bytes != packed_bytes {
            return Err("it is stored as it is, and yet has two sizes");
        }
        let name = name(&spelled, extra)?;
        let mode = layout::HOSTS_WITH_MODES.contains(&central.host).then_some(central.mode);
        let shape = shape(&name, mode.unwrap_or_default())?;
        if shape == Shape::Directory && bytes != 0 {
            return Err("it is a directory, and yet has bytes");
        }
        Ok(Member {
            name,
            spelled,
            shape,
            // Neither kind nor permissions is what writers leave who know of no modes.
            permissions: mode.filter(|mode| *mode != 0).map(|mode| mode & layout::MODE_PERMISSIONS),
            facts,
            method,
            checksum: facts.checksum,
            packed_bytes,
            bytes,
            header_offset,
            data_offset: 0,
        })
    }

    /// Checks that the header in front of the bytes says the same as the directory.
    pub(super) fn agree(
        &self,
        local: &Local,
        name: &[u8],
        extra: &[u8],
    ) -> Result<(), &'static str> {
        if name != self.spelled {
            return Err("its header has another name than the directory");
        }
        let relevant = layout::FLAG_ENCRYPTED | layout::FLAG_DESCRIPTOR;
        if local.facts.method != self.facts.method
            || (local.facts.flags ^ self.facts.flags) & relevant != 0
        {
            return Err("its header has another method or other flags than the directory");
        }
        let wide = wide_field(extra)?;
        let mut fields = Fields(wide.unwrap_or_default());
        let bytes = widen(local.facts.bytes, wide, &mut fields)?;
        let packed_bytes = widen(local.facts.packed_bytes, wide, &mut fields)?;
        // Where sizes follow the bytes, the header has none, or has them already.
        let may_be_unknown = self.facts.flags & layout::FLAG_DESCRIPTOR != 0;
        let agrees = |local: u64, central: u64| local == central || (may_be_unknown && local == 0);
        if agrees(bytes, self.bytes)
            && agrees(packed_bytes, self.packed_bytes)
            && agrees(u64::from(local.facts.checksum), u64::from(self.checksum))
        {
            return Ok(());
        }
        Err("its header has other sizes or another checksum than the directory")
    }

    /// Notes where the bytes begin, and forgets what is needed no more: there may be many members.
    pub(super) fn place(&mut self, data_offset: u64) {
        self.data_offset = data_offset;
        self.spelled = Vec::new();
    }

    /// Returns where the member's bytes end; `None` when that is no place at all.
    pub(super) fn end(&self) -> Option<u64> {
        let has_descriptor = self.facts.flags & layout::FLAG_DESCRIPTOR != 0;
        let descriptor_bytes = if has_descriptor { DESCRIPTOR_BYTES_MIN } else { 0 };
        self.data_offset.checked_add(self.packed_bytes)?.checked_add(descriptor_bytes)
    }

    /// Returns the name for messages: as the archive spells it, as long as that is known.
    pub(in crate::archive) fn name_as_spelled(&self) -> Cow<'_, str> {
        if self.spelled.is_empty() {
            return Cow::Borrowed(self.name.as_str());
        }
        String::from_utf8_lossy(&self.spelled)
    }
}

fn method(facts: &Facts) -> Result<Method, &'static str> {
    let encrypted = layout::FLAG_ENCRYPTED | layout::FLAG_STRONG_ENCRYPTION | layout::FLAG_MASKED;
    if facts.flags & encrypted != 0 {
        return Err("it is encrypted; pack it without a password");
    }
    if facts.flags & layout::FLAG_PATCH != 0 {
        return Err("it is a patch of another file; pack the file itself");
    }
    match facts.method {
        layout::METHOD_STORED => Ok(Method::Stored),
        layout::METHOD_DEFLATED => Ok(Method::Deflated),
        _ => Err("its compression is neither stored nor deflated; pack it with one of these"),
    }
}

fn wide_field(extra: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    layout::extra(extra, layout::EXTRA_WIDE).map_err(|()| "its extra fields are malformed")
}

/// Returns a number, from the wide field when it is kept there.
fn widen(narrow: u32, wide: Option<&[u8]>, fields: &mut Fields) -> Result<u64, &'static str> {
    if narrow != layout::WIDE || wide.is_none() {
        return Ok(u64::from(narrow));
    }
    fields.u64().ok_or("its wide sizes are malformed")
}

fn name(spelled: &[u8], extra: &[u8]) -> Result<Name, &'static str> {
    let text =
        str::from_utf8(spelled).map_err(|_| "the name is not UTF-8; pack it with UTF-8 names")?;
    let second = layout::extra(extra, layout::EXTRA_UNICODE_NAME)
        .map_err(|()| "its extra fields are malformed")?;
    // The field has a version and a checksum before the name, which some readers prefer.
    if second.is_some_and(|second| second.get(5..) != Some(spelled)) {
        return Err("it has two names that differ");
    }
    Name::parse(text)
}

fn shape(name: &Name, mode: u32) -> Result<Shape, &'static str> {
    match (mode & layout::MODE_KIND, name.is_directory) {
        (0 | layout::MODE_DIRECTORY, true) => Ok(Shape::Directory),
        (0 | layout::MODE_FILE, false) => Ok(Shape::File),
        (layout::MODE_LINK, false) => Ok(Shape::Link),
        (layout::MODE_DIRECTORY, false) => Err("it is a directory, and its name ends without `/`"),
        (layout::MODE_FILE | layout::MODE_LINK, true) => {
            Err("its name ends with `/`, and it is no directory")
        }
        _ => Err("it is a device, pipe or socket"),
    }
}

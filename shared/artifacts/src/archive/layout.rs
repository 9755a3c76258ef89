//! The records of a ZIP archive, byte for byte.
//!
//! The layout is PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5.3; all numbers are little-endian.

/// Begins the header in front of an entry's bytes.
pub(super) const LOCAL: u32 = 0x0403_4b50;
/// Begins an entry's record in the central directory.
pub(super) const CENTRAL: u32 = 0x0201_4b50;
/// Begins the record that ends an archive.
pub(super) const END: u32 = 0x0605_4b50;
/// Begins the wide form of the record that ends an archive.
pub(super) const END_WIDE: u32 = 0x0606_4b50;
/// Begins the record that says where the wide end is.
pub(super) const END_WIDE_LOCATOR: u32 = 0x0706_4b50;

pub(super) const LOCAL_BYTES: usize = 30;
pub(super) const CENTRAL_BYTES: usize = 46;
pub(super) const END_BYTES: usize = 22;
pub(super) const END_WIDE_BYTES: usize = 56;
pub(super) const END_WIDE_LOCATOR_BYTES: usize = 20;

/// Stands for a number that is kept in the entry's wide field instead.
pub(super) const WIDE: u32 = u32::MAX;
/// Stands for a count that is kept in the wide end instead.
pub(super) const WIDE_COUNT: u16 = u16::MAX;

/// The extra field that keeps sizes and places of more than 32 bits.
pub(super) const EXTRA_WIDE: u16 = 0x0001;
/// The extra field that gives an entry a second name.
pub(super) const EXTRA_UNICODE_NAME: u16 = 0x7075;

pub(super) const FLAG_ENCRYPTED: u16 = 1 << 0;
/// The sizes and the checksum follow the bytes, rather than lead them.
pub(super) const FLAG_DESCRIPTOR: u16 = 1 << 3;
pub(super) const FLAG_PATCH: u16 = 1 << 5;
pub(super) const FLAG_STRONG_ENCRYPTION: u16 = 1 << 6;
pub(super) const FLAG_UTF8: u16 = 1 << 11;
pub(super) const FLAG_MASKED: u16 = 1 << 13;

pub(super) const METHOD_STORED: u16 = 0;
pub(super) const METHOD_DEFLATED: u16 = 8;

/// The systems whose attributes hold Unix modes: Unix and macOS.
pub(super) const HOSTS_WITH_MODES: [u8; 2] = [3, 19];

pub(super) const MODE_KIND: u32 = 0o170_000;
pub(super) const MODE_FILE: u32 = 0o100_000;
pub(super) const MODE_DIRECTORY: u32 = 0o040_000;
pub(super) const MODE_LINK: u32 = 0o120_000;
/// The permissions that are kept; set-user-id, set-group-id and sticky never are.
pub(super) const MODE_PERMISSIONS: u32 = 0o777;

/// Takes numbers off the front of a record; `None` when the record is too short.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_le_bytes(*taken))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*taken))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*taken))
    }
}

/// Midnight of the first day that ZIP knows, 1 January 1980: real times would make equal trees differ.
const TIME_AND_DATE: u32 = 0x0021_0000;

/// What both headers of an entry say of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Facts {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) checksum: u32,
    /// The size in the archive.
    pub(super) packed_bytes: u32,
    /// The size once unpacked.
    pub(super) bytes: u32,
}

impl Facts {
    /// Reads what stands at the same place, relative to each other, in both headers.
    pub(super) fn parse(fields: &mut Fields) -> Option<Facts> {
        let flags = fields.u16()?;
        let method = fields.u16()?;
        let _time_and_date = fields.u32()?;
        Some(Facts {
            flags,
            method,
            checksum: fields.u32()?,
            packed_bytes: fields.u32()?,
            bytes: fields.u32()?,
        })
    }

    /// Writes what [`Facts::parse`] reads.
    pub(super) fn render(self) -> Vec<u8> {
        let Facts { flags, method, checksum, packed_bytes, bytes } = self;
        let mut rendered = Vec::new();
        rendered.extend(flags.to_le_bytes());
        rendered.extend(method.to_le_bytes());
        rendered.extend(TIME_AND_DATE.to_le_bytes());
        for number in [checksum, packed_bytes, bytes] {
            rendered.extend(number.to_le_bytes());
        }
        rendered
    }
}

/// The record of an entry in the central directory, up to its name.
pub(super) struct Central {
    pub(super) host: u8,
    pub(super) facts: Facts,
    pub(super) name_bytes: u16,
    pub(super) extra_bytes: u16,
    pub(super) comment_bytes: u16,
    pub(super) disk: u16,
    pub(super) mode: u32,
    pub(super) offset: u32,
}

impl Central {
    pub(super) fn parse(record: &[u8]) -> Option<Central> {
        let mut fields = Fields(record);
        if fields.u32()? != CENTRAL {
            return None;
        }
        let [_version, host] = fields.u16()?.to_le_bytes();
        let _version_needed = fields.u16()?;
        let facts = Facts::parse(&mut fields)?;
        let name_bytes = fields.u16()?;
        let extra_bytes = fields.u16()?;
        let comment_bytes = fields.u16()?;
        let disk = fields.u16()?;
        let _internal_attributes = fields.u16()?;
        let mode = fields.u32()? >> 16;
        let offset = fields.u32()?;
        Some(Central { host, facts, name_bytes, extra_bytes, comment_bytes, disk, mode, offset })
    }
}

/// The header in front of an entry's bytes, up to its name.
pub(super) struct Local {
    pub(super) facts: Facts,
    pub(super) name_bytes: u16,
    pub(super) extra_bytes: u16,
}

impl Local {
    pub(super) fn parse(record: &[u8]) -> Option<Local> {
        let mut fields = Fields(record);
        if fields.u32()? != LOCAL {
            return None;
        }
        let _version_needed = fields.u16()?;
        let facts = Facts::parse(&mut fields)?;
        Some(Local { facts, name_bytes: fields.u16()?, extra_bytes: fields.u16()? })
    }
}

/// Says where the central directory is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct End {
    pub(super) entries: u64,
    pub(super) directory_bytes: u64,
    pub(super) directory_offset: u64,
}

/// Returns the value of the extra field `id`; `Err` when the fields are malformed or two have the id.
pub(super) fn extra(extra: &[u8], id: u16) -> Result<Option<&[u8]>, ()> {
    let mut fields = Fields(extra);
    let mut found = None;
    // Fewer than four bytes at the end are padding, which some writers add to align data.
    while fields.0.len() >= 4 {
        let (Some(field), Some(length)) = (fields.u16(), fields.u16()) else { return Err(()) };
        let value = fields.bytes(usize::from(length)).ok_or(())?;
        if field == id && found.replace(value).is_some() {
            return Err(());
        }
    }
    Ok(found)
}

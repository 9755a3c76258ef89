//! Archives forged record by record, since no library writes what an attacker would.

#![expect(clippy::unwrap_used, reason = "a test that cannot forge its archive has failed")]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// The mode of an ordinary file.
pub(crate) const FILE: u32 = 0o100_644;
/// The mode of a directory.
pub(crate) const DIRECTORY: u32 = 0o040_755;
/// The mode of a link.
pub(crate) const LINK: u32 = 0o120_777;

/// One side of an entry: what one of its two headers says.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) checksum: u32,
    pub(crate) packed_bytes: u32,
    pub(crate) bytes: u32,
    pub(crate) extra: Vec<u8>,
}

/// An entry whose headers may say anything.
#[derive(Clone, Debug)]
pub(crate) struct Forged {
    pub(crate) local: Header,
    pub(crate) central: Header,
    pub(crate) host: u8,
    pub(crate) disk: u16,
    pub(crate) mode: u32,
    /// Where the directory says that the entry is; where it is when `None`.
    pub(crate) offset: Option<u32>,
    /// The bytes between the header and the next.
    pub(crate) data: Vec<u8>,
}

impl Forged {
    /// Returns an honest entry that stores `bytes` as they are.
    pub(crate) fn stored(name: &str, mode: u32, bytes: &[u8]) -> Forged {
        Forged::honest(name, mode, 0, bytes, bytes.to_vec())
    }

    /// Returns an honest entry that deflates `bytes`.
    pub(crate) fn deflated(name: &str, bytes: &[u8]) -> Forged {
        Forged::honest(name, FILE, 8, bytes, deflate(bytes))
    }

    fn honest(name: &str, mode: u32, method: u16, bytes: &[u8], data: Vec<u8>) -> Forged {
        let header = Header {
            name: name.as_bytes().to_vec(),
            flags: 1 << 11,
            method,
            checksum: crc32fast::hash(bytes),
            packed_bytes: u32::try_from(data.len()).unwrap(),
            bytes: u32::try_from(bytes.len()).unwrap(),
            extra: Vec::new(),
        };
        Forged {
            local: header.clone(),
            central: header,
            host: 3,
            disk: 0,
            mode,
            offset: None,
            data,
        }
    }

    /// Changes both headers alike.
    pub(crate) fn both(mut self, change: impl Fn(&mut Header)) -> Forged {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    /// Changes the entry in any way.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Forged)) -> Forged {
        change(&mut self);
        self
    }
}

/// Compresses bytes as a ZIP entry has them.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Makes the extra field for wide numbers.
pub(crate) fn wide(numbers: &[u64]) -> Vec<u8> {
    let value: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    extra(0x0001, &value)
}

/// Makes an extra field.
pub(crate) fn extra(id: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap();
    [&id.to_le_bytes()[..], &length.to_le_bytes(), value].concat()
}

/// Makes the header in front of an entry's bytes.
pub(crate) fn local_header(header: &Header) -> Vec<u8> {
    let mut record = b"PK\x03\x04\x14\x00".to_vec();
    record.extend(facts(header));
    record.extend(&header.name);
    record.extend(&header.extra);
    record
}

/// Makes the records of the directory.
pub(crate) fn central_record(entry: &Forged, offset: u32) -> Vec<u8> {
    let mut record = b"PK\x01\x02\x14".to_vec();
    record.push(entry.host);
    record.extend(20_u16.to_le_bytes());
    record.extend(facts(&entry.central));
    record.extend(0_u16.to_le_bytes());
    record.extend(entry.disk.to_le_bytes());
    record.extend(0_u16.to_le_bytes());
    record.extend((entry.mode << 16).to_le_bytes());
    record.extend(entry.offset.unwrap_or(offset).to_le_bytes());
    record.extend(&entry.central.name);
    record.extend(&entry.central.extra);
    record
}

fn facts(header: &Header) -> Vec<u8> {
    let mut record = Vec::new();
    record.extend(header.flags.to_le_bytes());
    record.extend(header.method.to_le_bytes());
    record.extend([0; 4]);
    record.extend(header.checksum.to_le_bytes());
    record.extend(header.packed_bytes.to_le_bytes());
    record.extend(header.bytes.to_le_bytes());
    record.extend(u16::try_from(header.name.len()).unwrap().to_le_bytes());
    record.extend(u16::try_from(header.extra.len()).unwrap().to_le_bytes());
    record
}

/// Makes the record that ends an archive.
pub(crate) fn end(entries: u16, directory_bytes: u32, directory_offset: u32) -> Vec<u8> {
    let mut record = b"PK\x05\x06\0\0\0\0".to_vec();
    record.extend(entries.to_le_bytes());
    record.extend(entries.to_le_bytes());
    record.extend(directory_bytes.to_le_bytes());
    record.extend(directory_offset.to_le_bytes());
    record.extend(0_u16.to_le_bytes());
    record
}

/// Makes the wide records that come before the end, and would stand at `offset`.
pub(crate) fn wide_end(entries: u64, bytes: u64, directory_offset: u64, offset: u64) -> Vec<u8> {
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44_u64.to_le_bytes());
    record.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [entries, entries, bytes, directory_offset] {
        record.extend(number.to_le_bytes());
    }
    record.extend(b"PK\x06\x07\0\0\0\0");
    record.extend(offset.to_le_bytes());
    record.extend(1_u32.to_le_bytes());
    record
}

/// Makes an archive of entries, in three parts: the entries, the directory and the end.
pub(crate) fn parts(entries: &[Forged]) -> [Vec<u8>; 3] {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let offset = u32::try_from(bytes.len()).unwrap();
        directory.extend(central_record(entry, offset));
        bytes.extend(local_header(&entry.local));
        bytes.extend(&entry.data);
    }
    let end = end(
        u16::try_from(entries.len()).unwrap(),
        u32::try_from(directory.len()).unwrap(),
        u32::try_from(bytes.len()).unwrap(),
    );
    [bytes, directory, end]
}

/// Makes an archive of entries.
pub(crate) fn archive(entries: &[Forged]) -> Vec<u8> {
    parts(entries).concat()
}

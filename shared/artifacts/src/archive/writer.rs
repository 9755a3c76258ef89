//! Archives, written record by record.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::layout::{self, End, Facts};
use crate::digest::BUFFER_BYTES;

/// A file that shrinks further than this is stored as it is, so that our own archives never look
/// like bombs to [`super::unpack`], whose ratio is higher.
const RATIO_MAX: u64 = 150;

/// The version of the format that readers need for deflated files and directories.
const VERSION: u16 = 20;
/// The version of the format that readers need for wide sizes and places.
const VERSION_WIDE: u16 = 45;
const HOST_UNIX: u16 = 3 << 8;

/// The attribute that says "directory" to readers that know of no modes.
const ATTRIBUTE_DIRECTORY: u32 = 0x10;

/// Writes one archive into an empty file.
pub(super) struct Writer {
    file: BufWriter<File>,
    directory: Vec<u8>,
    entries: u64,
}

/// How an entry's bytes were written.
struct Written {
    method: u16,
    checksum: u32,
    packed_bytes: u64,
    bytes: u64,
}

impl Writer {
    pub(super) fn new(file: File) -> Writer {
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        Writer { file, directory: Vec::new(), entries: 0 }
    }

    /// Writes an entry of as many bytes as `from` has, which must be `bytes`.
    ///
    /// `name` is plain, and ends with `/` for a directory; `mode` says the kind and the permissions.
    pub(super) fn write(
        &mut self,
        name: &str,
        mode: u32,
        from: &mut (impl Read + Seek),
        bytes: u64,
    ) -> io::Result<()> {
        let offset = self.file.stream_position()?;
        // The header is written twice, and is as long the first time as when all is known.
        let mut written = Written { method: 0, checksum: 0, packed_bytes: bytes, bytes };
        self.file.write_all(&local_header(name, &written)?)?;
        let data_offset = self.file.stream_position()?;
        // One byte more than expected tells that a file grows, and a growing file must not keep us.
        let readable_bytes = bytes.saturating_add(1);
        written = self.deflate(from.by_ref().take(readable_bytes))?;
        if written.packed_bytes >= written.bytes
            || written.packed_bytes.saturating_mul(RATIO_MAX) < written.bytes
        {
            self.file.seek(SeekFrom::Start(data_offset))?;
            from.seek(SeekFrom::Start(0))?;
            written = self.store(from.by_ref().take(readable_bytes))?;
        }
        if written.bytes != bytes {
            return Err(io::Error::other("the file changed while it was packed"));
        }
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.write_all(&local_header(name, &written)?)?;
        self.file.seek(SeekFrom::Start(data_offset + written.packed_bytes))?;
        self.directory.extend(central_record(name, mode, offset, &written)?);
        self.entries += 1;
        Ok(())
    }

    /// Writes the directory and the end.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let directory_offset = self.file.stream_position()?;
        self.file.write_all(&self.directory)?;
        let directory_bytes = self.directory.len() as u64;
        let end = End { entries: self.entries, directory_bytes, directory_offset };
        self.file.write_all(&end_records(end))?;
        let length = self.file.stream_position()?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        // What was deflated and then stored in fewer bytes may have left some behind.
        file.set_len(length)
    }

    fn deflate(&mut self, from: impl Read) -> io::Result<Written> {
        let mut encoder = DeflateEncoder::new(&mut self.file, Compression::default());
        let (checksum, bytes) = copy(from, &mut encoder)?;
        encoder.try_finish()?;
        let packed_bytes = encoder.total_out();
        Ok(Written { method: layout::METHOD_DEFLATED, checksum, packed_bytes, bytes })
    }

    fn store(&mut self, from: impl Read) -> io::Result<Written> {
        let (checksum, bytes) = copy(from, &mut self.file)?;
        Ok(Written { method: layout::METHOD_STORED, checksum, packed_bytes: bytes, bytes })
    }
}

/// Copies everything, and returns the checksum and the number of bytes.
fn copy(mut from: impl Read, to: &mut impl Write) -> io::Result<(u32, u64)> {
    let mut hasher = crc32fast::Hasher::new();
    let mut bytes = 0;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok((hasher.finalize(), bytes)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        bytes += count as u64;
    }
}

/// Makes the header in front of an entry's bytes.
///
/// Its length depends on the name and on the size when unpacked; the size in the archive is never
/// larger than that.
fn local_header(name: &str, written: &Written) -> io::Result<Vec<u8>> {
    let mut wide = Vec::new();
    let is_wide = written.bytes >= u64::from(layout::WIDE);
    let [bytes, packed_bytes] = if is_wide {
        // Here the wide field holds both sizes or none.
        wide.extend([written.bytes, written.packed_bytes]);
        [layout::WIDE; 2]
    } else {
        [written.bytes, written.packed_bytes].map(|size| narrow(size, &mut wide))
    };
    let extra = wide_field(&wide);
    let mut header = Vec::new();
    header.extend(layout::LOCAL.to_le_bytes());
    header.extend(version(&extra).to_le_bytes());
    header.extend(facts(written, packed_bytes, bytes).render());
    header.extend(length(name.len())?);
    header.extend(length(extra.len())?);
    header.extend(name.as_bytes());
    header.extend(extra);
    Ok(header)
}

fn central_record(name: &str, mode: u32, offset: u64, written: &Written) -> io::Result<Vec<u8>> {
    let mut wide = Vec::new();
    let bytes = narrow(written.bytes, &mut wide);
    let packed_bytes = narrow(written.packed_bytes, &mut wide);
    let offset = narrow(offset, &mut wide);
    let extra = wide_field(&wide);
    let attribute = if name.ends_with('/') { ATTRIBUTE_DIRECTORY } else { 0 };
    let mut record = Vec::new();
    record.extend(layout::CENTRAL.to_le_bytes());
    record.extend((HOST_UNIX | version(&extra)).to_le_bytes());
    record.extend(version(&extra).to_le_bytes());
    record.extend(facts(written, packed_bytes, bytes).render());
    record.extend(length(name.len())?);
    record.extend(length(extra.len())?);
    // No comment, the first disk, no internal attributes.
    record.extend([0; 6]);
    record.extend(((mode << 16) | attribute).to_le_bytes());
    record.extend(offset.to_le_bytes());
    record.extend(name.as_bytes());
    record.extend(extra);
    Ok(record)
}

/// Makes the records that end an archive: the wide ones only where the narrow one cannot hold it.
fn end_records(end: End) -> Vec<u8> {
    let End { entries, directory_bytes, directory_offset } = end;
    let mut wide = Vec::new();
    let narrow_bytes = narrow(directory_bytes, &mut wide);
    let narrow_offset = narrow(directory_offset, &mut wide);
    let narrow_entries = u16::try_from(entries).unwrap_or(layout::WIDE_COUNT);
    let mut records = Vec::new();
    if !wide.is_empty() || narrow_entries == layout::WIDE_COUNT {
        records.extend(layout::END_WIDE.to_le_bytes());
        records.extend((layout::END_WIDE_BYTES as u64 - 12).to_le_bytes());
        records.extend((HOST_UNIX | VERSION_WIDE).to_le_bytes());
        records.extend(VERSION_WIDE.to_le_bytes());
        records.extend([0; 8]);
        for number in [entries, entries, directory_bytes, directory_offset] {
            records.extend(number.to_le_bytes());
        }
        records.extend(layout::END_WIDE_LOCATOR.to_le_bytes());
        records.extend(0_u32.to_le_bytes());
        records.extend((directory_offset + directory_bytes).to_le_bytes());
        records.extend(1_u32.to_le_bytes());
    }
    records.extend(layout::END.to_le_bytes());
    records.extend([0; 4]);
    records.extend(narrow_entries.to_le_bytes());
    records.extend(narrow_entries.to_le_bytes());
    records.extend(narrow_bytes.to_le_bytes());
    records.extend(narrow_offset.to_le_bytes());
    records.extend([0; 2]);
    records
}

/// Returns the number if its field can hold it; otherwise keeps it among `wide`.
fn narrow(number: u64, wide: &mut Vec<u64>) -> u32 {
    match u32::try_from(number) {
        Ok(number) if number != layout::WIDE => number,
        Ok(_) | Err(_) => {
            wide.push(number);
            layout::WIDE
        }
    }
}

fn wide_field(wide: &[u64]) -> Vec<u8> {
    let mut field = Vec::new();
    if !wide.is_empty() {
        // At most three numbers of eight bytes, so their length fits.
        let field_bytes = u16::try_from(wide.len() * 8).unwrap_or(u16::MAX);
        field.extend(layout::EXTRA_WIDE.to_le_bytes());
        field.extend(field_bytes.to_le_bytes());
        field.extend(wide.iter().flat_map(|number| number.to_le_bytes()));
    }
    field
}

fn version(extra: &[u8]) -> u16 {
    if extra.is_empty() { VERSION } else { VERSION_WIDE }
}

fn facts(written: &Written, packed_bytes: u32, bytes: u32) -> Facts {
    let Written { method, checksum, packed_bytes: _, bytes: _ } = *written;
    Facts { flags: layout::FLAG_UTF8, method, checksum, packed_bytes, bytes }
}

fn length(bytes: usize) -> io::Result<[u8; 2]> {
    u16::try_from(bytes).map(u16::to_le_bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::layout::{Central, Fields, Local};

    /// Nobody wants to write 5 GB to test this, so the records are made as if somebody had.
    #[test]
    fn sizes_and_places_beyond_four_gigabytes_are_wide() {
        let written = Written { method: 8, checksum: 7, packed_bytes: 5, bytes: 5_000_000_000 };
        let header = local_header("big", &written).unwrap();
        let local = Local::parse(&header).unwrap();
        assert_eq!((local.facts.bytes, local.facts.packed_bytes), (u32::MAX, u32::MAX));
        let extra = &header[layout::LOCAL_BYTES + 3..];
        let mut wide = Fields(layout::extra(extra, layout::EXTRA_WIDE).unwrap().unwrap());
        assert_eq!((wide.u64(), wide.u64()), (Some(5_000_000_000), Some(5)));

        let record = central_record("big", 0o100_644, 6_000_000_000, &written).unwrap();
        let central = Central::parse(&record).unwrap();
        assert_eq!((central.facts.bytes, central.facts.packed_bytes), (u32::MAX, 5));
        assert_eq!((central.offset, central.mode), (u32::MAX, 0o100_644));
        let extra = &record[layout::CENTRAL_BYTES + 3..];
        let mut wide = Fields(layout::extra(extra, layout::EXTRA_WIDE).unwrap().unwrap());
        assert_eq!((wide.u64(), wide.u64()), (Some(5_000_000_000), Some(6_000_000_000)));
    }

    #[test]
    fn the_header_is_as_long_before_the_bytes_are_known_as_after() {
        for bytes in [0, 1, u64::from(u32::MAX) - 1, u64::from(u32::MAX), 5_000_000_000] {
            let before = Written { method: 0, checksum: 0, packed_bytes: bytes, bytes };
            let after = Written { method: 8, checksum: 1, packed_bytes: bytes / 3, bytes };
            assert_eq!(
                local_header("name", &before).unwrap().len(),
                local_header("name", &after).unwrap().len(),
                "{bytes}"
            );
        }
    }

    #[test]
    fn a_file_that_grew_or_shrank_meanwhile_is_not_packed() {
        for bytes in [2, 4] {
            let mut writer = Writer::new(tempfile::tempfile().unwrap());
            let error = writer.write("a", 0o100_644, &mut io::Cursor::new(b"abc"), bytes);
            assert!(error.unwrap_err().to_string().contains("changed"), "{bytes}");
        }
        let mut writer = Writer::new(tempfile::tempfile().unwrap());
        let mut endless = Endless;
        assert!(writer.write("a", 0o100_644, &mut endless, 1_000_000).is_err());
    }

    struct Endless;

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            buffer.fill(b'y');
            Ok(buffer.len())
        }
    }

    impl Seek for Endless {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
}

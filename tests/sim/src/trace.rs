//! What happened, line by line: printed when somebody reruns a seed, and always digested, so that one
//! seed can be shown to give one trace.

use std::fmt;

/// The lines of one run.
#[derive(Clone, Debug)]
pub struct Trace {
    digest: u64,
    lines: u64,
    is_printed: bool,
}

impl Trace {
    /// Begins a trace.
    pub fn new(is_printed: bool) -> Self {
        // The offset of FNV-1a.
        Self { digest: 0xcbf2_9ce4_8422_2325, lines: 0, is_printed }
    }

    /// Adds a line.
    pub fn line(&mut self, now: i64, line: fmt::Arguments<'_>) {
        self.lines += 1;
        if self.is_printed {
            print(now, line);
        }
        let _ = fmt::write(self, format_args!("{now} {line}\n"));
    }

    /// Returns the digest of all lines so far.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Returns how many lines there were.
    pub fn lines(&self) -> u64 {
        self.lines
    }
}

impl fmt::Write for Trace {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "somebody asked to see the trace")]
fn print(now: i64, line: fmt::Arguments<'_>) {
    let (seconds, millis) = (now / 1000, now % 1000);
    println!("{:>6}:{:02}.{millis:03}  {line}", seconds / 60 % 1_000_000, seconds % 60);
}

//! `towpath audit`: whether the record of calls is whole.

use std::fmt::Write as _;
use std::io::Write as _;

use access::audit::{Report, verify};

use crate::arguments::serving::{Audit, AuditVerb};
use crate::ending::Ending;
use crate::up::audit_directory;

/// Looks after the record of calls of a data directory.
pub(crate) fn audit(options: &Audit) -> Ending {
    let directory = audit_directory(&options.data);
    if !directory.is_dir() {
        let shown = options.data.display();
        return Ending::BadInput(format!(
            "{shown} has no record of calls: `towpath up --data {shown}` writes one"
        ));
    }
    match options.verb {
        AuditVerb::Verify => match verify(&directory) {
            Ok(report) => {
                say(&report);
                Ending::Succeeded
            }
            Err(findings) => {
                let mut text = String::from("the record of calls is not as it was written:");
                for finding in findings {
                    write!(text, "\n  ✗ {finding}").expect("a text takes what is written");
                }
                Ending::Failed(Some(text))
            }
        },
    }
}

fn say(report: &Report) {
    let mut text = format!("✓ {} records in {} files\n", report.records, report.files);
    let newest = &report.newest;
    let _ = writeln!(text, "  newest: {} {}", newest.sequence, newest.hash);
    if report.is_head_behind {
        text.push_str("  a record is being written, or its writer was killed\n");
    }
    if report.is_end_torn {
        text.push_str("  the last line was never finished; the next start cuts it off\n");
    }
    // Whoever reads us may have gone; then there is nobody to tell.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

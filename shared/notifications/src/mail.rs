//! Plain text for a mail: short paragraphs under their labels, the cause first, commands on lines of their own so
//! that they can be copied.

use crate::Notice;
use crate::story::{Does, Paragraph, Step, Story};
use crate::text::{Piece, Text, clip_bytes};

/// How long a mail may be.
pub const MAIL_BYTES_MAX: usize = 32 * 1024;

/// Returns the mail's text.
pub(crate) fn mail(notice: &Notice, story: &Story) -> String {
    let event = &notice.event;
    let from = footer(&event.pipeline, &event.region, &event.account);
    lay_out(&story.headline, &story.paragraphs, &story.steps, &from)
}

/// Returns a mail of these parts.
pub(crate) fn lay_out(
    headline: &Text,
    paragraphs: &[Paragraph],
    steps: &[Step],
    footer: &str,
) -> String {
    let mut lines = vec![format!("{}.", plain(headline)), String::new()];
    for paragraph in paragraphs {
        lines.push(paragraph.label.clone());
        if !paragraph.text.0.is_empty() {
            lines.push(format!("  {}", plain(&paragraph.text)));
        }
        lines.extend(paragraph.lines.iter().map(|line| format!("  {}", plain(line))));
        lines.extend(paragraph.link.iter().map(|(url, _)| format!("  {url}")));
        lines.extend(paragraph.items.iter().map(|item| format!("  {}", plain(item))));
        if paragraph.more > 0 {
            lines.push(format!("  and {} more", paragraph.more));
        }
        lines.push(String::new());
    }
    lines.push("What you can do".to_owned());
    for Step { says, does } in steps {
        lines.push(format!("  {says}:"));
        lines.push(match does {
            Does::Command(command) => format!("    {command}"),
            Does::Link(url) => format!("    {url}"),
        });
    }
    lines.push(String::new());
    lines.push("--".to_owned());
    lines.push(footer.to_owned());
    let mut mail = clip_bytes(&lines.join("\n"), MAIL_BYTES_MAX - 1);
    mail.push('\n');
    mail
}

/// Returns the line that says where a mail comes from. SNS adds how to unsubscribe.
pub(crate) fn footer(pipeline: &str, region: &str, account: &str) -> String {
    let clean = |text| crate::text::clip(&crate::text::clean(text), 100);
    let (pipeline, region, account) = (clean(pipeline), clean(region), clean(account));
    format!("Towpath, for pipeline {pipeline} in {region}, account {account}.")
}

/// Returns a text without markup; the addresses of its links stand behind it.
fn plain(text: &Text) -> String {
    let mut plain = String::new();
    let mut addresses = String::new();
    for piece in &text.0 {
        match piece {
            Piece::Ours(text) | Piece::Theirs(text) | Piece::Name(text) | Piece::Command(text) => {
                plain.push_str(text);
            }
            Piece::Link { url, label } => {
                plain.push_str(label);
                addresses.push_str("  ");
                addresses.push_str(url);
            }
        }
    }
    plain + &addresses
}

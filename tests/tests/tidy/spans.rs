//! Code in Markdown: what stands between backticks, and the lines of fenced blocks.

/// A piece of code in a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Span<'page> {
    /// The line it stands on, from 1.
    pub(crate) line: usize,
    /// What it says.
    pub(crate) text: &'page str,
    /// Whether it is a line of a fenced block.
    pub(crate) is_fenced: bool,
}

/// Finds the code in a page, in order.
pub(crate) fn spans(page: &str) -> Vec<Span<'_>> {
    let mut found = Vec::new();
    let mut is_fenced = false;
    for (line, text) in (1..).zip(page.lines()) {
        if text.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if is_fenced {
            found.push(Span { line, text, is_fenced });
        } else {
            // Every second piece stands between backticks.
            let inline = text.split('`').skip(1).step_by(2);
            found.extend(inline.map(|text| Span { line, text, is_fenced }));
        }
    }
    found
}

#[test]
fn code_is_found_between_backticks_and_in_fences() {
    let page = "Say `a b` or `c`.\n```sh\nd `e`\n```\nnone\n";
    let found: Vec<(usize, &str)> = spans(page).iter().map(|span| (span.line, span.text)).collect();
    assert_eq!(found, [(1, "a b"), (1, "c"), (3, "d `e`")]);
}

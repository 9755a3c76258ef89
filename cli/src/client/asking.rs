//! Asks whoever sits at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::ending::Ending;
use crate::view::text::safe;

/// Asks a question that is answered with y or n. Where nobody can be asked, `--yes` has to be given.
pub(crate) fn confirm(question: &str) -> Result<bool, Ending> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Ending::BadInput(
            "nobody is there to ask; --yes answers beforehand".to_owned(),
        ));
    }
    let mut out = io::stdout().lock();
    let _ = write!(out, "{} type y or n, then Enter: ", safe(question));
    let _ = out.flush();
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Ending::Failed(Some(format!("the answer cannot be read: {error}"))))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

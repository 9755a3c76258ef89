//! `towpath completion`: the script that teaches a shell to complete our words.

use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::arguments::client::Completion;
use crate::ending::Ending;

/// Prints the script.
pub(crate) fn completion(options: &Completion) -> Ending {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "towpath", &mut script);
    // Whoever reads us may have gone; then there is nobody to tell.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), &script);
    Ending::Succeeded
}

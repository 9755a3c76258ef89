//! `towpath show`: the stages of a pipeline.

use crate::arguments::client::Show;
use crate::client::{Answer, Client, board, printing, situation, spelling};
use crate::ending::Ending;

/// Shows who is inside, who waits, what is open and what failed.
pub(crate) fn show(options: &Show) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Show) -> Answer {
    let (situation, answers) = situation::look(client, &options.name).await?;
    if options.json {
        printing::json(&spelling::json(&answers.state));
    } else {
        let now = local::world::now();
        printing::lines(&board::lines(&situation, now, printing::columns()));
    }
    Ok(Ending::Succeeded)
}

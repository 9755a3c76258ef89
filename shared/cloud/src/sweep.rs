//! What the timer asks for, each minute.

use std::collections::BTreeSet;

use runtime::{App, sweep};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::hints::chain;

/// What a sweep came to.
#[derive(Debug, Default, Serialize)]
pub struct Swept {
    /// How many partitions were looked at.
    pub partitions: usize,
    /// How many of them could not be looked at as a whole; the next sweep looks again.
    pub troubled: usize,
}

/// Sweeps every execution that is watched. One partition that cannot be looked at does not keep us from
/// the others.
pub async fn run(app: &App) -> Swept {
    let mut all = JoinSet::new();
    for shard in 0..store::LIVE_SHARDS {
        let app = app.clone();
        all.spawn(async move { sweep_one(&app, shard).await });
    }
    let mut swept = Swept::default();
    while let Some(is_whole) = all.join_next().await {
        swept.partitions += 1;
        swept.troubled += usize::from(!is_whole.unwrap_or(false));
    }
    tracing::info!(partitions = swept.partitions, troubled = swept.troubled, "swept");
    swept
}

async fn sweep_one(app: &App, shard: u8) -> bool {
    let looked = sweep::sweep_shard(app, shard, &mut BTreeSet::new()).await;
    if let Err(error) = &looked {
        tracing::warn!(shard, error = chain(error), "the next sweep looks again");
    }
    looked.is_ok()
}

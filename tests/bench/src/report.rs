//! Prints the figures, for people and for programs.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::machine::processors;
use crate::measure::Figures;
use crate::pipeline::ACTIONS;

/// Prints the figures of every load.
pub fn print(figures: &[Figures], is_json: bool) -> Result<()> {
    let mut out = io::stdout().lock();
    if is_json {
        let loads: Vec<_> = figures.iter().map(json_of).collect();
        let report = json!({ "processors": processors(), "loads": loads });
        writeln!(out, "{report:#}")?;
        return Ok(());
    }
    writeln!(
        out,
        "3 stages, 4 empty actions (2 of them in parallel), every record durable before its action \
         starts; {} processors.\nThe floor is a log on the same disk, in the same run, that makes 5 \
         appends of 900 bytes durable for each\nexecution and does nothing else; executions in flight \
         share a sync there as they do here.\n",
        processors()
    )?;
    for figures in figures {
        write(&mut out, figures)?;
    }
    Ok(())
}

/// Says why nothing could be measured.
pub fn complain(error: &anyhow::Error) {
    // There is no better place to say that there is no place to say it.
    let _ = writeln!(io::stderr(), "one-machine: {error:#}");
}

fn write(out: &mut impl Write, figures: &Figures) -> io::Result<()> {
    let Figures { load, driven, transitions, floor, used, .. } = figures;
    let rows = Rows::of(figures);
    let mut durations = driven.durations.clone();
    durations.sort_unstable();
    writeln!(
        out,
        "{} ({} executions, {} in flight over {} pipelines)",
        load.name,
        durations.len(),
        load.in_flight,
        load.pipelines
    )?;
    let mut row = |name: &str, text: String| writeln!(out, "  {name:<22}{text}");
    row(
        "executions/s",
        format!(
            "{:.0}   floor {:.0}   ours/floor {:.4}",
            rows.per_second,
            floor.executions_per_second(),
            rows.ratio
        ),
    )?;
    row("transition", format!("{}   ({} of them)", percentiles(transitions), transitions.len()))?;
    row("request to end", percentiles(&durations))?;
    row("the disk's own sync", percentiles(&floor.single))?;
    row("p50 / 1 sync", format!("{:.1}", rows.transition_syncs))?;
    row(
        "processor",
        format!(
            "{:.2} ms per execution, {:.2} of {} processors busy with other work",
            rows.processor_millis,
            used.others_cores,
            processors()
        ),
    )?;
    row("bound by", bound(figures).to_owned())?;
    row("peak memory", format!("{:.1} MiB", rows.peak_memory_mebibytes))?;
    row(
        "store, per execution",
        format!(
            "{:.2} requests ({:.2} per action): {:.2} guarded puts, {:.2} lost races, {:.2} write \
             units, {:.2} read units",
            rows.requests,
            rows.requests_per_action,
            rows.guarded_puts,
            rows.lost_races,
            rows.write_units,
            rows.read_units
        ),
    )?;
    let operations = figures
        .meter
        .operations()
        .map(|name| format!("{name} {:.2}", rows.each(figures.meter.of(name).requests)));
    row("", operations.collect::<Vec<_>>().join(", "))?;
    if driven.asked_again > 0 {
        row("starts asked again", driven.asked_again.to_string())?;
    }
    writeln!(out)
}

/// How much of the processors must be busy before they are what everything waits for.
const BUSY: f64 = 0.9;

/// Says what more of would make it faster.
#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
fn bound(figures: &Figures) -> &'static str {
    let Figures { driven, used, load, .. } = figures;
    let own = used.own.as_secs_f64() / driven.elapsed.as_secs_f64();
    let busy = own + used.others_cores;
    if busy >= BUSY * processors() as f64 && own >= used.others_cores {
        "the processors, and this process takes most of them"
    } else if busy >= BUSY * processors() as f64 {
        "the processors, and other work takes most of them"
    } else if load.in_flight == 1 {
        "waiting: each record for its sync, and for the threads that hand it on"
    } else {
        "waiting: the records of one log are made durable one after the other"
    }
}

/// Figures that follow from what was seen.
struct Rows {
    executions: f64,
    per_second: f64,
    ratio: f64,
    transition_syncs: f64,
    processor_millis: f64,
    peak_memory_mebibytes: f64,
    requests: f64,
    requests_per_action: f64,
    guarded_puts: f64,
    lost_races: f64,
    write_units: f64,
    read_units: f64,
}

impl Rows {
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
    fn of(figures: &Figures) -> Self {
        let Figures { driven, transitions, meter, used, peak_memory_bytes, floor, .. } = figures;
        let executions = driven.durations.len() as f64;
        let per_second = executions / driven.elapsed.as_secs_f64();
        let total = meter.total();
        let each = |count: u64| count as f64 / executions;
        let sync = percentile(&floor.single, 50).as_secs_f64();
        Self {
            executions,
            per_second,
            ratio: per_second / floor.executions_per_second(),
            transition_syncs: percentile(transitions, 50).as_secs_f64() / sync,
            processor_millis: used.own.as_secs_f64() * 1e3 / executions,
            peak_memory_mebibytes: *peak_memory_bytes as f64 / f64::from(1 << 20),
            requests: each(total.requests),
            requests_per_action: each(total.requests) / ACTIONS as f64,
            guarded_puts: each(total.guarded_puts),
            lost_races: each(total.failed_conditions),
            write_units: each(total.write_units),
            read_units: total.read_units() / executions,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
    fn each(&self, count: u64) -> f64 {
        count as f64 / self.executions
    }
}

fn json_of(figures: &Figures) -> Value {
    let Figures { load, driven, transitions, meter, floor, used, .. } = figures;
    let rows = Rows::of(figures);
    let millis = |times: &[Duration]| {
        let of = |percent| percentile(times, percent).as_secs_f64() * 1e3;
        json!({ "p50": of(50), "p99": of(99) })
    };
    let mut durations = driven.durations.clone();
    durations.sort_unstable();
    let operations =
        meter.operations().map(|name| (name.to_owned(), meter.of(name).requests.into()));
    json!({
        "name": load.name,
        "executions": durations.len(),
        "in_flight": load.in_flight,
        "pipelines": load.pipelines,
        "executions_per_second": rows.per_second,
        "floor_executions_per_second": floor.executions_per_second(),
        "ratio_to_floor": rows.ratio,
        "transition_millis": millis(transitions),
        "request_to_end_millis": millis(&durations),
        "disk_sync_millis": millis(&floor.single),
        "transition_in_syncs": rows.transition_syncs,
        "processor_millis_per_execution": rows.processor_millis,
        "other_work_processors": used.others_cores,
        "bound_by": bound(figures),
        "peak_memory_mebibytes": rows.peak_memory_mebibytes,
        "requests_per_execution": rows.requests,
        "requests_per_action": rows.requests_per_action,
        "guarded_puts_per_execution": rows.guarded_puts,
        "lost_races_per_execution": rows.lost_races,
        "write_units_per_execution": rows.write_units,
        "read_units_per_execution": rows.read_units,
        "requests": Value::Object(operations.collect()),
        "starts_asked_again": driven.asked_again,
    })
}

fn percentiles(times: &[Duration]) -> String {
    let of = |percent| percentile(times, percent).as_secs_f64() * 1e3;
    format!("p50 {:.3} ms   p99 {:.3} ms", of(50), of(99))
}

/// Returns the value below which so many percent of the ascending `times` lie.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    debug_assert!(times.is_sorted(), "times are sorted before they are asked about");
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let times: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(51));
        assert_eq!(percentile(&times, 99), Duration::from_millis(100));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}

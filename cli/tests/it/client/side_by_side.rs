//! Executions of a PARALLEL pipeline: each by itself, named by its id.

use crate::client::Served;
use crate::world::{approve, pipeline};

#[test]
fn several_open_approvals_are_listed_and_one_is_named() {
    // R26: no stage locks, so each execution asks by itself.
    let served = Served::new("true");
    served.world.pipeline("web.json", &pipeline("PARALLEL", &[approve()]));
    served.ask("apply web.json --yes").expect(0);
    served.ask("watch web --no-wait").expect(3);
    let started = served.ask("start web").expect(0).out;
    let second = started.split_whitespace().nth(1).unwrap();
    served.ask(&format!("watch web --no-wait --execution {second}")).expect(3);
    let shown = served.ask("show web").expect(0).out;
    assert_eq!(shown.matches("waits for an answer: Release Begin?").count(), 2, "{shown}");
    let refused = served.ask("approve web").expect(5).says("several approvals of web wait");
    assert!(refused.err.contains(&format!("Approve/Release --execution {second}")));
    served.ask(&format!("approve web --execution {second}")).expect(0);
    served.ask(&format!("watch web --exit-status --execution {second}")).expect(0);
    served.ask("reject web").expect(0);
    let history = served.ask("history web").expect(0).out;
    assert_eq!(history.lines().count(), 2, "{history}");
    served.world.wait("the first never failed", || {
        served.ask("history web").out.lines().any(|line| line.starts_with('✗'))
    });
    let places = served.ask(&format!("where {} web", served.head())).expect(0).out;
    assert!(places.contains("last in   Source, Approve"), "{places}");
    assert!(places.contains("ended in  Approve"), "{places}");
}

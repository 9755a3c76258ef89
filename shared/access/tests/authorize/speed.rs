//! How long a decision takes. Printed, not asserted: a busy machine is not a defect.

use std::collections::BTreeMap;
use std::time::Instant;

use access::authorize::{Question, Resource};

use crate::people::{authorizer, person};

#[test]
fn a_decision_among_a_thousand_policies_is_timed() {
    let texts: Vec<(String, String)> = (0..1000)
        .map(|number| {
            let text = format!(
                "{}(principal in Towpath::Role::\"Team {}\", action == \
                 Towpath::Action::\"GetPipeline\", resource) when {{ resource.name like \"app-{number}-*\" }};",
                if number % 10 == 0 { "forbid" } else { "permit" },
                number % 50,
            );
            (format!("team-{number}"), text)
        })
        .collect();
    let thousand: Vec<(&str, &str)> =
        texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    for (title, more) in [("ready policies only", &[][..]), ("1 000 policies more", &thousand)] {
        let started = Instant::now();
        let authorizer = authorizer(more);
        println!("{title}: loaded in {:?}", started.elapsed());
        let ann = person("ann", &["Viewer", "Team 7"]);
        let ask = |name: String| {
            let question = Question {
                who: &ann,
                resource: Resource::Pipeline(name),
                context: BTreeMap::new(),
            };
            let started = Instant::now();
            authorizer.ask("GetPipeline", &question).expect("a viewer");
            started.elapsed()
        };
        for (kind, is_new) in [("new", true), ("remembered", false)] {
            let name = |number: usize| format!("app-x{}", if is_new { number } else { 0 });
            let mut times: Vec<_> = (0..2000).map(|number| ask(name(number))).collect();
            times.sort();
            println!("{title}, {kind} questions: p50 {:?}, p99 {:?}", times[1000], times[1980]);
        }
    }
}

//! What a declaration asks for and this version does not do yet, said before anything runs.

use model::declaration::{Declaration, Format, read};

/// Returns a sentence for each thing that is declared and will not happen.
pub(crate) fn unbuilt(declaration: &str) -> Vec<String> {
    let Ok((declaration, _)) = read(declaration, Format::Json) else { return Vec::new() };
    let mut sentences = Vec::new();
    for stage in &declaration.stages {
        let slots = [
            ("beforeEntry", stage.before_entry.is_some()),
            ("onSuccess", stage.on_success.is_some()),
            ("onFailure", stage.on_failure.is_some()),
        ];
        let declared = slots.iter().filter(|(_, is_declared)| *is_declared);
        for (slot, _) in declared {
            let name = &stage.name;
            sentences.push(format!(
                "! {slot} of stage {name} is not acted on yet: the stage runs as if it were not there"
            ));
        }
    }
    if has_filters(&declaration) {
        sentences.push(
            "! trigger filters are not looked at yet: every commit of a source's branch starts an \
             execution"
                .to_owned(),
        );
    }
    sentences
}

fn has_filters(declaration: &Declaration) -> bool {
    declaration.triggers.as_ref().is_some_and(|triggers| !triggers.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(stage: &str, rest: &str) -> String {
        format!(
            r#"{{"name":"web","roleArn":"arn:aws:iam::000000000000:role/web","stages":[{{"name":"Prod",
            "actions":[]{stage}}}]{rest}}}"#
        )
    }

    #[test]
    fn what_will_not_happen_is_said() {
        let stage = r#","onFailure":{"result":"ROLLBACK"}"#;
        let said = unbuilt(&declared(stage, ""));
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("onFailure of stage Prod"), "{said:?}");
        let trigger = r#","triggers":[{"providerType":"CodeStarSourceConnection",
            "gitConfiguration":{"sourceActionName":"Commit"}}]"#;
        assert!(unbuilt(&declared("", trigger))[0].contains("trigger filters"));
    }

    #[test]
    fn what_is_built_is_not_worth_a_word() {
        assert_eq!(unbuilt(&declared("", "")), Vec::<String>::new());
    }
}

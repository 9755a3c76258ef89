//! Whether the conditions of stages are allowed where they stand (contract §1.3 and §5.7).

mod rules;

use crate::declaration::{Condition, Declaration, FailureConditions, StageDeclaration};
use crate::violation::{ErrorClass, Place, Violation};

use super::timeline::{Moment, Timeline};

const V2_ONLY: &str = "AWS: needs pipelineType V2 (contract §1.2)";
const ALLOWED: &str = "AWS: each place allows some results only (contract §1.3)";
const EXCLUSIVE: &str = "AWS: onFailure has a result or conditions (contract §1.3)";
const NO_ROLLBACK: &str = "AWS: sources and PARALLEL mode cannot roll back (contract §1.3)";
const SKIP_RULES: &str = "AWS: SKIP is for LambdaInvoke and VariableCheck (contract §1.3)";
const SOME_RULES: &str = "AWS: a condition has 1 to 5 rules (contract §1.1)";

pub(super) fn check(declaration: &Declaration, timeline: &Timeline<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, stage) in declaration.stages.iter().enumerate() {
        let place = Place::pipeline().member("stages").item(index);
        let mut stage_check = StageCheck { timeline, index, violations: &mut violations };
        stage_check.check(stage, &place);
    }
    violations
}

struct StageCheck<'a> {
    timeline: &'a Timeline<'a>,
    index: usize,
    violations: &'a mut Vec<Violation>,
}

impl StageCheck<'_> {
    fn check(&mut self, stage: &StageDeclaration, place: &Place) {
        let StageDeclaration { on_failure, on_success, before_entry, .. } = stage;
        for (name, is_given) in [
            ("beforeEntry", before_entry.is_some()),
            ("onSuccess", on_success.is_some()),
            ("onFailure", on_failure.is_some()),
        ] {
            if is_given && !self.timeline.declaration.is_v2() {
                let message = format!("{name} is not for pipelines of type V1");
                let fix = "add pipelineType: V2 to the pipeline";
                self.refuse(&place.member(name), V2_ONLY, message, fix);
            }
        }
        let (before, after) = (Moment::before(self.index), Moment::after(self.index));
        if let Some(slot) = before_entry {
            let place = place.member("beforeEntry").member("conditions");
            self.conditions(&slot.conditions, &["FAIL", "SKIP"], before, &place);
        }
        if let Some(slot) = on_success {
            let place = place.member("onSuccess").member("conditions");
            self.conditions(&slot.conditions, &["ROLLBACK", "FAIL"], after, &place);
        }
        if let Some(slot) = on_failure {
            self.on_failure(slot, &place.member("onFailure"));
            let place = place.member("onFailure").member("conditions");
            let conditions = slot.conditions.as_deref().unwrap_or_default();
            self.conditions(conditions, &["ROLLBACK"], after, &place);
        }
    }

    fn on_failure(&mut self, slot: &FailureConditions, place: &Place) {
        let has_conditions = slot.conditions.as_ref().is_some_and(|list| !list.is_empty());
        let result = slot.result.as_deref();
        if let Some(result) = result {
            let place = place.member("result");
            if has_conditions {
                let message = format!("the result {result} stands beside conditions");
                let fix = "keep the result or the conditions; a condition has a result of its own";
                self.refuse(&place, EXCLUSIVE, message, fix);
            } else {
                self.result(result, &["ROLLBACK", "RETRY"], &place);
            }
        }
        if slot.retry_configuration.is_some() && result != Some("RETRY") {
            let place = place.member("retryConfiguration");
            if has_conditions {
                let message = "a retry cannot be combined with conditions".to_owned();
                self.refuse(&place, EXCLUSIVE, message, "keep one of the two");
            } else {
                self.violations.push(Violation::warning(
                    ErrorClass::Stage,
                    &place,
                    ALLOWED,
                    "without the result RETRY nothing is retried",
                    "add result: RETRY",
                ));
            }
        }
    }

    fn conditions(
        &mut self,
        conditions: &[Condition],
        allowed: &[&str],
        moment: Moment,
        place: &Place,
    ) {
        for (index, condition) in conditions.iter().enumerate() {
            let place = place.item(index);
            let result_place = place.member("result");
            if let Some(result) = condition.result.as_deref() {
                self.result(result, allowed, &result_place);
            } else {
                let message = "nothing is said about what the condition leads to".to_owned();
                let fix = format!("add {}", allowed.join(" or "));
                self.refuse(&result_place, ALLOWED, message, &fix);
            }
            let rules = condition.rules.as_deref().unwrap_or_default();
            let rules_place = place.member("rules");
            if rules.is_empty() {
                let message = "a condition without rules decides nothing".to_owned();
                self.refuse(&rules_place, SOME_RULES, message, "add a rule");
            }
            for (index, rule) in rules.iter().enumerate() {
                let place = rules_place.item(index);
                let provider = &rule.rule_type_id.provider;
                let known = crate::catalog::find_rule(provider);
                if condition.result.as_deref() == Some("SKIP")
                    && known.is_some_and(|known| !known.may_skip)
                {
                    let message = format!("the rule {provider} cannot skip a stage");
                    let place = place.member("ruleTypeId").member("provider");
                    self.refuse(&place, SKIP_RULES, message, "use FAIL, or another rule");
                }
                self.violations.extend(rules::check(rule, self.timeline, moment, &place));
            }
        }
    }

    fn result(&mut self, result: &str, allowed: &[&str], place: &Place) {
        if !allowed.contains(&result) {
            let message = format!("the result {result} is not possible here");
            self.refuse(place, ALLOWED, message, &format!("use {}", allowed.join(" or ")));
        } else if result == "ROLLBACK" && self.index == 0 {
            let message = "the source stage has nothing to roll back to".to_owned();
            self.refuse(place, NO_ROLLBACK, message, "use it in a later stage");
        } else if result == "ROLLBACK"
            && self.timeline.declaration.execution_mode.as_deref() == Some("PARALLEL")
        {
            let message = "a pipeline in PARALLEL mode cannot roll back".to_owned();
            self.refuse(place, NO_ROLLBACK, message, "use QUEUED or SUPERSEDED, or another result");
        }
    }

    fn refuse(&mut self, place: &Place, rule: &'static str, message: String, fix: &str) {
        self.violations.push(Violation::error(ErrorClass::Stage, place, rule, message, fix));
    }
}

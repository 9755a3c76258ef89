//! Conditions: names that stand for yes or no.

use super::Resolver;
use crate::node::Node;
use crate::place::Place;

impl Resolver<'_> {
    /// Says whether a named condition holds. One that cannot be decided does not, and a note says
    /// why.
    pub(crate) fn holds(&mut self, name: &str) -> bool {
        if let Some(answer) = self.decided.get(name) {
            return *answer;
        }
        let step = format!("condition `{name}`");
        if self.under_way.contains(&step) {
            self.note(format!("{step} rests on itself and counts as false: break the circle"));
            return false;
        }
        let Some(node) = self.template.condition(name) else {
            self.note(format!("{step} is not declared under `Conditions` and counts as false"));
            return false;
        };
        let mark = self.placeholders.len();
        self.under_way.push(step.clone());
        let answer = self.verdict(node, &Place::outside(format!("Conditions.{name}")));
        self.under_way.pop();
        for placeholder in self.take_back(mark) {
            self.note(format!(
                "{step} was decided as {answer} with `{}`: {}",
                placeholder.text, placeholder.reason
            ));
        }
        self.decided.insert(name.to_owned(), answer);
        answer
    }

    /// Evaluates the expression of a condition.
    pub(super) fn verdict(&mut self, node: &Node, place: &Place) -> bool {
        if self.depth >= super::DEPTH_MAX {
            self.note(format!("`{}` nests too deep and counts as false", place.path()));
            return false;
        }
        self.depth += 1;
        let answer = match node.entries() {
            [(function, argument)] => match function.as_str() {
                "Condition" => argument.as_text().is_some_and(|name| self.holds(name)),
                "Fn::And" => argument.elements().iter().all(|each| self.verdict(each, place)),
                "Fn::Or" => argument.elements().iter().any(|each| self.verdict(each, place)),
                "Fn::Not" => match argument.elements() {
                    [only] => !self.verdict(only, place),
                    _ => self.undecided("`Fn::Not` takes a list of one condition", place),
                },
                "Fn::Equals" => match argument.elements() {
                    [left, right] => self.text(left, place) == self.text(right, place),
                    _ => self.undecided("`Fn::Equals` takes a list of two values", place),
                },
                _ => self.truth(node, place),
            },
            _ => self.truth(node, place),
        };
        self.depth -= 1;
        answer
    }

    fn truth(&mut self, node: &Node, place: &Place) -> bool {
        match self.text(node, place).as_str() {
            "true" => true,
            "false" => false,
            other => {
                let reason = format!("`{other}` is neither a condition nor true or false");
                self.undecided(&reason, place)
            }
        }
    }

    fn undecided(&mut self, reason: &str, place: &Place) -> bool {
        self.note(format!("`{}` counts as false: {reason}", place.path()));
        false
    }
}

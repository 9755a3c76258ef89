//! The Commands action: a list of commands instead of a buildspec (contract §5.2).

use crate::read::is_variable_name;
use crate::refusal::{Problem, Refusal};
use crate::specification::{ArtifactSet, Buildspec, Phase, PhaseName, Shell, Version};

/// The most commands of one action.
const COMMANDS_MAX: usize = 50;

/// Makes the buildspec of a Commands action: its commands run in one shell, `output_variables` are
/// what it exports and `files` are the patterns of its output artifact.
///
/// That a command is one line of at most 1000 characters is checked where it is declared: here its
/// references are resolved already, and a variable may well hold a commit message of many lines.
pub fn commands(
    commands: &[String],
    output_variables: &[String],
    files: &[String],
) -> Result<Buildspec, Refusal> {
    let mut problems = Vec::new();
    if commands.is_empty() || commands.len() > COMMANDS_MAX {
        problems.push(Problem::new(
            "commands",
            format!("there are {} commands, and 1 to {COMMANDS_MAX} are allowed", commands.len()),
            "join commands with `&&`, or call a script",
        ));
    }
    for (index, command) in commands.iter().enumerate() {
        let problem = if command.contains('\0') {
            "the command holds a NUL character"
        } else if command.trim().is_empty() {
            "the command is empty"
        } else {
            continue;
        };
        let fix = "write one line of shell, or call a script";
        problems.push(Problem::new(format!("commands[{index}]"), problem, fix));
    }
    for (index, name) in output_variables.iter().enumerate() {
        if !is_variable_name(name) {
            let problem = format!("`{name}` cannot be the name of a variable in a shell");
            let fix = "use letters, digits and `_`, and no digit at the start";
            problems.push(Problem::new(format!("outputVariables[{index}]"), problem, fix));
        }
    }
    if !problems.is_empty() {
        return Err(Refusal { problems });
    }
    let artifacts = (!files.is_empty())
        .then(|| ArtifactSet { files: files.to_vec(), ..ArtifactSet::default() });
    Ok(Buildspec {
        version: Version::OneShell,
        shell: Shell::Sh,
        variables: Vec::new(),
        exported_variables: output_variables.to_vec(),
        phases: vec![Phase {
            name: PhaseName::Build,
            run_as: None,
            on_failure: None,
            commands: commands.to_vec(),
            finally: Vec::new(),
        }],
        artifacts,
        secondary_artifacts: std::collections::BTreeMap::new(),
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_list_of_commands_becomes_one_phase() {
        let made = commands(&words(&["make", "make test"]), &words(&["V"]), &words(&["out/*"]));
        let made = made.unwrap();
        assert_eq!(made.phases.len(), 1);
        assert_eq!(made.phases[0].commands, ["make", "make test"]);
        assert_eq!(made.exported_variables, ["V"]);
        assert_eq!(made.artifacts.unwrap().files, ["out/*"]);
        assert_eq!(commands(&words(&["make"]), &[], &[]).unwrap().artifacts, None);
    }

    #[test]
    fn commands_that_cannot_run_are_refused_all_at_once() {
        let refusal = commands(&words(&["a\0b", " "]), &words(&["1x"]), &[]).unwrap_err();
        let paths: Vec<_> = refusal.problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["commands[0]", "commands[1]", "outputVariables[0]"]);
        assert!(commands(&[], &[], &[]).is_err());
        assert!(commands(&vec!["x".to_owned(); 51], &[], &[]).is_err());
        assert!(commands(&vec!["x".to_owned(); 50], &[], &[]).is_ok());
    }
}

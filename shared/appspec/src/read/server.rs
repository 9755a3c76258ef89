//! Reads an appspec for a server.

use std::collections::BTreeMap;

use super::document::{Node, Reader};
use super::permissions;
use crate::{
    EVENT_SECONDS_MAX, FileExistsBehavior, FileMapping, LifecycleEvent, OperatingSystem, Script,
    ServerSpec,
};

pub(super) fn read(reader: &mut Reader, root: &Node<'_>) -> Option<ServerSpec> {
    let known = ["version", "os", "files", "file_exists_behavior", "permissions", "hooks"];
    reader.note_unknown(root, &known);
    read_version(reader, &root.child("version"));
    let os = read_os(reader, &root.child("os"));
    // Paths cannot be judged before it is known whose they are.
    let written_for = os.unwrap_or(OperatingSystem::Linux);
    let files = read_files(reader, &root.child("files"), written_for);
    let file_exists_behavior = read_behavior(reader, &root.child("file_exists_behavior"));
    let permissions = permissions::read(reader, &root.child("permissions"), written_for);
    let hooks = read_hooks(reader, &root.child("hooks"), written_for);
    let notes = std::mem::take(&mut reader.notes);
    Some(ServerSpec { os: os?, files, file_exists_behavior, permissions, hooks, notes })
}

fn read_version(reader: &mut Reader, node: &Node<'_>) {
    if node.number() == Some(0.0) {
        return;
    }
    let fix = "write `version: 0.0`, the only version there is";
    match node.scalar() {
        Some(text) if node.is_text() && text == "0.0" => {
            reader.refuse(&node.path, "is text, and has to be a number", "remove the quotes");
        }
        Some(text) => reader.refuse(&node.path, format!("is {text:?}, not 0.0"), fix),
        None => reader.refuse(&node.path, "is missing", fix),
    }
}

fn read_os(reader: &mut Reader, node: &Node<'_>) -> Option<OperatingSystem> {
    match reader.text(node)?.as_str() {
        "linux" => Some(OperatingSystem::Linux),
        "windows" => Some(OperatingSystem::Windows),
        other => {
            let message = format!("is {other:?}, which CodeDeploy does not know");
            reader.refuse(&node.path, message, "write `linux` or `windows`, in small letters");
            None
        }
    }
}

fn read_behavior(reader: &mut Reader, node: &Node<'_>) -> FileExistsBehavior {
    let Some(text) = reader.optional_text(node) else { return FileExistsBehavior::default() };
    match text.as_str() {
        "DISALLOW" => FileExistsBehavior::Disallow,
        "OVERWRITE" => FileExistsBehavior::Overwrite,
        "RETAIN" => FileExistsBehavior::Retain,
        other => {
            let message = format!("is {other:?}, which CodeDeploy does not know");
            reader.refuse(&node.path, message, "write DISALLOW, OVERWRITE or RETAIN");
            FileExistsBehavior::default()
        }
    }
}

fn read_files(reader: &mut Reader, node: &Node<'_>, os: OperatingSystem) -> Vec<FileMapping> {
    let mut files = Vec::new();
    for item in reader.items(node).unwrap_or_default() {
        if reader.entries(&item).is_none() {
            continue;
        }
        reader.note_unknown(&item, &["source", "destination"]);
        let source = read_revision_path(reader, &item.child("source"), os);
        let destination = read_destination(reader, &item.child("destination"), os);
        if let (Some(source), Some(destination)) = (source, destination) {
            files.push(FileMapping { source, destination });
        }
    }
    files
}

/// Reads a path in the revision. A leading slash means the revision's root.
fn read_revision_path(reader: &mut Reader, node: &Node<'_>, os: OperatingSystem) -> Option<String> {
    let text = reader.text(node)?;
    let normal = normalize(&slashes(&text, os));
    if normal.is_none() {
        let message = format!("is {text:?}, which leaves the revision by `..`");
        reader.refuse(&node.path, message, "name a path inside the revision");
    }
    normal
}

fn read_destination(reader: &mut Reader, node: &Node<'_>, os: OperatingSystem) -> Option<String> {
    let text = reader.text(node)?;
    let (is_absolute, example) = match os {
        OperatingSystem::Linux => (text.starts_with('/'), "/var/www"),
        OperatingSystem::Windows => {
            let starts_at_drive = text.as_bytes().get(1) == Some(&b':');
            (starts_at_drive || text.starts_with('\\'), "c:\\inetpub")
        }
    };
    if !is_absolute {
        let message = format!("is {text:?}, not a fully qualified path");
        reader.refuse(&node.path, message, format!("start it at the root, as in {example}"));
        return None;
    }
    let normal = normalize(&slashes(&text, os));
    if normal.is_none() {
        let message = format!("is {text:?}, which climbs by `..`");
        reader.refuse(&node.path, message, "name the directory itself");
    }
    normal
}

fn slashes(text: &str, os: OperatingSystem) -> String {
    match os {
        OperatingSystem::Linux => text.to_owned(),
        OperatingSystem::Windows => text.replace('\\', "/"),
    }
}

/// Returns the path from the root without `.`, doubled and outer slashes; `None` if it has a `..`.
pub(super) fn normalize(path: &str) -> Option<String> {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => return None,
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

fn read_hooks(
    reader: &mut Reader,
    node: &Node<'_>,
    os: OperatingSystem,
) -> BTreeMap<LifecycleEvent, Vec<Script>> {
    let mut hooks = BTreeMap::new();
    if node.is_absent() {
        return hooks;
    }
    for (name, entry) in reader.entries(node).unwrap_or_default() {
        let event = read_event(reader, &name, &entry);
        let scripts = read_scripts(reader, &entry, os);
        if let Some(event) = event
            && !scripts.is_empty()
        {
            hooks.insert(event, scripts);
        }
    }
    hooks
}

fn read_event(reader: &mut Reader, name: &str, entry: &Node<'_>) -> Option<LifecycleEvent> {
    match LifecycleEvent::named(name) {
        Some(event) if !event.takes_scripts() => {
            let message = "is an event of CodeDeploy's own, which runs no scripts";
            reader.refuse(&entry.path, message, "use the event before or after it");
            None
        }
        Some(event) => {
            if !LifecycleEvent::IN_PLACE.contains(&event) {
                let message = "belongs to a load balancer; without one its scripts do not run";
                reader.note(&entry.path, message);
            }
            Some(event)
        }
        None => {
            let similar = LifecycleEvent::ALL
                .into_iter()
                .find(|event| event.name().eq_ignore_ascii_case(name));
            let fix = match similar {
                Some(event) => format!("write {event}"),
                None => "use one of the events, such as BeforeInstall or AfterInstall".to_owned(),
            };
            reader.refuse(&entry.path, "is not a lifecycle event of a server deployment", fix);
            None
        }
    }
}

fn read_scripts(reader: &mut Reader, entry: &Node<'_>, os: OperatingSystem) -> Vec<Script> {
    if entry.is_absent() {
        reader.refuse(&entry.path, "names no script", "add a `- location:`, or remove the event");
        return Vec::new();
    }
    let mut scripts = Vec::new();
    for item in reader.items(entry).unwrap_or_default() {
        if reader.entries(&item).is_none() {
            continue;
        }
        reader.note_unknown(&item, &["location", "timeout", "runas"]);
        let location = read_revision_path(reader, &item.child("location"), os);
        let timeout_seconds = read_timeout(reader, &item.child("timeout"));
        let runas = reader.optional_text(&item.child("runas"));
        if let Some(location) = location {
            scripts.push(Script { location, timeout_seconds, runas });
        }
    }
    let total: u64 =
        scripts.iter().filter_map(|script| script.timeout_seconds).fold(0, u64::saturating_add);
    if total > EVENT_SECONDS_MAX {
        let message = format!(
            "has timeouts of {total} seconds together; the event ends after {EVENT_SECONDS_MAX}"
        );
        reader.note(&entry.path, message);
    }
    scripts
}

fn read_timeout(reader: &mut Reader, node: &Node<'_>) -> Option<u64> {
    let text = reader.optional_text(node)?;
    let whole = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
    match whole.parse::<u64>() {
        Ok(seconds) if seconds > 0 => Some(seconds),
        Ok(_) | Err(_) => {
            let message = format!("is {text:?}, not a positive number of seconds");
            reader.refuse(&node.path, message, "write for example `timeout: 300`");
            None
        }
    }
}

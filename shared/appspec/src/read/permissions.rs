//! Reads the `permissions` of an appspec for a server.

use super::document::{Node, Reader};
use super::server::normalize;
use crate::{Context, ObjectType, OperatingSystem, Permission};

pub(super) fn read(reader: &mut Reader, node: &Node<'_>, os: OperatingSystem) -> Vec<Permission> {
    let items = reader.items(node).unwrap_or_default();
    if os == OperatingSystem::Windows && !items.is_empty() {
        let message = "are for Linux only, and the appspec is for Windows";
        reader.refuse(&node.path, message, "remove the section");
        return Vec::new();
    }
    items.iter().filter_map(|item| read_permission(reader, item)).collect()
}

fn read_permission(reader: &mut Reader, item: &Node<'_>) -> Option<Permission> {
    reader.entries(item)?;
    let known =
        ["object", "pattern", "except", "owner", "group", "mode", "acls", "context", "type"];
    reader.note_unknown(item, &known);
    let object = read_object(reader, &item.child("object"));
    Some(Permission {
        pattern: reader.optional_text(&item.child("pattern")).unwrap_or_else(|| "**".to_owned()),
        except: reader.texts(&item.child("except")),
        types: read_types(reader, &item.child("type")),
        owner: reader.optional_text(&item.child("owner")),
        group: reader.optional_text(&item.child("group")),
        mode: read_mode(reader, &item.child("mode")),
        acls: read_acls(reader, &item.child("acls")),
        context: read_context(reader, &item.child("context")),
        // Last, so that the other problems are found as well.
        object: object?,
    })
}

/// Reads the object; `None` if it is refused, and if no installed file can be meant by it.
fn read_object(reader: &mut Reader, node: &Node<'_>) -> Option<String> {
    let text = reader.text(node)?;
    if !text.starts_with('/') {
        let message = format!("{text:?} is relative, so no installed file is meant by it");
        reader.note(&node.path, message);
        return None;
    }
    let normal = normalize(&text);
    if normal.is_none() {
        let message = format!("is {text:?}, which climbs by `..`");
        reader.refuse(&node.path, message, "name the file or directory itself");
    }
    normal
}

fn read_acls(reader: &mut Reader, node: &Node<'_>) -> Vec<String> {
    let acls = reader.texts(node);
    if !acls.is_empty() {
        reader.note(&node.path, "access control lists are not applied here");
    }
    acls
}

fn read_types(reader: &mut Reader, node: &Node<'_>) -> Vec<ObjectType> {
    if node.is_absent() {
        return vec![ObjectType::File, ObjectType::Directory];
    }
    let mut types = Vec::new();
    for item in reader.items(node).unwrap_or_default() {
        match reader.text(&item).as_deref() {
            Some("file") => types.push(ObjectType::File),
            Some("directory") => types.push(ObjectType::Directory),
            Some(other) => {
                let message = format!("is {other:?}, which has no permissions");
                reader.refuse(&item.path, message, "write `file` or `directory`");
            }
            None => {}
        }
    }
    types
}

fn read_mode(reader: &mut Reader, node: &Node<'_>) -> Option<u32> {
    let text = reader.optional_text(node)?;
    let is_octal = text.len() <= 4 && text.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    let mode = if is_octal { u32::from_str_radix(&text, 8).ok() } else { None };
    if mode.is_none() {
        let message = format!("is {text:?}, not a mode of one to four octal digits");
        reader.refuse(&node.path, message, "write for example `mode: 644`");
    }
    mode
}

fn read_context(reader: &mut Reader, node: &Node<'_>) -> Option<Context> {
    if node.is_absent() {
        return None;
    }
    reader.entries(node)?;
    reader.note(&node.path, "SELinux labels are not applied here");
    if !node.child("role").is_absent() {
        reader.refuse(node.child("role").path, "is not supported by CodeDeploy", "remove it");
    }
    Some(Context {
        user: reader.optional_text(&node.child("user")),
        label_type: reader.optional_text(&node.child("type")),
        range: reader.optional_text(&node.child("range")),
    })
}

//! The tree that the names of an archive make, and where its links lead.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::name::Name;

/// How many links a path may go through, as on Linux.
const LINKS_FOLLOWED_MAX: u32 = 40;

/// How many parts of paths are followed for all links of an archive together, so that links through
/// links through links cannot keep us busy.
const STEPS_MAX: u64 = 4_000_000;

/// What an entry is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Directory,
    File,
    /// A symbolic link, and where it points.
    Link(String),
}

/// Why the entries of an archive do not make a tree that can be unpacked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// The name at hand is refused.
    Refused(&'static str),
    /// There are more nodes than allowed.
    TooMany,
}

#[derive(Debug)]
enum Node {
    /// A directory, and whether an entry says so or only a name below it.
    Directory {
        has_entry: bool,
    },
    File,
    Link(String),
}

/// Where a node hangs: the index of its parent, and the last part of its name.
type Place = (usize, Rc<str>);

/// All names of an archive, as nodes: the memory it takes is linear in the names' length.
#[derive(Debug)]
pub(super) struct Tree {
    /// Each node, and where it hangs; the root comes first, and a parent before its children.
    nodes: Vec<(Place, Node)>,
    /// Each node but the root, by where it hangs.
    children: BTreeMap<Place, usize>,
    nodes_max: u64,
    steps: u64,
}

const ROOT: usize = 0;

impl Tree {
    /// Returns a tree of the root alone, to which `nodes_max` nodes may be added.
    pub(super) fn new(nodes_max: u64) -> Tree {
        let nodes = vec![((ROOT, Rc::from("")), Node::Directory { has_entry: false })];
        Tree { nodes, children: BTreeMap::new(), nodes_max, steps: 0 }
    }

    /// Adds an entry, with the directories that its name implies.
    pub(super) fn add(&mut self, name: &Name, kind: Kind) -> Result<(), Fault> {
        let mut segments = name.segments().peekable();
        let mut parent = ROOT;
        while let Some(segment) = segments.next() {
            let is_last = segments.peek().is_none();
            let found = self.children.get(&(parent, segment.into())).copied();
            match found {
                Some(node) if is_last => return self.merge(node, &kind),
                Some(node) => {
                    match &self.nodes[node].1 {
                        Node::Directory { has_entry: _ } => {}
                        Node::File => return Err(Fault::Refused("it lies below a file")),
                        Node::Link(_) => return Err(Fault::Refused("it lies below a link")),
                    }
                    parent = node;
                }
                None if is_last => {
                    let node = match kind {
                        Kind::Directory => Node::Directory { has_entry: true },
                        Kind::File => Node::File,
                        Kind::Link(target) => Node::Link(target),
                    };
                    self.push(parent, segment, node)?;
                    return Ok(());
                }
                None => {
                    let implied = Node::Directory { has_entry: false };
                    parent = self.push(parent, segment, implied)?;
                }
            }
        }
        // The root: some writers give it an entry.
        Ok(())
    }

    fn push(&mut self, parent: usize, segment: &str, node: Node) -> Result<usize, Fault> {
        if self.children.len() as u64 >= self.nodes_max {
            return Err(Fault::TooMany);
        }
        let place = (parent, Rc::from(segment));
        self.nodes.push((place.clone(), node));
        self.children.insert(place, self.nodes.len() - 1);
        Ok(self.nodes.len() - 1)
    }

    fn merge(&mut self, node: usize, kind: &Kind) -> Result<(), Fault> {
        match (&mut self.nodes[node].1, kind) {
            (Node::Directory { has_entry: has_entry @ false }, Kind::Directory) => {
                *has_entry = true;
                Ok(())
            }
            (Node::Directory { has_entry: false }, Kind::File | Kind::Link(_)) => {
                Err(Fault::Refused("another entry lies below it, so it must be a directory"))
            }
            (Node::Directory { has_entry: true } | Node::File | Node::Link(_), _) => {
                Err(Fault::Refused("another entry has the same name"))
            }
        }
    }

    /// Checks that the link called `name` leads to a place inside, through whatever links.
    ///
    /// Call this when all entries are added: which way a link leads depends on the others.
    pub(super) fn check_link(&mut self, name: &Name, target: &str) -> Result<(), Fault> {
        let Tree { nodes, children, nodes_max: _, steps } = self;
        let child = |parent: Option<usize>, segment: &str| {
            parent.and_then(|parent| children.get(&(parent, segment.into())).copied())
        };

        // The directories from the root to where we stand; `None` where the archive has no node.
        let mut here = vec![Some(ROOT)];
        let mut segments = name.segments().peekable();
        while let Some(segment) = segments.next()
            && segments.peek().is_some()
        {
            here.push(child(here.last().copied().flatten(), segment));
        }

        let mut links_followed = 1;
        let mut ahead: Vec<&str> = Vec::new();
        look_ahead(target, &mut ahead)?;
        while let Some(segment) = ahead.pop() {
            *steps += 1;
            if *steps > STEPS_MAX {
                return Err(Fault::Refused("the archive's links lead through too many others"));
            }
            if segment.is_empty() || segment == "." {
                continue;
            }
            if segment == ".." {
                here.pop();
                if here.is_empty() {
                    return Err(Fault::Refused("the link leads out of the archive"));
                }
                continue;
            }
            let next = child(here.last().copied().flatten(), segment);
            match next.map(|node| &nodes[node].1) {
                Some(Node::Link(target)) => {
                    links_followed += 1;
                    if links_followed > LINKS_FOLLOWED_MAX {
                        return Err(Fault::Refused(
                            "the link goes in circles, or through more than 40 links",
                        ));
                    }
                    look_ahead(target, &mut ahead)?;
                }
                Some(Node::Directory { has_entry: _ } | Node::File) | None => here.push(next),
            }
        }
        Ok(())
    }

    /// Returns the plain names of all directories but the root, each before those inside it.
    pub(super) fn directories(&self) -> impl Iterator<Item = String> {
        self.nodes.iter().skip(1).filter_map(|(place, node)| match node {
            Node::Directory { has_entry: _ } => Some(self.name_at(place)),
            Node::File | Node::Link(_) => None,
        })
    }

    fn name_at(&self, place: &Place) -> String {
        let mut segments = vec![&*place.1];
        let mut parent = place.0;
        while parent != ROOT {
            let (place, _) = &self.nodes[parent];
            segments.push(&place.1);
            parent = place.0;
        }
        segments.reverse();
        segments.join("/")
    }
}

/// Puts the parts of a link's target in front of what is still ahead.
fn look_ahead<'a>(target: &'a str, ahead: &mut Vec<&'a str>) -> Result<(), Fault> {
    if target.is_empty() || target.contains('\0') {
        return Err(Fault::Refused("the link points at an empty name, or one with a NUL"));
    }
    if target.starts_with('/') {
        return Err(Fault::Refused("the link points at an absolute path"));
    }
    ahead.extend(target.split('/').rev());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(spelled: &str) -> Name {
        Name::parse(spelled).unwrap()
    }

    fn link(target: &str) -> Kind {
        Kind::Link(target.to_owned())
    }

    fn tree(entries: &[(&str, Kind)]) -> Result<Tree, Fault> {
        let mut tree = Tree::new(1000);
        for (spelled, kind) in entries {
            tree.add(&name(spelled), kind.clone())?;
        }
        Ok(tree)
    }

    #[test]
    fn entries_that_cannot_be_one_tree_are_refused_in_either_order() {
        for (one, other) in [
            (("a", Kind::File), ("a", Kind::File)),
            (("a", Kind::File), ("./a", Kind::File)),
            (("a", Kind::File), ("a/b", Kind::File)),
            (("a", Kind::File), ("a/", Kind::Directory)),
            (("a/", Kind::Directory), ("a/", Kind::Directory)),
            (("a", link("b")), ("a/x", Kind::File)),
            (("a", link("b")), ("a", Kind::File)),
            (("a", link("b")), ("a/", Kind::Directory)),
            (("a/b/c", Kind::File), ("a/b", Kind::File)),
            (("a/b/c", Kind::File), ("a", link("x"))),
        ] {
            for pair in [[one.clone(), other.clone()], [other.clone(), one.clone()]] {
                assert!(matches!(tree(&pair), Err(Fault::Refused(_))), "{pair:?}");
            }
        }
    }

    #[test]
    fn directories_may_be_implied_before_or_after_their_entry_and_parents_come_first() {
        let tree = tree(&[
            ("b/c/d", Kind::File),
            ("b/", Kind::Directory),
            ("a/", Kind::Directory),
            ("a/x", Kind::File),
            ("./", Kind::Directory),
            ("A", Kind::File),
        ])
        .unwrap();
        assert_eq!(tree.directories().collect::<Vec<_>>(), ["b", "b/c", "a"]);
    }

    #[test]
    fn implied_directories_count_as_nodes() {
        let mut tree = Tree::new(3);
        assert_eq!(tree.add(&name("a/b/c"), Kind::File), Ok(()));
        assert_eq!(tree.add(&name("d"), Kind::File), Err(Fault::TooMany));
    }

    #[test]
    fn links_inside_are_kept_also_when_nothing_is_there() {
        let mut tree = tree(&[
            ("lib/a.so.1", Kind::File),
            ("lib/a.so", link("a.so.1")),
            ("bin/up", link("..")),
            ("bin/lib", link("../lib")),
            ("here", link(".")),
            ("dangling", link("no/such/../file")),
        ])
        .unwrap();
        for (at, target) in [
            ("lib/a.so", "a.so.1"),
            ("bin/up", ".."),
            ("bin/lib", "../lib"),
            ("bin/x", "lib/../bin/lib/a.so"),
            ("here", "."),
            ("dangling", "no/such/../file"),
        ] {
            assert_eq!(tree.check_link(&name(at), target), Ok(()), "{at} -> {target}");
        }
    }

    #[test]
    fn links_that_leave_are_refused_also_through_chains() {
        let mut tree = tree(&[
            ("a/b/c/", Kind::Directory),
            ("deep", link("a/b/c")),
            ("a/up", link("..")),
            ("round", link("and")),
            ("and", link("round")),
        ])
        .unwrap();
        for (at, target) in [
            ("x", ".."),
            ("x", "../x"),
            ("x", "/etc/passwd"),
            ("x", "//etc/passwd"),
            ("a/x", "../.."),
            ("a/x", "b/../../../etc"),
            ("x", "a/up/.."),
            ("x", "a/up/a/up/../y"),
            ("x", "deep/../../../.."),
            ("x", "missing/../../y"),
            ("x", ""),
            ("x", "a\0b"),
            ("round", "and"),
        ] {
            let answer = tree.check_link(&name(at), target);
            assert!(matches!(answer, Err(Fault::Refused(_))), "{at} -> {target}");
        }
        // The kernel goes to the link's target before it climbs, and so do we.
        assert_eq!(tree.check_link(&name("x"), "deep/../../.."), Ok(()));
    }

    #[test]
    fn links_through_links_cannot_keep_the_checker_busy() {
        let winding = "./".repeat(2000);
        let mut entries = vec![("l0".to_owned(), link(&winding))];
        for index in 1..39 {
            entries.push((format!("l{index}"), link(&format!("{winding}l{}", index - 1))));
        }
        let entries: Vec<_> =
            entries.iter().map(|(name, kind)| (name.as_str(), kind.clone())).collect();
        let mut tree = tree(&entries).unwrap();
        let refused = (0..1000).find_map(|_| tree.check_link(&name("l38"), "l37").err());
        assert_eq!(
            refused,
            Some(Fault::Refused("the archive's links lead through too many others"))
        );
    }
}

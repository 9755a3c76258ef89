//! Words of others stay words, whatever they hold.

use notifications::{Bundle, Message};
use serde_json::Value;

use crate::limits::{check_topic, stretched};
use crate::schema;
use crate::situations::situations;

/// Texts that were made to break something: terminals, mails, markup, chats, parsers, readers.
const HOSTILE: &[&str] = &[
    "<!channel> <!here> <!everyone> <!subteam^S1>",
    "<@U024BE7LH> <#C024BE7LR> @channel @here @everyone",
    "<https://evil.example|https://console.aws.amazon.com>",
    "[click](https://evil.example) ![x](https://evil.example/p.gif)",
    "` `` ``` *bold* _italic_ ~gone~ > quote",
    "line\nSubject: forged\r\nBcc: everyone@example.com\r\n\r\nbody",
    "\u{1b}[2J\u{1b}[1;31mALERT\u{1b}]0;title\u{7}",
    "\u{202e}gnp.exe\u{202c} \u{2066}x\u{2069} \u{200b}\u{feff}\u{ad}",
    "\0\u{1}\u{7f}\u{85}\u{2028}\u{2029}",
    "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    "javascript:alert(1) data:text/html,x file:///etc/passwd",
    "\"}],\"version\":\"2.0\",\"source\":\"aws.health\"",
    "{\"default\":\"x\",\"email\":\"y\"}",
    "'; DROP TABLE executions; -- $(rm -rf ~) `reboot` ${HOME} %s%n",
    "Ω≈ç√∫˜µ≤≥÷ 田中さんにあげて下さい ﷽ Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮ 👾 🙇 🇺🇸",
    "",
    "   ",
    "undefined null NaN -1e309 0x7fffffff",
];

/// Goal: nothing that others wrote is read as ours, in any channel.
///
/// Method: each hostile text takes the place of every text of others in every situation.
#[test]
fn hostile_texts_are_neutralized_in_every_channel() {
    let (custom, blocks) = (schema::custom(), schema::blocks());
    for hostile in HOSTILE {
        for (name, notices) in situations() {
            let replace = |_: &str| (*hostile).to_owned();
            let notices: Vec<_> = notices.into_iter().map(|it| stretched(it, &replace)).collect();
            let message = Bundle { notices }.message();
            let name = format!("{name} with {hostile:?}");
            check_topic(&name, &message);
            schema::check(&name, &message, &custom, &blocks);
            check_words(&name, &message);
        }
    }
}

fn check_words(name: &str, message: &Message) {
    let chat: Value = serde_json::from_str(&message.chat).expect("JSON");
    let slack = message.slack.clone();
    let mut shown = Vec::new();
    texts(&chat["content"], &mut shown);
    texts(&slack, &mut shown);
    for text in shown {
        let forbidden =
            ["<!", "<@", "<#", "<script", "<img", "@channel", "@here", "@everyone", "]("];
        for forbidden in forbidden {
            assert!(!text.contains(forbidden), "{name}: {forbidden} in {text}");
        }
        let is_header = slack["blocks"][0]["text"]["text"] == *text;
        let is_even = text.matches('`').count() % 2 == 0;
        assert!(is_even || is_header, "{name}: a command ends early in {text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{name}: {text:?}");
        assert!(!text.contains('\u{202e}'), "{name}: {text:?}");
        for link in text.split('<').skip(1) {
            assert!(link.starts_with("https://"), "{name}: a link of others in {text}");
            assert!(!link.starts_with("https://evil"), "{name}: {text}");
        }
    }
    assert!(!message.mail.contains('\u{1b}'), "{name}");
    assert!(!message.mail.lines().any(|line| line.starts_with("Bcc:")), "{name}");
}

fn texts<'a>(value: &'a Value, found: &mut Vec<&'a String>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(members) => members.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

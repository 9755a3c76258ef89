//! Spellings of addresses that lead where nobody is to be led, and names that change their mind.

use super::*;

/// Every spelling that leads, or might lead, somewhere else than the public internet over TLS.
const REFUSED: &[&str] = &[
    // Not https.
    "http://example.com/",
    "HTTP://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/_x",
    "dict://example.com:11211/",
    "ldap://example.com/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "ws://example.com/",
    "unix:/var/run/docker.sock",
    "https",
    "https:",
    "https://",
    "https:///",
    "//example.com/",
    "/relative",
    "",
    " ",
    // Credentials.
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://:password@example.com/",
    "https://example.com@169.254.169.254/",
    "https://example.com%40@127.0.0.1/",
    // Loopback, however it is spelled.
    "https://127.0.0.1/",
    "https://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.255.255.254/",
    "https://127.0.0.1./",
    "https://%31%32%37.0.0.1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[0000::0001]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[2002:7f00:1::]/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://x.localhost/",
    "https://loc\u{ad}alhost/",
    "https://ｌｏｃａｌｈｏｓｔ/",
    "https://localhost:443/",
    // Unspecified.
    "https://0/",
    "https://0.0.0.0/",
    "https://0.1.2.3/",
    "https://[::]/",
    "https://[::ffff:0.0.0.0]/",
    // Link-local: the metadata of machines and of containers, and Lambda's own.
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254.:443/",
    "https://169.254.170.2/v2/credentials",
    "https://169.254.100.1/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0xa9.0xfe.0xa9.0xfe/",
    "https://0251.0376.0251.0376/",
    "https://025177524776/",
    "https://169.254.43518/",
    "https://169.16689662/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://[fe80::1]/",
    "https://[febf::1]/",
    "https://[fd00:ec2::254]/",
    "https://metadata/",
    "https://metadata.google.internal/",
    "https://instance-data.ec2.internal/",
    // Private networks.
    "https://10.0.0.1/",
    "https://10.255.255.255/",
    "https://167772161/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.0.1/",
    "https://192.168.1/",
    "https://3232235521/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:192.168.0.1]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[2002:c0a8:1::]/",
    "https://[fc00::1]/",
    "https://[fdff:ffff::1]/",
    "https://[fec0::1]/",
    "https://router.local/",
    "https://build.intranet/",
    "https://db.home.arpa/",
    "https://jenkins/",
    // Shared, reserved, benchmarks, documentation, multicast, broadcast.
    "https://100.64.0.1/",
    "https://100.127.255.255/",
    "https://192.0.0.1/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://198.19.255.255/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://239.255.255.250/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://4294967295/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[2001::1]/",
    "https://[2001:2::1]/",
    "https://[2001:20::1]/",
    "https://[3fff::1]/",
    "https://[100::1]/",
    "https://[5f00::1]/",
    "https://[4000::1]/",
    "https://[64:ff9b:1::1]/",
    "https://[::2]/",
    // No addresses at all.
    "https://exa mple.com/",
    "https://[::1/",
    "https://256.256.256.256/",
    "https://1.2.3.4.5/",
    "https://0x100000000/",
    "https://example.com:99999/",
    "https://xn--/",
];

#[test]
fn no_spelling_leads_anywhere_but_to_the_public_internet() {
    assert!(REFUSED.len() >= 120, "{}", REFUSED.len());
    for text in REFUSED {
        let parsed = Address::parse(text, Reach::Public);
        assert!(parsed.is_err(), "{text} became {parsed:?}");
        assert!(!parsed.expect_err("refused").contains("password@"), "{text}");
    }
}

#[test]
fn public_addresses_are_taken_as_browsers_read_them() {
    for (text, expected) in [
        ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/services/T0/B0/x"),
        ("https://example.com", "https://example.com/"),
        ("HTTPS://EXAMPLE.com:443/a?b#c", "https://example.com/a?b#c"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://0x01010101/", "https://1.1.1.1/"),
        ("https://172.32.0.1/", "https://172.32.0.1/"),
        ("https://100.128.0.1/", "https://100.128.0.1/"),
        ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
        ("https://[::ffff:1.1.1.1]/", "https://[::ffff:101:101]/"),
    ] {
        let address =
            Address::parse(text, Reach::Public).unwrap_or_else(|why| panic!("{text} {why}"));
        assert_eq!(address.reveal(), expected);
    }
}

#[test]
fn tests_may_reach_loopback_and_nothing_else_that_is_private() {
    assert!(Address::parse("http://127.0.0.1:8080/x", Reach::Loopback).is_ok());
    assert!(Address::parse("http://[::1]:8080/x", Reach::Loopback).is_ok());
    for text in
        ["http://10.0.0.1/", "http://169.254.169.254/", "http://[fd00::1]/", "ftp://127.0.0.1/"]
    {
        assert!(Address::parse(text, Reach::Loopback).is_err(), "{text}");
    }
}

#[test]
fn an_address_is_printed_without_its_path() {
    let address = Address::parse("https://hooks.slack.com/services/s3cr3t", Reach::Public);
    assert_eq!(format!("{:?}", address.expect("public")), "Address(https://hooks.slack.com/…)");
}

/// Answers each time with the next of some addresses.
#[derive(Clone, Debug)]
struct Fickle(std::sync::Arc<std::sync::Mutex<Vec<Vec<IpAddr>>>>);

impl ResolveDns for Fickle {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        let next = self.0.lock().expect("no panic").remove(0);
        DnsFuture::ready(Ok(next))
    }
}

fn fickle(answers: &[&[&str]]) -> Guarded<Fickle> {
    let parse = |text: &&str| text.parse().expect("an address");
    let answers = answers.iter().map(|answer| answer.iter().map(parse).collect()).collect();
    Guarded(Reach::Public, Fickle(std::sync::Arc::new(std::sync::Mutex::new(answers))))
}

/// Goal: a name that is public when it is looked at and private when it is used gains nothing.
///
/// Method: what is resolved is what is checked, each time; the connection has no other way to an address.
#[tokio::test]
async fn a_name_that_changes_its_mind_is_refused_each_time_that_it_is_private() {
    let resolver = fickle(&[
        &["1.1.1.1"],
        &["169.254.169.254"],
        &["1.1.1.1", "10.0.0.1"],
        &["::1"],
        &["2606:4700::1"],
    ]);
    let mut allowed = Vec::new();
    for _ in 0..5 {
        allowed.push(resolver.resolve_dns("rebinding.example").await.is_ok());
    }
    assert_eq!(allowed, [true, false, false, false, true]);
}

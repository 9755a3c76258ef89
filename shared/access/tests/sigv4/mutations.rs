//! A signature is good for one request and no other.

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Uri};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::signer::{Payload, Unsent, authorization, set, verified};

const MUTATIONS: usize = 100_000;

/// Goal: no change of a single byte survives. Method: good requests of several kinds, a seeded choice of
/// the part, the place and the new byte; what HTTP itself cannot carry is drawn again.
#[test]
fn a_hundred_thousand_changed_bytes_are_all_refused() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let body = br#"{"name":"my-app","clientRequestToken":"5bb6ee9c-1b0e-4b47-a1c5-9f1d7b0b1f1e"}"#;
    let cbor = b"\xbf\x64name\x66my-app\xff";
    let rpc = "/service/CodePipeline_20150709/operation/GetPipeline";
    let goods = [
        Unsent::post(body).with("x-amz-meta", "two words"),
        Unsent { payload: Payload::Named, ..Unsent::post(body) },
        Unsent { method: "POST", body: cbor, ..Unsent::get(rpc) }
            .with("content-type", "application/cbor"),
        Unsent::get("/bucket/key?list-type=2&prefix=a%2Fb&delimiter=%2F").with("x-amz-acl", "none"),
    ];
    let goods = goods.map(|good| (good.signed(), good));
    for (parts, good) in &goods {
        verified(parts, good.body).expect("the request as it was signed");
    }
    let mut by_part = [0_usize; 7];
    let mut refused = 0;
    while refused < MUTATIONS {
        let (parts, good) = &goods[random.random_range(0..goods.len())];
        let part = random.random_range(0..by_part.len());
        let (mut parts, mut body) = (parts.clone(), good.body.to_vec());
        if mutate(&mut parts, &mut body, part, &mut random).is_none() {
            continue;
        }
        let answer = verified(&parts, &body);
        assert!(answer.is_err(), "part {part} of {good:?} as {parts:?} with {body:?}");
        refused += 1;
        by_part[part] += 1;
    }
    println!("{refused} changed requests refused; by part: {by_part:?}");
    assert!(by_part.iter().all(|count| *count > 1_000), "{by_part:?}");
}

/// Changes one byte of one part; nothing if that cannot be sent, or is still the same request.
fn mutate(parts: &mut Parts, body: &mut [u8], part: usize, random: &mut impl Rng) -> Option<()> {
    match part {
        0 => {
            let method = changed(parts.method.as_str().as_bytes(), random)?;
            parts.method = Method::from_bytes(&method).ok()?;
        }
        1 | 2 => {
            let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
            let place = if part == 1 { 0..path.len() } else { path.len() + 1..usize::MAX };
            let target = if query.is_empty() { path.into() } else { format!("{path}?{query}") };
            let place = place.start..place.end.min(target.len());
            let mut bytes = target.clone().into_bytes();
            let part = changed(bytes.get(place.clone())?, random)?;
            bytes[place].copy_from_slice(&part);
            let uri = Uri::try_from(bytes).ok()?;
            if uri.path_and_query()?.as_str() == target {
                return None;
            }
            parts.uri = uri;
        }
        3 => {
            let name = signed_header(parts, random);
            let renamed =
                HeaderName::from_bytes(&changed(name.as_str().as_bytes(), random)?).ok()?;
            // On the wire, names in capitals are the same names.
            if renamed == name {
                return None;
            }
            let value = parts.headers.remove(&name)?;
            parts.headers.append(renamed, value);
        }
        4 => {
            let name = signed_header(parts, random);
            let value = changed(parts.headers[&name].as_bytes(), random)?;
            parts.headers.insert(name, HeaderValue::from_bytes(&value).ok()?);
        }
        5 => {
            let place = random.random_range(0..body.len().max(1));
            *body.get_mut(place)? ^= random.random_range(1..=255_u8);
        }
        _ => {
            let text = changed(authorization(parts).as_bytes(), random)?;
            set(parts, "authorization", std::str::from_utf8(&text).ok().filter(|t| t.is_ascii())?);
        }
    }
    Some(())
}

fn signed_header(parts: &Parts, random: &mut impl Rng) -> HeaderName {
    let names: Vec<&HeaderName> =
        parts.headers.keys().filter(|name| *name != "authorization").collect();
    names[random.random_range(0..names.len())].clone()
}

fn changed(bytes: &[u8], random: &mut impl Rng) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let place = random.random_range(0..bytes.len().max(1));
    *bytes.get_mut(place)? ^= random.random_range(1..=255_u8);
    let is_sendable = |byte: &u8| (b' '..127).contains(byte);
    bytes.iter().all(is_sendable).then_some(bytes)
}

//! Where a server listens.

use std::net::IpAddr;

use server::{Error, FIRST_PORT, Limits, Server};

async fn bind(address: &str, port: Option<u16>) -> Result<Server, Error> {
    Server::bind(address.parse::<IpAddr>().unwrap(), port, Limits::default()).await
}

#[tokio::test]
async fn no_address_that_others_can_reach_is_listened_on() {
    for address in ["0.0.0.0", "::", "192.168.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"] {
        let error = bind(address, Some(0)).await.unwrap_err();
        assert!(matches!(error, Error::NotLoopback(_)), "{address}");
        assert!(error.to_string().contains("ssh -L"), "{error}");
    }
}

#[tokio::test]
async fn the_port_asked_for_is_taken_or_refused_by_name() {
    let first = bind("127.0.0.1", Some(0)).await.unwrap();
    let port = first.address().port();
    let error = bind("127.0.0.1", Some(port)).await.unwrap_err();
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
    drop(first);
    assert_eq!(bind("127.0.0.1", Some(port)).await.unwrap().address().port(), port);
}

#[tokio::test]
async fn without_a_port_the_first_free_one_is_taken() {
    let (first, second) =
        (bind("127.0.0.1", None).await.unwrap(), bind("127.0.0.1", None).await.unwrap());
    let (first, second) = (first.address().port(), second.address().port());
    assert!(FIRST_PORT <= first && first < second && second < FIRST_PORT + 100, "{first} {second}");
}

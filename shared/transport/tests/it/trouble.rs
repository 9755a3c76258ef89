//! Requests that do not arrive, and what the SDK is told of them.

use std::time::Duration;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use tokio::net::TcpListener;
use transport::{Names, Trust, over_http, over_tls_with};

use crate::server::{GOOD, NAME, Server, ask};

#[tokio::test]
async fn who_is_not_trusted_hears_nothing() {
    let server = Server::secret(GOOD).await;
    let url = format!("https://{NAME}:{}/", server.at.port());
    let error = ask(&server.connector(false), &url).await.unwrap_err();
    assert!(error.is_io(), "{error:?}");
    assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_certificate_is_good_for_its_name_only() {
    let server = Server::secret(GOOD).await;
    let url = format!("https://other.example:{}/", server.at.port());
    let error = ask(&server.connector(true), &url).await.unwrap_err();
    assert!(format!("{error:?}").contains("NotValidForName"), "{error:?}");
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_server_that_breaks_off_may_be_asked_again() {
    let server = Server::plain("HTTP/1.1 200 OK\r\nx-to").await;
    let error = ask(&over_http(), &format!("http://{}/", server.at)).await.unwrap_err();
    assert!(error.is_io(), "{error:?}");
}

#[tokio::test]
async fn where_nobody_listens_may_be_asked_again() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = ask(&over_http(), &format!("http://{free}/")).await.unwrap_err();
    assert!(error.is_io(), "{error:?}");
}

/// Goal: who accepts a connection and never answers the handshake does not hold the request for ever.
#[tokio::test]
async fn a_handshake_that_never_ends_is_late() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let silent = tokio::spawn(async move { listener.accept().await });
    let connector = over_tls_with(Names::OfMachine, Trust::Nobody);
    let error = ask(&connector, &format!("https://{at}/")).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    drop(silent.await);
}

/// Refuses every name.
#[derive(Debug)]
struct Refuses;

impl ResolveDns for Refuses {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Err(ResolveDnsError::new("nowhere that may be reached")))
    }
}

#[tokio::test]
async fn a_name_that_must_not_be_reached_opens_no_connection_and_says_why() {
    let connector = over_tls_with(Names::by(Refuses), Trust::Nobody);
    let asked = ask(&connector, "https://inside.example/");
    let error = tokio::time::timeout(Duration::from_secs(5), asked).await.unwrap().unwrap_err();
    assert!(format!("{error:?}").contains("nowhere that may be reached"), "{error:?}");
}

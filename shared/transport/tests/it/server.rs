//! A server on loopback that answers what it is told to, and counts what comes.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use transport::{Names, Trust, over_tls_with};

/// The only name that the certificate is for.
pub(crate) const NAME: &str = "towpath.example";

/// The server's certificate for [`NAME`], which is its own root and ends in 2126, and its key: who has that can
/// pretend to be somebody who does not exist.
const CERTIFICATE: &str = "\
    MIIBujCCAWCgAwIBAgIUG/Z4AW9RmRYbjWVhE/g3LW1cBWEwCgYIKoZIzj0EAwIwGjEYMBYGA1UEAwwPdG93cGF0aC5leGFtcGxl\
    MCAXDTI2MTEyNjIzMDg0NVoYDzIxMjYxMTAyMjMwODQ1WjAaMRgwFgYDVQQDDA90b3dwYXRoLmV4YW1wbGUwWTATBgcqhkjOPQIB\
    BggqhkjOPQMBBwNCAAQ8YgEErIlyZQgX89AS0ew055JBVGKU86qP9bgRrryTPqGij9E63l4H0h9+5ZXOY0smRcZkLwBb5uu8FZ1B\
    zyhro4GBMH8wHQYDVR0OBBYEFDW9DkLdzI6atqNsmAjizIFl0SbBMB8GA1UdIwQYMBaAFDW9DkLdzI6atqNsmAjizIFl0SbBMBoG\
    A1UdEQQTMBGCD3Rvd3BhdGguZXhhbXBsZTAMBgNVHRMBAf8EAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMAoGCCqGSM49BAMCA0gA\
    MEUCIEfsgoGLENL6Cgu35rGuvGfFbsBfQl0hDJDZUa62KpdiAiEAwWEpzDL3uW/ymSD4PAf+MPx2WzRlvb+jAE4GQozQhto=";
const KEY: &str = "\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdDIJ5ySOICHBjiyA8MVN5I45EMWQcRUkkNYdavr/CZqhRANCAAQ8\
    YgEErIlyZQgX89AS0ew055JBVGKU86qP9bgRrryTPqGij9E63l4H0h9+5ZXOY0smRcZkLwBb5uu8FZ1Bzyhr";

/// An answer that leaves the connection open.
pub(crate) const GOOD: &str = "HTTP/1.1 200 OK\r\nx-told: yes\r\ncontent-length: 4\r\n\r\ngood";

/// Leads every name to loopback.
#[derive(Clone, Copy, Debug)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))
    }
}

/// A server that is there as long as the test.
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    root: CertificateDer<'static>,
    connections: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Listens without TLS. Every request gets this answer.
    pub(crate) async fn plain(answer: &'static str) -> Self {
        Self::serve(answer, |stream| async { Some(stream) }).await
    }

    /// Listens with TLS, under [`NAME`].
    pub(crate) async fn secret(answer: &'static str) -> Self {
        let root = CertificateDer::from(STANDARD.decode(CERTIFICATE).unwrap());
        let key = PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut settings = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![root.clone()], key.into())
            .unwrap();
        // It would speak HTTP/2 with whoever asks for it.
        settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(settings));
        let accept = move |stream| {
            let acceptor = acceptor.clone();
            async move { acceptor.accept(stream).await.ok() }
        };
        Self { root, ..Self::serve(answer, accept).await }
    }

    async fn serve<S, F>(
        answer: &'static str,
        accept: impl Fn(TcpStream) -> F + Send + Sync + 'static,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        F: Future<Output = Option<S>> + Send,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let (connections, heard) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let (counted, hears) = (Arc::clone(&connections), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                if let Some(stream) = accept(stream).await {
                    tokio::spawn(talk(stream, answer, Arc::clone(&hears)));
                }
            }
        });
        Self { at, root: CertificateDer::from(Vec::new()), connections, heard }
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads of the requests that came.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// What carries requests to this server, if it is trusted.
    pub(crate) fn connector(&self, is_trusted: bool) -> SharedHttpConnector {
        let roots = if is_trusted { vec![self.root.clone()] } else { Vec::new() };
        over_tls_with(Names::by(Loopback), Trust::Only(roots))
    }
}

/// Answers one request after another, until the other end goes.
async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &'static str,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let (mut text, mut piece) = (Vec::new(), [0; 1024]);
    loop {
        let Ok(length @ 1..) = stream.read(&mut piece).await else { return };
        text.extend_from_slice(&piece[..length]);
        if !text.ends_with(b"\r\n\r\n") {
            continue;
        }
        heard.lock().unwrap().push(String::from_utf8_lossy(&text).into_owned());
        text.clear();
        let said = stream.write_all(answer.as_bytes()).await;
        if said.is_err() || !answer.contains("content-length") {
            return;
        }
    }
}

/// Asks for an address.
pub(crate) async fn ask(
    connector: &SharedHttpConnector,
    url: &str,
) -> Result<HttpResponse, ConnectorError> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(url).unwrap();
    connector.call(request).await
}

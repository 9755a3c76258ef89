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
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use transport::{Names, Trust, over_tls_with};

/// The only name that the certificate is for.
pub(crate) const NAME: &str = "towpath.example";

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
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut settings = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .unwrap();
        // It would speak HTTP/2 with whoever asks for it.
        settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(settings));
        let accept = move |stream| {
            let acceptor = acceptor.clone();
            async move { acceptor.accept(stream).await.ok() }
        };
        Self { root: cert.der().clone(), ..Self::serve(answer, accept).await }
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

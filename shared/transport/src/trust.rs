//! Whom TLS trusts.

use std::sync::{Arc, OnceLock};

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// Whose certificates are taken.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Nobody's: for what goes without TLS, which need not wait until roots are read.
    Nobody,
    /// Those that this machine's system trusts.
    System,
    /// These roots, and no others.
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// Returns the settings of TLS. A root that cannot be read is left out, as the system's own programs do;
    /// without any, every server is refused, and the error says so.
    pub(crate) fn settings(&self) -> ClientConfig {
        /// The system's roots are a hundred and more, in as many files on some.
        static SYSTEM: OnceLock<ClientConfig> = OnceLock::new();
        match self {
            Self::System => SYSTEM.get_or_init(|| self.read()).clone(),
            Self::Nobody | Self::Only(_) => self.read(),
        }
    }

    fn read(&self) -> ClientConfig {
        let roots = self.roots();
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows every version that rustls does")
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        match self {
            Self::Nobody => {}
            Self::Only(certificates) => {
                roots.add_parsable_certificates(certificates.iter().cloned());
            }
            Self::System => {
                let found = rustls_native_certs::load_native_certs();
                for error in &found.errors {
                    tracing::warn!(%error, "a root of trust could not be read");
                }
                let (taken, left_out) = roots.add_parsable_certificates(found.certs);
                tracing::debug!(taken, left_out, "roots of trust");
            }
        }
        roots
    }
}

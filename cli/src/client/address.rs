//! The address of a deployment's API.

/// How an address is to be written.
const FIX: &str = "write it as the deployment's output ApiEndpoint or ApiIamEndpoint, https://….lambda-url.REGION.on.aws";

/// Where a deployment's API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// `https`, or `http` on this machine.
    scheme: String,
    /// The host, with its port if it has one: the deployment knows itself by it.
    pub(crate) host: String,
}

impl Address {
    /// Reads an address, of which somebody said that it is one.
    pub(crate) fn read(url: &str, said_by: &str) -> Result<Self, String> {
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| format!("{url} ({said_by}) is no address; {FIX}"))?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_letter) {
            return Err(format!("{url} ({said_by}) names no host; {FIX}"));
        }
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let is_here = ["127.0.0.1", "localhost", "[::1]"].contains(&name);
        if scheme != "https" && !(scheme == "http" && is_here) {
            let reason = "what is sent there is as good as your identity for 15 minutes";
            return Err(format!("{url} ({said_by}) is not https, and {reason}; {FIX}"));
        }
        Ok(Self { scheme: scheme.to_owned(), host })
    }

    /// Returns it without a path.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }

    /// Returns the Region that a function URL tells.
    pub(crate) fn region(&self) -> Option<String> {
        let rest = self.host.split_once(".lambda-url.")?.1;
        rest.split('.').next().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_where_nobody_else_can_listen() {
        let url = "https://Abc.lambda-url.eu-north-1.on.aws/";
        let address = Address::read(url, "--endpoint").unwrap();
        assert_eq!(address.url(), "https://abc.lambda-url.eu-north-1.on.aws");
        assert_eq!(address.region().as_deref(), Some("eu-north-1"));
        let here = Address::read("http://127.0.0.1:7477/x", "--endpoint").unwrap();
        assert_eq!(here.host, "127.0.0.1:7477");
        assert_eq!(Address::read("https://towpath.example", "").unwrap().region(), None);
        for url in [
            "towpath.example",
            "http://towpath.example",
            "http://127.0.0.1.evil.example",
            "https://user@evil.example",
            "https:///x",
            "ftp://127.0.0.1",
        ] {
            let message = Address::read(url, "--endpoint").unwrap_err();
            assert!(message.contains("write it as") && message.contains("--endpoint"), "{url}");
        }
    }
}

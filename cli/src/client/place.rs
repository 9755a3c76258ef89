//! Where the server is.

use std::io;
use std::path::{Path, PathBuf};

use aws_sdk_codepipeline::config::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use serde::Deserialize;

use crate::arguments::client::Connection;
use crate::client::deployed::{self, Named};
use crate::client::door::Door;
use crate::client::keys::{self, Key};
use crate::client::{profile, wire};
use crate::ending::Ending;

/// The file that `towpath up` writes to its data directory.
const SERVER_FILE: &str = "server.json";

/// The variable that points every client of CodePipeline somewhere else.
pub(crate) const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_CODEPIPELINE";

/// The Region of requests where nothing says another.
pub(super) const REGION: &str = "us-east-1";

/// Where the server is, and the key it is asked with.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its address.
    pub(crate) endpoint: String,
    /// Who said so.
    pub(crate) said_by: String,
    /// The Region that requests are signed for.
    pub(crate) region: String,
    /// The key that says who asks.
    pub(crate) key: Key,
    /// Who checks it.
    pub(crate) door: Door,
    /// What requests are signed with: that key, or what was given for it.
    pub(crate) keys: SharedCredentialsProvider,
    /// The way there.
    pub(crate) connector: SharedHttpConnector,
}

/// What `towpath up` says of itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ServerFile {
    /// Its address.
    endpoint: String,
    /// The file that holds a key.
    pub(crate) credentials: Option<PathBuf>,
    /// The Region of its names.
    region: Option<String>,
    /// Its process.
    pid: Option<i64>,
}

/// The environment, as a value.
pub(crate) type Environment<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// Returns the value of a variable of the environment, unless it is empty.
#[expect(clippy::disallowed_methods, reason = "the client's only look at the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Finds the server, or says how to get one.
pub(crate) async fn find(connection: &Connection) -> Result<Place, Ending> {
    find_with(connection, &variable).await
}

/// Finds the server with the environment as a value.
pub(crate) async fn find_with(
    connection: &Connection,
    variable: Environment<'_>,
) -> Result<Place, Ending> {
    if let Some(stack) = &connection.stack {
        return deployed::of_stack(stack, connection, variable).await;
    }
    let path = connection.data.join(SERVER_FILE);
    let file = read(&path).map_err(Ending::BadInput)?;
    let named = connection.endpoint.clone().map(|endpoint| (endpoint, "--endpoint".to_owned()));
    let named = named.or_else(|| {
        let endpoint = variable(ENDPOINT_VARIABLE)?;
        Some((endpoint, ENDPOINT_VARIABLE.to_owned()))
    });
    let named = match named {
        Some(named) => Some(named),
        None => of_configuration(connection, variable).await.map_err(Ending::BadInput)?,
    };
    let written = file.as_ref().map(|file| (file.endpoint.clone(), writer(&path, file)));
    let (endpoint, said_by) = named.or(written).ok_or_else(|| Ending::BadInput(absent(&path)))?;
    if endpoint.starts_with("https://") {
        let named = Named { url: endpoint, said_by, door: None };
        return deployed::at(&named, connection, variable).await;
    }
    check(&endpoint, &said_by).map_err(Ending::BadInput)?;
    let of_file = file.as_ref().and_then(|file| file.region.clone());
    let of_environment = || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = connection.region.clone().or_else(of_environment).or(of_file);
    let region = region.unwrap_or_else(|| REGION.to_owned());
    let key = keys::find(file.as_ref(), &connection.data, &of_profile(connection, variable)).await;
    let key = key.map_err(Ending::BadInput)?;
    let keys = SharedCredentialsProvider::new(key.credentials.clone());
    let connector = wire::connector(&endpoint);
    Ok(Place { endpoint, said_by, region, key, door: Door::Own, keys, connector })
}

/// Returns the address that a profile names, and whose it is. Nobody's profile names none.
async fn of_configuration(
    connection: &Connection,
    variable: Environment<'_>,
) -> Result<Option<(String, String)>, String> {
    let Some(name) = connection.profile.clone().or_else(|| variable("AWS_PROFILE")) else {
        return Ok(None);
    };
    let endpoint = profile::read(&name, variable).await?.endpoint;
    Ok(endpoint.map(|endpoint| (endpoint, format!("profile {name}"))))
}

/// Looks at the environment as if it named the profile that was typed.
fn of_profile(
    connection: &Connection,
    variable: Environment<'_>,
) -> impl Fn(&str) -> Option<String> {
    move |name| match (&connection.profile, name) {
        (Some(_), "AWS_ACCESS_KEY_ID") => None,
        (Some(profile), "AWS_PROFILE") => Some(profile.clone()),
        (Some(_) | None, name) => variable(name),
    }
}

fn read(path: &Path) -> Result<Option<ServerFile>, String> {
    let shown = path.display();
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            format!("{shown} is not what `towpath up` writes ({error}); start it again")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

fn writer(path: &Path, file: &ServerFile) -> String {
    match file.pid {
        Some(pid) => format!("{}, written by process {pid}", path.display()),
        None => path.display().to_string(),
    }
}

fn absent(path: &Path) -> String {
    format!(
        "no server is known: there is no {}\n  start one with `towpath up`, or name one: --endpoint URL, \
         {ENDPOINT_VARIABLE}, --stack NAME for a deployment in AWS, or --data DIR for the data directory of \
         one that runs",
        path.display()
    )
}

fn check(endpoint: &str, said_by: &str) -> Result<(), String> {
    if endpoint.starts_with("http://") && !endpoint.contains(".lambda-url.") {
        return Ok(());
    }
    let fix = "write it as `towpath up` prints it, http://127.0.0.1:PORT, or as the output ApiIamEndpoint \
               of a deployment in AWS, https://….lambda-url.REGION.on.aws";
    if endpoint.starts_with("http://") {
        return Err(format!(
            "{endpoint} ({said_by}) is a deployment's, and is asked over https only"
        ));
    }
    Err(format!("{endpoint} ({said_by}) is no address that can be used; {fix}"))
}

#[cfg(test)]
impl Place {
    /// Returns a server behind a door.
    pub(crate) fn example(endpoint: &str, door: Door) -> Self {
        let credentials =
            aws_sdk_codepipeline::config::Credentials::new("A", "b", None, None, "test");
        Self {
            endpoint: endpoint.to_owned(),
            said_by: "--endpoint".to_owned(),
            region: "us-east-1".to_owned(),
            keys: SharedCredentialsProvider::new(credentials.clone()),
            key: Key { credentials, origin: "AWS_PROFILE=other".to_owned() },
            door,
            connector: wire::connector("http://127.0.0.1:1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds a server from the data directory, an option and an environment.
    fn found(
        file: Option<&str>,
        endpoint: Option<&str>,
        environment: &[(&str, &str)],
    ) -> Result<(String, String, String), String> {
        let directory = tempfile::tempdir().unwrap();
        if let Some(text) = file {
            std::fs::write(directory.path().join(SERVER_FILE), text).unwrap();
        }
        let key = "[towpath]\naws_access_key_id = AKID\naws_secret_access_key = secret\n";
        std::fs::write(directory.path().join("credentials"), key).unwrap();
        let endpoint = endpoint.map(str::to_owned);
        let data = directory.path().to_owned();
        let connection = Connection { endpoint, data, stack: None, region: None, profile: None };
        let variable = |name: &str| {
            let found = environment.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let place = runtime.block_on(find_with(&connection, &variable));
        let here = directory.path().display().to_string();
        let place = place.map_err(|ending| {
            let Ending::BadInput(message) = ending else { panic!("{ending:?}") };
            message.replace(&here, "DIR")
        })?;
        Ok((place.endpoint, place.said_by.replace(&here, "DIR"), place.region))
    }

    const FILE: &str = r#"{"endpoint":"http://127.0.0.1:1","credentials":"credentials","region":"eu-west-1","pid":7}"#;

    #[test]
    fn an_option_goes_before_the_environment_and_that_before_the_data_directory() {
        let environment = [(ENDPOINT_VARIABLE, "http://127.0.0.1:2")];
        let (endpoint, said_by, _) =
            found(Some(FILE), Some("http://127.0.0.1:3"), &environment).unwrap();
        assert_eq!((endpoint.as_str(), said_by.as_str()), ("http://127.0.0.1:3", "--endpoint"));
        let (endpoint, said_by, region) = found(Some(FILE), None, &environment).unwrap();
        assert_eq!(
            (endpoint.as_str(), said_by.as_str()),
            ("http://127.0.0.1:2", ENDPOINT_VARIABLE)
        );
        assert_eq!(region, "eu-west-1");
        let (endpoint, said_by, region) =
            found(Some(FILE), None, &[("AWS_REGION", "eu-north-1")]).unwrap();
        assert_eq!(endpoint, "http://127.0.0.1:1");
        assert_eq!(said_by, "DIR/server.json, written by process 7");
        assert_eq!(region, "eu-north-1");
    }

    #[test]
    fn without_a_server_the_answer_says_how_to_get_one() {
        let message = found(None, None, &[]).unwrap_err();
        assert!(message.contains("there is no DIR/server.json"), "{message}");
        assert!(message.contains("`towpath up`"), "{message}");
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_with_who_said_it() {
        let message = found(Some(FILE), Some("https://user@example.invalid"), &[]).unwrap_err();
        assert!(message.contains("--endpoint") && message.contains("names no host"), "{message}");
        let message = found(Some(FILE), None, &[(ENDPOINT_VARIABLE, "here")]).unwrap_err();
        assert!(message.contains(ENDPOINT_VARIABLE), "{message}");
        let message = found(Some("{"), None, &[]).unwrap_err();
        assert!(message.contains("DIR/server.json is not what"), "{message}");
    }
}

//! The question goes out, and keys come back.

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use crate::client::address::Address;
use crate::client::door::Door;
use crate::client::wire;
use crate::ending::Ending;

/// Sends the question to a deployment, and returns the keys as AWS's clients take them.
pub(super) async fn exchange(
    address: &Address,
    connector: &SharedHttpConnector,
    region: &str,
    query: &str,
    nonce: &str,
) -> Result<String, Ending> {
    let failed =
        |what: &str| Ending::Failed(Some(format!("{} gave no keys: {what}", address.url())));
    let body =
        json!({ "region": region, "query": query, "audience": address.host, "nonce": nonce });
    let request = request(address, body.to_string()).map_err(|error| failed(&error))?;
    let answer = wire::send(connector, request).await.map_err(|error| failed(&error))?;
    let told: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if !(200..300).contains(&answer.status) {
        if Door::of(&answer) == Some(Door::Aws) {
            return Err(failed(
                "AWS lets in there whom IAM lets in, and nobody else; keys are given at the output \
                 ApiEndpoint, and the output ApiIamEndpoint needs none",
            ));
        }
        let said = told["message"].as_str().unwrap_or("it is no deployment of Towpath");
        return Err(failed(said));
    }
    let members = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"];
    if told["Version"] != 1 || members.iter().any(|name| !told[*name].is_string()) {
        return Err(failed("what it answered are no keys"));
    }
    Ok(told.to_string())
}

fn request(address: &Address, body: String) -> Result<HttpRequest, String> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").map_err(|error| error.to_string())?;
    request.set_uri(format!("{}/token", address.url())).map_err(|error| error.to_string())?;
    for (name, value) in [("host", address.host.as_str()), ("content-type", "application/json")] {
        let set = request.headers_mut().try_insert(name, value.to_owned());
        set.map_err(|error| error.to_string())?;
    }
    Ok(request)
}

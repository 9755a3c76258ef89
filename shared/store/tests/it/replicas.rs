//! Reads that any replica may answer, over one that does not hear of the newest rows for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use engine::state::RunKey;
use serde_json::Value;
use store::{Live, Store};

use crate::world::{World, execution, log, ordinary, three_stages_four_actions};

/// Answers reads that need not be strong without the rows of these numbers and later, and counts both kinds.
#[derive(Clone, Debug)]
struct Lagging {
    inner: SharedHttpClient,
    hidden_from: Arc<AtomicU64>,
    weak: Arc<AtomicU64>,
    strong: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
struct Way(Lagging, SharedHttpConnector);

impl HttpClient for Lagging {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Way(self.clone(), inner))
    }
}

impl HttpConnector for Way {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self(lagging, inner) = self.clone();
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let is_strong = asked["ConsistentRead"] == Value::Bool(true);
        let hidden_from = lagging.hidden_from.load(Ordering::SeqCst);
        let request = if is_strong { request } else { as_known(request, asked, hidden_from) };
        HttpConnectorFuture::new(async move {
            let answer = inner.call(request).await?;
            let count = if is_strong { &lagging.strong } else { &lagging.weak };
            count.fetch_add(1, Ordering::SeqCst);
            if is_strong {
                return Ok(answer);
            }
            let mut told: Value = serde_json::from_slice(answer.body().bytes().unwrap()).unwrap();
            let is_known = |item: &Value| number_of(item).is_none_or(|it| it < hidden_from);
            if !is_known(&told["Item"]) {
                told.as_object_mut().unwrap().remove("Item");
            }
            let mut lagged = HttpResponse::new(answer.status(), SdkBody::from(told.to_string()));
            lagged.headers_mut().insert("content-type", "application/x-amz-json-1.0");
            Ok(lagged)
        })
    }
}

/// Ends a query's range before what is hidden, as if it were not there: a limit is then filled with older rows.
fn as_known(request: HttpRequest, mut asked: Value, hidden_from: u64) -> HttpRequest {
    let Some(to) = asked["ExpressionAttributeValues"][":to"]["S"].as_str() else { return request };
    let last = format!("LOG#{:012}", hidden_from.saturating_sub(1).min(999_999_999_999));
    let last = last.min(to.to_owned());
    asked["ExpressionAttributeValues"][":to"]["S"] = Value::String(last);
    let mut known = HttpRequest::new(SdkBody::from(asked.to_string()));
    known.set_method(request.method()).unwrap();
    known.set_uri(request.uri()).unwrap();
    for (name, value) in request.headers() {
        known.headers_mut().insert(name.to_owned(), value.to_owned());
    }
    known
}

/// Returns the number of a record; a row that is watched counts as the newest.
fn number_of(item: &Value) -> Option<u64> {
    if item["PK"]["S"].as_str()?.starts_with("LIVE#") {
        return Some(u64::MAX - 1);
    }
    item["SK"]["S"].as_str()?.strip_prefix("LOG#")?.parse().ok()
}

impl Lagging {
    fn before(client: &Client, hidden_from: u64) -> (Self, Store) {
        let inner = client.config().http_client().unwrap();
        let hidden_from = Arc::new(AtomicU64::new(hidden_from));
        let lagging = Self { inner, hidden_from, weak: Arc::default(), strong: Arc::default() };
        let config = client.config().to_builder().http_client(lagging.clone()).build();
        (lagging, Store::new(Client::from_conf(config), "towpath"))
    }

    /// Returns how many reads any replica answered, and how many the newest one, since the last look.
    fn counted(&self) -> (u64, u64) {
        (self.weak.swap(0, Ordering::SeqCst), self.strong.swap(0, Ordering::SeqCst))
    }
}

/// Goal: a record that is there is found, whatever a replica knows of it; and where it knows it, for half the price.
#[tokio::test]
async fn a_record_is_found_whatever_the_replica_that_is_asked_knows() {
    let world = World::new().await;
    let web = log("web");
    let defined = world.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    assert_eq!(defined.record().sequence, 1);
    let first = world.start(&web, 1).await;
    world.finish(&web, first, ordinary, |_| {}).await;
    let newest = world.store.load(&web).await.unwrap().state.sequence;
    for hidden_from in [newest + 1, newest, 3, 1] {
        for sequence in 1..=newest {
            let (lagging, store) = Lagging::before(&world.embedded.client(), hidden_from);
            let found = store.record(&web, sequence).await.unwrap().expect("it is there");
            assert_eq!(found.sequence, sequence);
            let strong = u64::from(sequence >= hidden_from);
            assert_eq!(lagging.counted(), (1, strong), "{sequence} hidden from {hidden_from}");
            for limit in [1, 2, 100] {
                let records = store.records_until(&web, sequence, limit).await.unwrap();
                let numbers: Vec<u64> = records.iter().map(|record| record.sequence).collect();
                let expected: Vec<u64> =
                    (1..=sequence).rev().take(usize::try_from(limit).unwrap()).collect();
                assert_eq!(numbers, expected, "{limit} hidden from {hidden_from}");
                assert_eq!(lagging.counted(), (1, strong));
            }
        }
        let (_, store) = Lagging::before(&world.embedded.client(), hidden_from);
        assert_eq!(store.record(&web, newest + 1).await.unwrap(), None);
        assert_eq!(store.load(&web).await.unwrap().state.sequence, newest, "a head is strong");
    }
}

/// What was noted just now may be missing, and is then said not to be noted; nothing else is made of it.
#[tokio::test]
async fn an_id_that_a_replica_does_not_know_is_not_noted_yet() {
    let world = World::new().await;
    let live = Live::new(&"web".into(), execution(1), 1);
    world.store.put_live(&live).await.unwrap();
    let (stage, action) = ("Build".into(), "Compile".into());
    let run = RunKey { execution: execution(1), stage, action, attempt: 1 };
    world.store.note_external(&live.pipeline, &run, "web:1").await.unwrap();
    for (hidden_from, expected) in [(u64::MAX, Some("web:1")), (1, None)] {
        let (lagging, store) = Lagging::before(&world.embedded.client(), hidden_from);
        let noted = store.external_noted(&live.pipeline, &run).await.unwrap();
        assert_eq!(noted.as_deref(), expected);
        assert_eq!(lagging.counted(), (1, 0));
        let watched = store.live(&live.pipeline, execution(1), 1).await.unwrap().expect("watched");
        assert_eq!(watched.external_ids.values().next().map(String::as_str), Some("web:1"));
    }
}

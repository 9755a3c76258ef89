//! Links where each execution has a log of its own (R26).

use serde_json::json;

use crate::approvals::{bring, links, waiting};
use crate::world::{World, event, fault};

async fn send(world: &World, path: &str, token: &str, number: &str) -> gateway::Reply {
    let body = json!({"token": token, "answer": {"status": "Approved", "number": number}});
    let kind = [("content-type".to_owned(), "application/json".to_owned())];
    world.knock(event("POST", path, kind, &body.to_string())).await
}

#[tokio::test]
async fn each_execution_has_links_of_its_own() {
    let world = waiting("PARALLEL").await;
    world.ok("StartPipelineExecution", json!({"name": "web"})).await;
    bring(&world).await;
    let links = world
        .until(async |world: &World| {
            let links = links(world, "web", "Release").await;
            (links.len() == 2).then_some(links)
        })
        .await;
    let [(newer, newer_token), (older, older_token)] = links.as_slice() else {
        panic!("{links:?}")
    };
    assert_ne!(newer_token, older_token);
    let crossed = send(&world, newer, older_token, "2").await;
    assert_eq!(fault(&crossed).0, "InvalidApprovalTokenException");
    let wrong = send(&world, newer, newer_token, "1").await;
    assert_eq!(fault(&wrong).0, "ValidationException");
    assert_eq!(send(&world, newer, newer_token, "2").await.status_code, 200);
    let again = send(&world, newer, newer_token, "2").await;
    assert_eq!(fault(&again).0, "ApprovalAlreadyCompletedException");
    assert_eq!(send(&world, older, older_token, "1").await.status_code, 200);
}

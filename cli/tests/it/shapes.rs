//! Pipelines of other shapes: queues, executions side by side, buckets and functions.

use serde_json::json;

use crate::world::{World, action, build, pipeline, stage};

#[test]
fn an_object_of_a_bucket_goes_through_a_function_into_a_bucket() {
    let world = World::new("true");
    let mut declared = pipeline(
        "SUPERSEDED",
        &[
            stage(
                "Check",
                &[action(
                    "Look",
                    "Invoke/AWS/Lambda",
                    &json!({ "FunctionName": "look", "UserParameters": "#{Source.CommitId}" }),
                    &json!({ "inputArtifacts": [{ "name": "Object" }], "namespace": "Look" }),
                )],
            ),
            stage(
                "Store",
                &[action(
                    "Copy",
                    "Deploy/AWS/S3",
                    &json!({ "BucketName": "shelf", "Extract": "false", "ObjectKey": "#{Look.Name}.zip" }),
                    &json!({ "inputArtifacts": [{ "name": "Object" }] }),
                )],
            ),
        ],
    );
    let object = action(
        "Object",
        "Source/AWS/S3",
        &json!({ "S3Bucket": "drop", "S3ObjectKey": "site.zip", "PollForSourceChanges": "false" }),
        &json!({ "outputArtifacts": [{ "name": "Object" }] }),
    );
    declared["stages"][0]["actions"].as_array_mut().unwrap().push(object);
    world.pipeline("web.json", &declared);
    world.git(&["archive", "--format=zip", "--output=../site.zip", "HEAD"]);
    world.write("drop/site.zip", std::fs::read(world.path("site.zip")).unwrap());
    world.write("look.sh", "printf '{\"outputVariables\":{\"Name\":\"kept\"}}'");
    std::fs::create_dir(world.path("shelf")).unwrap();
    let mut command = world.command(
        "run web.json --repository app=app --bucket drop=drop --bucket shelf=shelf \
         --data data --once",
    );
    command.arg("--function").arg(format!("look=sh {}", world.path("look.sh").display()));
    world.finish(command.spawn().unwrap()).expect(0);
    let kept = std::fs::read(world.path("shelf/kept.zip")).unwrap();
    assert_eq!(kept, std::fs::read(world.path("site.zip")).unwrap());
}

#[test]
fn executions_of_a_parallel_pipeline_have_events_and_endings_of_their_own() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("PARALLEL", &[build()]));
    let run = "run web.json --repository app=app --data data --once --json";
    for number in 1..=2 {
        let lines = world.towpath(run).expect(0).json();
        let last = lines.iter().rfind(|line| line["change"] == "succeeded").unwrap();
        assert_eq!(last["number"], number);
    }
}

"""Custom and third-party actions, done by job workers written with boto3 (contract §6)."""

import sys
import uuid

import declarations
import job_race
import repository
import server
import worker
from report import Report, until
from wires import JSON, Wire

TYPE = {"category": "Test", "owner": "Custom", "provider": "Jenkins", "version": "1"}
PARTNER_TYPE = {"category": "Test", "owner": "ThirdParty", "provider": "Towline", "version": "1"}
CLIENT_TOKEN = "a token that the partner keeps"
FAILURES = [
    "JobFailed",
    "ConfigurationError",
    "PermissionError",
    "RevisionOutOfSync",
    "RevisionUnavailable",
    "SystemUnavailable",
]


class Jobs:
    """One server, two workers with keys of their own, and somebody who looks on."""

    def __init__(self, running, place, report):
        self.running, self.place, self.report = running, place, report
        self.seen = worker.keep_answers()
        self.client = worker.client_for(running, seen=self.seen)
        self.keys = [running.add_key(name, "JobWorker") for name in ("first-worker", "second-worker")]
        self.first, self.second = (worker.Worker(running, TYPE, keys) for keys in self.keys)
        self.secret = f"canary-{uuid.uuid4().hex}"

    def all(self):
        """Returns the stories in order."""
        return [
            self.a_job_is_found_by_its_query_and_taken_by_nonce,
            self.artifacts_move_with_the_jobs_credentials_only,
            self.a_result_is_seen_downstream,
            self.a_continuation_goes_on_as_another_job,
            self.each_kind_of_failure_is_told,
            self.an_abandoned_job_is_not_accepted,
            self.an_output_that_nobody_uploaded_fails_the_action,
            self.variables_have_a_size,
            self.two_workers_race_for_200_jobs,
            self.a_partners_worker_needs_its_token,
            self.the_secret_reaches_nobody_else,
        ]

    def action(self, name, project, **more):
        configuration = {"ProjectName": project, "Password": self.secret}
        return declarations.action(name, "Test", "Jenkins", configuration, "Custom", **more)

    def create(self, name, *actions, more=()):
        stages = ({"name": "Work", "actions": list(actions)}, *more)
        self.client.create_pipeline(pipeline=declarations.pipeline(name, *stages))

    def state_of(self, pipeline, stage="Work"):
        """Returns how the actions of a stage are, by their names."""
        states = self.client.get_pipeline_state(name=pipeline)["stageStates"]
        found = next(one for one in states if one["stageName"] == stage)
        return {
            one["actionName"]: one.get("latestExecution", {}) | {"entityUrl": one.get("entityUrl")}
            for one in found["actionStates"]
        }

    def ends(self, pipeline, status):
        def look():
            found = self.client.list_pipeline_executions(pipelineName=pipeline)["pipelineExecutionSummaries"]
            return found and found[0]["status"] not in ("InProgress", "Stopping") and found[0]

        found = until(f"{pipeline} ends", look)
        self.report.check(found["status"] == status, f"{pipeline} ends {status}", found)
        return found

    def check(self, found, expected, sentence):
        self.report.check(found == expected, sentence, {"found": found, "expected": expected})

    def a_job_is_found_by_its_query_and_taken_by_nonce(self):
        build = declarations.build()
        build["actions"][0] |= {"inputArtifacts": [{"name": "Tested"}]}
        build["actions"][0]["configuration"]["EnvironmentVariables"] = '[{"name":"DEPTH","value":"#{Jenkins.Depth}"}]'
        tested = self.action("Test", "main", inputs=["Code"], outputs=["Tested"], namespace="Jenkins")
        self.create("made", tested, more=[build, declarations.deploy()])
        first, second = self.first, self.second
        self.check(
            worker.code_of(first.client.poll_for_jobs, actionTypeId=TYPE),
            "ValidationException",
            "a type with a queryable property wants queryParam (J4)",
        )
        other = {**TYPE, "provider": "Nobody"}
        self.check(
            worker.code_of(first.client.poll_for_jobs, actionTypeId=other),
            "ActionTypeNotFoundException",
            "a type that does not exist has no jobs",
        )
        owner = {**TYPE, "owner": "AWS"}
        self.check(
            worker.code_of(first.client.poll_for_jobs, actionTypeId=owner),
            "ValidationException",
            "only custom types have jobs to poll for",
        )
        job = self.job = first.wait("main")
        self.check(first.poll("another-project"), [], "a job of another project is not found")
        self.check(second.poll("main"), [], "a job that was told to one worker is not told to another (J7)")
        configuration = job["data"]["actionConfiguration"]["configuration"]
        self.check(configuration, {"ProjectName": "main", "Password": self.secret}, "the job brings the secret")
        context = job["data"]["pipelineContext"]
        self.check(
            (context["pipelineName"], context["stage"]["name"], context["action"]["name"]),
            ("made", "Work", "Test"),
            "the job says what it belongs to (J5)",
        )
        wrong = worker.code_of(first.client.acknowledge_job, jobId=job["id"], nonce="0")
        self.check(wrong, "InvalidNonceException", "a wrong nonce takes nothing")
        taken = first.client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])["status"]
        self.check(taken, "InProgress", "the right nonce takes the job")
        code = worker.code_of(second.client.acknowledge_job, jobId=job["id"], nonce=job["nonce"])
        self.check(code, "InvalidNonceException", "another worker cannot take it with the same nonce")
        again = first.client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])["status"]
        self.check(again, "InProgress", "taking it again answers the same")
        refused = worker.code_of(second.client.put_job_success_result, jobId=job["id"])
        self.report.check(
            refused in ("InvalidJobStateException", "AccessDeniedException"), "another worker cannot report it", refused
        )
        data = second.client.get_job_details(jobId=job["id"])["jobDetails"]["data"]
        shown = set(data["actionConfiguration"]["configuration"]["Password"])
        self.check(
            (shown, "artifactCredentials" in data),
            ({"*"}, False),
            "another worker sees neither secrets nor credentials",
        )

    def artifacts_move_with_the_jobs_credentials_only(self):
        data = self.first.client.get_job_details(jobId=self.job["id"])["jobDetails"]["data"]
        artifacts = self.first.artifacts(data)
        source, target = worker.place_of(data["inputArtifacts"][0]), worker.place_of(data["outputArtifacts"][0])
        files = worker.unzipped(artifacts.get_object(**source)["Body"].read())
        self.check(files["VERSION"], "1\n", "the input artifact is the commit's files")
        denied = {
            "another key cannot be read": (artifacts.get_object, {**source, "Key": source["Key"] + "x"}),
            "another bucket cannot be read": (artifacts.get_object, {**source, "Bucket": "another-bucket"}),
            "another key cannot be written": (artifacts.put_object, {**target, "Key": "made/x/y", "Body": b"x"}),
            "the input cannot be written": (artifacts.put_object, {**source, "Body": b"x"}),
            "the bucket cannot be listed": (artifacts.list_objects_v2, {"Bucket": source["Bucket"]}),
            "a key that climbs cannot be read": (artifacts.get_object, {**source, "Key": "../../credentials"}),
        }
        for sentence, (call, members) in denied.items():
            # What the door does not do at all, such as listing, is refused as such.
            code = worker.code_of(call, **members)
            self.report.check(
                code in ("AccessDenied", "InvalidRequest"), f"with the job's credentials {sentence}", code
            )
        stolen = worker.client_for(
            self.running, (data["artifactCredentials"]["accessKeyId"], data["artifactCredentials"]["secretAccessKey"])
        )
        code = worker.code_of(stolen.list_pipelines)
        self.check(code != "none", True, f"the job's credentials do not open the API ({code})")
        files["page.html"] = "<p>Version @VERSION@, tested\n"
        artifacts.put_object(**target, Body=worker.zipped(files))
        self.report.ok("the output artifact is uploaded with the job's credentials")

    def a_result_is_seen_downstream(self):
        details = {"externalExecutionId": "42", "summary": "All dry", "percentComplete": 100}
        self.first.succeed(self.job, executionDetails=details, outputVariables={"Depth": "3 m"})
        code = worker.code_of(self.first.client.put_job_success_result, jobId=self.job["id"])
        self.check(code, "InvalidJobStateException", "a result is taken once")
        taken = self.first.client.acknowledge_job(jobId=self.job["id"], nonce=self.job["nonce"])["status"]
        self.check(taken, "Succeeded", "a job that ended says how")
        self.ends("made", "Succeeded")
        state = self.state_of("made")["Test"]
        self.check(
            (state["externalExecutionId"], state["summary"]), ("42", "All dry"), "the state shows what the worker said"
        )
        self.check(
            state["entityUrl"], "https://builds.example.com/job/main/", "the type's URL template is filled in (J3)"
        )
        self.check(
            state["externalExecutionUrl"], "https://builds.example.com/job/main/42/", "so is that of the execution"
        )
        actions = self.client.list_action_executions(pipelineName="made")["actionExecutionDetails"]
        built = next(one for one in actions if one["actionName"] == "Compile")
        self.report.check(
            "3 m" in built["input"]["resolvedConfiguration"]["EnvironmentVariables"],
            "a later action reads the worker's variable",
            built["input"],
        )
        page = (self.place / "fleet" / "srv" / "site" / "page.html").read_text()
        self.check(page, "<p>Version 1, tested\n", "what the worker uploaded is what is deployed")

    def a_continuation_goes_on_as_another_job(self):
        self.create("continued", self.action("Test", "continued", inputs=["Code"]))
        job = self.first.take("continued")
        details = {"externalExecutionId": "7", "percentComplete": 50}
        self.first.succeed(job, continuationToken="halfway", executionDetails=details)
        code = worker.code_of(self.first.client.put_job_success_result, jobId=job["id"])
        self.check(code, "InvalidJobStateException", "a job that goes on as another one has ended (J9)")
        state = self.state_of("continued")["Test"]
        self.check(
            (state["status"], state["percentComplete"], state["externalExecutionId"]),
            ("InProgress", 50, "7"),
            "the action is halfway",
        )
        following = self.second.take("continued")
        self.check(following["data"]["continuationToken"], "halfway", "the next job carries the token")
        self.check(following["id"] != job["id"], True, "the next job has an id of its own")
        same = [one["data"]["pipelineContext"]["action"].get("actionExecutionId") for one in (job, following)]
        self.check(same[0] == same[1], True, "it belongs to the same action execution")
        self.second.succeed(following)
        self.ends("continued", "Succeeded")

    def each_kind_of_failure_is_told(self):
        self.create("failing", *[self.action(kind, kind.lower(), inputs=["Code"]) for kind in FAILURES])
        for kind in FAILURES:
            self.first.fail(self.first.take(kind.lower()), kind, f"It is a {kind}.")
        self.ends("failing", "Failed")
        states = self.state_of("failing")
        for kind in FAILURES:
            self.check(
                states[kind].get("errorDetails"), {"code": kind, "message": f"It is a {kind}."}, f"{kind} is told (J10)"
            )

    def an_abandoned_job_is_not_accepted(self):
        self.create("abandoned", self.action("Test", "abandoned", inputs=["Code"]))
        job = self.first.take("abandoned")
        execution = job["data"]["pipelineContext"]["pipelineExecutionId"]
        self.client.stop_pipeline_execution(pipelineName="abandoned", pipelineExecutionId=execution, abandon=True)
        self.ends("abandoned", "Stopped")
        for call, more in (
            (self.first.client.put_job_success_result, {}),
            (self.first.client.put_job_failure_result, {"failureDetails": {"type": "JobFailed", "message": "x"}}),
        ):
            code = worker.code_of(call, jobId=job["id"], **more)
            self.check(code, "InvalidJobStateException", "a result after abandoning is refused (J15)")
        self.check(self.state_of("abandoned")["Test"]["status"], "Abandoned", "the action stays abandoned")

    def an_output_that_nobody_uploaded_fails_the_action(self):
        self.create("empty", self.action("Test", "empty", inputs=["Code"], outputs=["Tested"]))
        self.first.succeed(self.first.take("empty"))
        self.ends("empty", "Failed")
        error = self.state_of("empty")["Test"]["errorDetails"]
        self.report.check("Tested" in error["message"], "the failure names the artifact that is missing (J12)", error)

    def variables_have_a_size(self):
        self.create("large", self.action("Test", "large", inputs=["Code"]))
        job = self.first.take("large")
        large = {f"v{number}": "x" * 1000 for number in range(123)}
        code = worker.code_of(self.first.client.put_job_success_result, jobId=job["id"], outputVariables=large)
        self.check(
            code, "OutputVariablesSizeExceededException", "variables of more than 122,880 bytes are refused (J8)"
        )
        self.first.succeed(job, outputVariables={"v": "x" * 1000})
        self.ends("large", "Succeeded")

    def two_workers_race_for_200_jobs(self):
        job_race.run(self)

    def a_partners_worker_needs_its_token(self):
        partner = declarations.action(
            "Tow", "Test", "Towline", {"Depth": "3", "Password": self.secret}, "ThirdParty", inputs=["Code"]
        )
        self.create("towed", partner)
        client = self.first.client
        found = until("a partner's job", lambda: client.poll_for_third_party_jobs(actionTypeId=PARTNER_TYPE)["jobs"])[0]
        self.check(
            set(found), {"clientId", "jobId"}, "the poll tells the client's and the job's id, nothing else (J20)"
        )
        self.check(found["clientId"], server.CLIENT_ID, "the client is the one that was registered")
        named = {"jobId": found["jobId"], "clientToken": CLIENT_TOKEN}
        wrong = {**named, "clientToken": "guessed"}
        self.check(
            worker.code_of(client.get_third_party_job_details, **wrong),
            "InvalidClientTokenException",
            "a guessed token is told nothing (J21)",
        )
        details = client.get_third_party_job_details(**named)["jobDetails"]
        self.check(
            details["data"]["actionConfiguration"]["configuration"]["Password"],
            self.secret,
            "the partner gets the secret",
        )
        self.check(
            worker.code_of(client.acknowledge_third_party_job, **wrong, nonce=details["nonce"]),
            "InvalidClientTokenException",
            "a guessed token takes nothing",
        )
        self.check(
            worker.code_of(client.acknowledge_third_party_job, **named, nonce="0"),
            "InvalidNonceException",
            "a wrong nonce takes nothing",
        )
        taken = client.acknowledge_third_party_job(**named, nonce=details["nonce"])["status"]
        self.check(taken, "InProgress", "token and nonce take the job")
        self.check(
            worker.code_of(client.put_third_party_job_success_result, **wrong),
            "InvalidClientTokenException",
            "a guessed token reports nothing",
        )
        client.put_third_party_job_success_result(**named)
        self.ends("towed", "Succeeded")
        self.check(
            worker.code_of(client.get_third_party_job_details, **named),
            "InvalidJobException",
            "a job that ended has no details",
        )

    def the_secret_reaches_nobody_else(self):
        """Asks for everything that mentions the pipelines, and looks for the secret in the answers."""
        wire = Wire(self.running, JSON)
        bodies = []
        for one in self.client.list_pipelines()["pipelines"]:
            name = one["name"]
            for operation, members in (
                ("GetPipeline", {"name": name}),
                ("GetPipelineState", {"name": name}),
                ("ListActionExecutions", {"pipelineName": name}),
                ("ListPipelineExecutions", {"pipelineName": name}),
            ):
                bodies.append(wire.ask(operation, members).body)
        self.check([body for body in bodies if self.secret.encode() in body], [], "no other answer holds the secret")
        self.seen.flush()
        with open(self.seen.name, "rb") as seen:
            self.check(self.secret.encode() in seen.read(), False, "no answer to anybody but the workers did")
        log = self.running.log.read_bytes() if self.running.log.exists() else b""
        self.check(self.secret.encode() in log, False, "the server's log does not hold it")
        masked = self.client.get_pipeline(name="made")["pipeline"]["stages"][1]["actions"][0]["configuration"][
            "Password"
        ]
        self.check(set(masked), {"*"}, "the declaration shows a mask")


def main():
    report = Report("job_worker")
    place = server.fresh_place("job_worker")
    repository.make(place / "repository")
    site = [("repository", "site", place / "repository")]
    for flag, name in (("host", "fleet"), ("bucket", "public")):
        (place / name).mkdir()
        site.append((flag, name, place / name))
    more = server.third_party(place, PARTNER_TYPE, CLIENT_TOKEN)
    with server.Server("job_worker", site, more) as running:
        jobs = Jobs(running, place, report)
        jobs.client.create_custom_action_type(**declarations.custom_type("Jenkins"))
        chosen = sys.argv[1:]
        for story in jobs.all():
            if chosen and story.__name__ not in chosen:
                continue
            try:
                story()
            except Exception as error:  # A story that cannot be told to its end does not keep others from it.
                report.failed(story.__name__.replace("_", " "), repr(error))
        report.check(running.is_alive(), "the server is alive after it")
    report.finish()


if __name__ == "__main__":
    main()

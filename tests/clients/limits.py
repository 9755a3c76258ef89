"""What bounds a caller, as stock clients meet it: pages, rates, permissions, and a server that ends."""

import signal
import subprocess
import threading
import time

import botocore.config
import boto3

import declarations
import repository
import server
import worker
from report import Report, until
from wires import JSON, WIRES, Wire

EXECUTIONS = 30
REQUESTS_PER_SECOND = 20


class Pages:
    """Listings in pages, while others add to what is listed."""

    def __init__(self, running, report):
        self.report, self.client = report, worker.client_for(running, seen=worker.keep_answers())
        self.wires = [Wire(running, wire) for wire in WIRES]

    def prepare(self):
        for number in range(3):
            pipeline = declarations.pipeline(f"paged-{number}", declarations.approval())
            self.client.create_pipeline(pipeline=pipeline)
        for _ in range(EXECUTIONS - 1):
            self.start()
        until("all are there", lambda: len(self.ids(100)) == EXECUTIONS)

    def start(self):
        return self.client.start_pipeline_execution(name="paged-0")["pipelineExecutionId"]

    def ids(self, size, between=lambda: None):
        """Lists the executions page by page; `between` is called after each page."""
        found, token = [], {}
        while True:
            page = self.client.list_pipeline_executions(pipelineName="paged-0", maxResults=size, **token)
            found += [one["pipelineExecutionId"] for one in page["pipelineExecutionSummaries"]]
            if "nextToken" not in page:
                return found
            token = {"nextToken": page["nextToken"]}
            between()

    def stay_as_they_were(self):
        before = self.ids(100)
        self.report.check(self.ids(7) == before, "pages of seven hold what one page holds")
        while_growing = self.ids(7, between=self.start)
        self.report.check(while_growing == before, "what is new shifts nothing that was on its way", while_growing)
        after = self.ids(100)
        self.report.check(len(after) > len(before) and after[-len(before) :] == before, "and is there afterwards")
        newest = self.start()
        self.report.check(self.ids(1)[0] == newest, "what was started is listed at once")

    def belong_to_their_question(self):
        """A token is good for the listing that gave it, and for nothing else."""
        for wire in self.wires:
            named = {"pipelineName": "paged-0", "maxResults": 1}
            token = wire.ask("ListPipelineExecutions", named).value["nextToken"]
            good = wire.ask("ListPipelineExecutions", {**named, "nextToken": token})
            self.report.check(good.is_good, f"{wire.protocol}: a token goes on where the page ended", str(good))
            wrong = {
                "another pipeline": ("ListPipelineExecutions", {**named, "pipelineName": "paged-1"}, token),
                "another filter": (
                    "ListPipelineExecutions",
                    {**named, "filter": {"succeededInStage": {"stageName": "Source"}}},
                    token,
                ),
                "another operation": ("ListActionExecutions", named, token),
                "no token at all": ("ListPipelineExecutions", named, "x"),
                "another listing": ("ListPipelines", {"maxResults": 1}, token),
            }
            for place in range(0, len(token), 5):
                wrong[f"letter {place} altered"] = ("ListPipelineExecutions", named, altered(token, place))
            refused = {}
            for what, (operation, members, given) in wrong.items():
                answer = wire.ask(operation, {**members, "nextToken": given})
                if answer.code != "InvalidNextTokenException" or answer.faults:
                    refused[what] = str(answer)[:200]
            self.report.check(
                not refused, f"{wire.protocol}: {len(wrong)} tokens that were not given so are refused", refused
            )


def altered(token, place):
    other = "A" if token[place] != "A" else "B"
    return token[:place] + other + token[place + 1 :]


def permissions(running, report):
    """Roles of keys, as a stock client meets them."""
    viewer = worker.client_for(running, running.add_key("viewer", "Viewer"))
    report.check(worker.code_of(viewer.list_pipelines) == "none", "a viewer may look")
    try:
        viewer.start_pipeline_execution(name="paged-0")
        said = "nothing"
    except viewer.exceptions.ClientError as error:
        said = str(error)
    holds = all(word in said for word in ("AccessDeniedException", "StartPipelineExecution", ":paged-0"))
    report.check(holds, "a viewer may not start, and is told what is missing, and where", said)
    operator = worker.client_for(running, running.add_key("operator", "Operator"))
    report.check(worker.code_of(operator.start_pipeline_execution, name="paged-0") == "none", "an operator may start")
    code = worker.code_of(operator.delete_pipeline, name="paged-0")
    report.check(code == "AccessDeniedException", "an operator may not delete", code)
    leaver = running.add_key("leaver", "Admin")
    client = worker.client_for(running, leaver)
    report.check(worker.code_of(client.list_pipelines) == "none", "a new key is taken at once")
    subprocess.run(
        [server.PROGRAM, "key", "remove", leaver[0], "--data", running.data], check=True, stdout=subprocess.DEVNULL
    )
    code = worker.code_of(client.list_pipelines)
    report.check(code == "UnrecognizedClientException", "a removed key is refused at once", code)


def rates(place, report):
    """Who asks too often is told so, and a stock client gets through all the same."""
    with server.Server("limits", more=["--requests-per-second", REQUESTS_PER_SECOND], data=place / "rated") as running:
        wire = Wire(running, JSON)
        path, headers = wire.address("ListPipelines")
        answers = [wire.send_once("ListPipelines", path, headers, b"{}") for _ in range(REQUESTS_PER_SECOND * 3)]
        codes = {answer.code for answer in answers}
        report.check(codes == {"", "ThrottlingException"}, "who asks too often is throttled", sorted(codes))
        faults = [answer.faults for answer in answers if answer.faults]
        report.check(not faults, "and told so in the protocol of the question", faults)
        patient = botocore.config.Config(retries={"mode": "standard", "max_attempts": 8})
        access_key, secret = running.keys()
        client = boto3.client(
            "codepipeline",
            endpoint_url=running.endpoint,
            region_name=running.region,
            config=patient,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret,
        )
        codes = [worker.code_of(client.list_pipelines) for _ in range(REQUESTS_PER_SECOND * 2)]
        report.check(set(codes) == {"none"}, "boto3 gets through by itself", codes)


def second_server(running, report):
    """Two servers on one data directory, and two on one port."""
    for what, arguments in (
        ("one data directory", ["--data", running.data, "--port", "0"]),
        ("one port", ["--data", running.place / "other", "--port", str(running.port)]),
    ):
        done = subprocess.run(
            [server.PROGRAM, "up", *arguments], capture_output=True, text=True, timeout=30, check=False
        )
        report.check(done.returncode == 5 and done.stderr.strip(), f"two on {what}: the second is refused", done.stderr)
        report.check(running.is_alive(), f"two on {what}: the first goes on")


def end(running, report):
    """Asked to end, the server answers what it has taken, and then takes no more."""
    codes, ended = [], threading.Event()

    def ask():
        client = worker.client_for(running)
        while not ended.is_set():
            try:
                codes.append(worker.code_of(client.get_pipeline_state, name="paged-0"))
            except Exception as error:  # Whatever the client says once nobody is there.
                codes.append(type(error).__name__)
                return

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    time.sleep(0.5)
    running.process.send_signal(signal.SIGTERM)
    status = running.process.wait(server.STOPS_WITHIN_SECONDS)
    ended.set()
    for asker in askers:
        asker.join()
    strange = set(codes) - {"none", "EndpointConnectionError", "ConnectionClosedError"}
    report.check(not strange, f"{codes.count('none')} were answered, and the others found nobody", sorted(strange))
    report.check(status == 0, "the server ends well when it is asked to", status)
    report.check(not (running.data / "server.json").exists(), "and says that it is gone")


def main():
    report = Report("limits")
    place = server.fresh_place("limits")
    repository.make(place / "repository")
    with server.Server("limits", [("repository", "site", place / "repository")]) as running:
        pages = Pages(running, report)
        for part in (
            pages.prepare,
            pages.stay_as_they_were,
            pages.belong_to_their_question,
            lambda: permissions(running, report),
            lambda: second_server(running, report),
            lambda: end(running, report),
        ):
            try:
                part()
            except Exception as error:  # One bound that does not hold does not keep the others from being tried.
                report.failed(getattr(part, "__name__", "a part"), repr(error))
    rates(place, report)
    report.finish()


if __name__ == "__main__":
    main()

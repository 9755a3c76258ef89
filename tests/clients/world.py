"""A world in which every operation has something to do, made through the API on one wire.

Its steps are the happy cases: each asks an operation for what it is there for, and the answers of some are
what the next ones ask with.
"""

import declarations
from report import until
from wires import SHORT

THIRD_PARTY = {"category": "Test", "owner": "ThirdParty", "provider": "Towline", "version": "1"}


class World:
    """What one wire made, and the notes about it."""

    def __init__(self, wire, site, note):
        """`site` holds what lies outside of the API: `host` (a directory), `commit` and `client_token`.
        `note(operation, holds, answer)` is told of every call that is meant to succeed."""
        self.wire, self.site, self.note = wire, site, note
        self.suffix = SHORT[wire.protocol].lower()
        self.main = f"main-{self.suffix}"
        self.work = f"work-{self.suffix}"
        self.partner = f"partner-{self.suffix}"
        self.hooked = f"hooked-{self.suffix}"
        self.webhook = f"hook-{self.suffix}"
        self.provider = f"Jenkins-{self.suffix}"

    @property
    def own_type(self):
        return {"category": "Test", "owner": "Custom", "provider": self.provider, "version": "1"}

    def do(self, operation, request=None, **members):
        """Asks for what must be answered well; returns the value."""
        answer = self.wire.ask(operation, request, **members)
        self.note(operation, answer.is_good, answer)
        if not answer.is_good:
            raise Unhappy(str(answer))
        return answer.value or {}

    def refused(self, operation, codes, **members):
        """Asks for what must be refused with one of these codes."""
        answer = self.wire.ask(operation, members)
        self.note(operation, answer.code in codes and not answer.faults, answer)

    def steps(self):
        """Returns the steps in order. One that fails does not keep the others from being tried."""
        return [
            self.create,
            self.read_types,
            self.read_pipelines,
            self.approve,
            self.read_history,
            self.hold_transition,
            self.stop,
            self.put_revision,
            self.do_jobs,
            self.retry,
            self.do_partner_jobs,
            self.update_partner_type,
            self.keep_webhooks,
            self.tag,
            self.refuse,
            self.update,
            self.delete,
        ]

    def create(self):
        custom = declarations.custom_type(self.provider)
        tags = [{"key": "team", "value": "locks"}]
        self.do("CreateCustomActionType", custom, tags=tags)
        main = declarations.pipeline(self.main, declarations.build(), declarations.approval(), declarations.deploy())
        made = self.do("CreatePipeline", pipeline=main, tags=tags)
        assert made["pipeline"]["version"] == 1, made
        jobs = [
            declarations.action(
                f"Job-{number}", "Test", self.provider, {"ProjectName": f"project-{number}"}, "Custom", inputs=["Code"]
            )
            for number in (1, 2)
        ]
        self.do("CreatePipeline", pipeline=declarations.pipeline(self.work, {"name": "Work", "actions": jobs}))

    def read_types(self):
        listed = self.do("ListActionTypes", actionOwnerFilter="Custom")["actionTypes"]
        assert self.own_type in [one["id"] for one in listed], listed
        assert self.do("ListActionTypes", actionOwnerFilter="AWS")["actionTypes"]
        self.do("ListRuleTypes")

    def read_pipelines(self):
        got = self.do("GetPipeline", name=self.main)
        assert got["pipeline"]["name"] == self.main and got["metadata"]["pipelineArn"], got
        self.arn = got["metadata"]["pipelineArn"]
        self.do("GetPipeline", name=self.main, version=1)
        names = [one["name"] for one in self.do("ListPipelines")["pipelines"]]
        assert {self.main, self.work} <= set(names) and names == sorted(names), names

    def state_of(self, pipeline):
        return {one["stageName"]: one for one in self.do("GetPipelineState", name=pipeline)["stageStates"]}

    def open_approval(self, pipeline, but=None):
        """Waits for an approval to be open, another one than `but`, and returns its token."""

        def look():
            for one in self.state_of(pipeline)["Approve"]["actionStates"]:
                token = one.get("latestExecution", {}).get("token")
                if token and token != but:
                    return token
            return None

        return until(f"an open approval of {pipeline}", look)

    def execution(self, pipeline, status=None):
        """Waits until the newest execution of a pipeline has a status, and returns its summary."""

        def look():
            found = self.do("ListPipelineExecutions", pipelineName=pipeline, maxResults=1)
            newest = found["pipelineExecutionSummaries"][:1]
            return newest and (status is None or newest[0]["status"] == status) and newest[0]

        return until(f"{pipeline} is {status}", look)

    def approve(self):
        token = self.open_approval(self.main)
        place = {"pipelineName": self.main, "stageName": "Approve", "actionName": "Release"}
        result = {"summary": "Go", "status": "Approved"}
        assert self.do("PutApprovalResult", place, token=token, result=result)["approvedAt"]
        self.finished = self.execution(self.main, "Succeeded")["pipelineExecutionId"]
        page = (self.site.host / "srv" / "site" / "page.html").read_text()
        assert "Version 1" in page, page

    def read_history(self):
        one = self.do("GetPipelineExecution", pipelineName=self.main, pipelineExecutionId=self.finished)
        assert one["pipelineExecution"]["status"] == "Succeeded", one
        actions = self.do("ListActionExecutions", pipelineName=self.main)["actionExecutionDetails"]
        assert {"Commit", "Compile", "Release", "Host"} <= {one["actionName"] for one in actions}, actions
        self.do("ListActionExecutions", pipelineName=self.main, filter={"pipelineExecutionId": self.finished})
        host = next(one["actionExecutionId"] for one in actions if one["actionName"] == "Host")
        self.do("ListDeployActionExecutionTargets", pipelineName=self.main, actionExecutionId=host)
        self.do("ListDeployActionExecutionTargets", actionExecutionId=host)
        rules = self.do("ListRuleExecutions", pipelineName=self.main)["ruleExecutionDetails"]
        assert rules == [], rules
        in_stage = {"succeededInStage": {"stageName": "Build"}}
        found = self.do("ListPipelineExecutions", pipelineName=self.main, filter=in_stage)
        assert found["pipelineExecutionSummaries"], found

    def hold_transition(self):
        place = {"pipelineName": self.main, "stageName": "Deploy", "transitionType": "Inbound"}
        self.do("DisableStageTransition", place, reason="Low water.")
        held = self.state_of(self.main)["Deploy"]["inboundTransitionState"]
        assert held["enabled"] is False and held["disabledReason"] == "Low water.", held
        self.do("EnableStageTransition", place)
        held = self.state_of(self.main)["Deploy"]["inboundTransitionState"]
        assert held["enabled"] is True and "disabledReason" not in held, held

    def stop(self):
        token = f"stop-{self.suffix}"
        started = self.do("StartPipelineExecution", name=self.main, clientRequestToken=token)
        again = self.do("StartPipelineExecution", name=self.main, clientRequestToken=token)
        assert again == started, (again, started)
        self.open_approval(self.main)
        place = {"pipelineName": self.main, **started}
        assert self.do("StopPipelineExecution", place, abandon=True, reason="Enough.") == started
        stopped = self.execution(self.main, "Stopped")
        assert stopped["stopTrigger"]["reason"] == "Enough.", stopped

    def put_revision(self):
        place = {"pipelineName": self.main, "stageName": "Source", "actionName": "Commit"}
        revision = {"revisionId": self.site.commit, "revisionChangeId": "change-1", "created": 1700000000.25}
        put = self.do("PutActionRevision", place, actionRevision=revision)
        assert put["newRevision"] is True, put
        again = self.do("PutActionRevision", place, actionRevision=revision)
        assert again == {**put, "newRevision": False}, (again, put)

    def job(self, project):
        """Waits for a job of a project and takes it."""

        def look():
            asked = {"actionTypeId": self.own_type, "queryParam": {"ProjectName": project}}
            return self.do("PollForJobs", asked, maxBatchSize=1)["jobs"]

        job = until(f"a job of {project}", look)[0]
        assert job["data"]["actionConfiguration"]["configuration"]["ProjectName"] == project, job
        taken = self.do("AcknowledgeJob", jobId=job["id"], nonce=job["nonce"])
        assert taken["status"] == "InProgress", taken
        assert self.do("GetJobDetails", jobId=job["id"])["jobDetails"]["id"] == job["id"]
        return job["id"]

    def do_jobs(self):
        self.do("PutJobSuccessResult", jobId=self.job("project-1"), executionDetails={"summary": "Built"})
        failure = {"type": "JobFailed", "message": "The lock is stuck."}
        self.do("PutJobFailureResult", jobId=self.job("project-2"), failureDetails=failure)
        self.failed = self.execution(self.work, "Failed")["pipelineExecutionId"]
        state = {one["actionName"]: one["latestExecution"] for one in self.state_of(self.work)["Work"]["actionStates"]}
        assert state["Job-2"]["errorDetails"]["code"] == "JobFailed", state

    def retry(self):
        place = {"pipelineName": self.work, "stageName": "Work", "pipelineExecutionId": self.failed}
        retried = self.do("RetryStageExecution", place, retryMode="FAILED_ACTIONS")
        assert retried == {"pipelineExecutionId": self.failed}, retried
        self.do("PutJobSuccessResult", jobId=self.job("project-2"), outputVariables={"Depth": "3"})
        self.execution(self.work, "Succeeded")

    def do_partner_jobs(self):
        partner_jobs = [
            declarations.action(f"Job-{number}", "Test", "Towline", {}, "ThirdParty", inputs=["Code"])
            for number in (1, 2)
        ]
        partner = declarations.pipeline(self.partner, {"name": "Partner", "actions": partner_jobs})
        self.do("CreatePipeline", pipeline=partner)
        asked = {"actionTypeId": THIRD_PARTY, "maxBatchSize": 1}
        for put, more in (
            ("PutThirdPartyJobSuccessResult", {}),
            ("PutThirdPartyJobFailureResult", {"failureDetails": {"type": "JobFailed", "message": "No."}}),
        ):
            job = until("a partner's job", lambda: self.do("PollForThirdPartyJobs", asked)["jobs"])[0]
            named = {"jobId": job["jobId"], "clientToken": self.site.client_token}
            details = self.do("GetThirdPartyJobDetails", named)["jobDetails"]
            taken = self.do("AcknowledgeThirdPartyJob", named, nonce=details["nonce"])
            assert taken["status"] == "InProgress", taken
            self.do(put, named, **more)
        self.execution(self.partner, "Failed")

    def update_partner_type(self):
        named = self.do("GetActionType", THIRD_PARTY)["actionType"]
        assert named["id"] == THIRD_PARTY, named
        self.do("UpdateActionType", actionType={**named, "description": "Tows."})
        assert self.do("GetActionType", THIRD_PARTY)["actionType"]["description"] == "Tows."

    def keep_webhooks(self):
        hooked = declarations.pipeline(self.hooked, declarations.approval())
        configuration = {
            "Owner": "keeper",
            "Repo": "site",
            "Branch": "main",
            "OAuthToken": "not-a-real-token",
            "PollForSourceChanges": "false",
        }
        hooked["stages"][0]["actions"] = [
            declarations.action("Commit", "Source", "GitHub", configuration, "ThirdParty", outputs=["Code"])
        ]
        self.do("CreatePipeline", pipeline=hooked)
        webhook = {
            "name": self.webhook,
            "targetPipeline": self.hooked,
            "targetAction": "Commit",
            "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
            "authentication": "GITHUB_HMAC",
            "authenticationConfiguration": {"SecretToken": "a secret of the hook"},
        }
        made = self.do("PutWebhook", webhook=webhook)["webhook"]
        again = self.do("PutWebhook", webhook=webhook)["webhook"]
        assert made["url"] == again["url"], (made, again)
        assert self.webhook in [one["definition"]["name"] for one in self.do("ListWebhooks")["webhooks"]]
        self.do("RegisterWebhookWithThirdParty", webhookName=self.webhook)
        self.do("DeregisterWebhookWithThirdParty", webhookName=self.webhook)
        self.do("DeleteWebhook", name=self.webhook)

    def tag(self):
        self.do("TagResource", resourceArn=self.arn, tags=[{"key": "water", "value": "high"}])
        tags = self.do("ListTagsForResource", resourceArn=self.arn)["tags"]
        assert {"key": "water", "value": "high"} in tags and {"key": "team", "value": "locks"} in tags, tags
        self.do("UntagResource", resourceArn=self.arn, tagKeys=["water", "never-there"])
        assert len(self.do("ListTagsForResource", resourceArn=self.arn)["tags"]) == 1

    def refuse(self):
        place = {"pipelineName": self.main, "stageName": "Deploy"}
        self.refused(
            "RollbackStage", {"UnableToRollbackStageException"}, **place, targetPipelineExecutionId=self.finished
        )
        codes = {"ConditionNotOverridableException", "NotLatestPipelineExecutionException"}
        self.refused(
            "OverrideStageCondition", codes, **place, pipelineExecutionId=self.finished, conditionType="BEFORE_ENTRY"
        )

    def update(self):
        pipeline = self.do("GetPipeline", name=self.main)["pipeline"]
        pipeline["stages"][2]["actions"][0]["configuration"]["CustomData"] = "Really?"
        updated = self.do("UpdatePipeline", pipeline=pipeline)["pipeline"]
        assert updated["version"] == 2, updated

    def delete(self):
        for pipeline in (self.main, self.work, self.partner, self.hooked):
            self.do("DeletePipeline", name=pipeline)
        self.do("DeletePipeline", name="never-there")
        self.do("DeleteWebhook", name="never-there")
        names = {"category": "Test", "provider": self.provider, "version": "1"}
        self.do("DeleteCustomActionType", names)
        self.do("DeleteCustomActionType", names)


class Unhappy(Exception):
    """An answer that had to be good and was not."""

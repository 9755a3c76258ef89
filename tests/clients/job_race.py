"""Two workers, each a process with a key of its own, race for 200 jobs: each job is done once."""

import multiprocessing
import queue
import time

import botocore.exceptions

import worker
from report import until

PIPELINES, ACTIONS = 4, 50
PROJECT = "race"
SECONDS_MAX = 120


class Card:
    """What a process needs to know of the server."""

    def __init__(self, running):
        self.endpoint, self.region = running.endpoint, running.region


def run(jobs):
    """`jobs` is the story's teller (see `job_worker.py`)."""
    names = [f"race-{number}" for number in range(PIPELINES)]
    context = multiprocessing.get_context("spawn")
    results, told, is_over = context.Queue(), [context.Queue(), context.Queue()], context.Event()
    racers = []
    for number, keys in enumerate(jobs.keys):
        arguments = (Card(jobs.running), jobs.first.type_id, keys, told[number], told[1 - number], is_over, results)
        racers.append(context.Process(target=race, args=arguments, daemon=True))
    for racer in racers:
        racer.start()
    for name in names:
        jobs.create(name, *[jobs.action(f"Run-{number}", PROJECT, inputs=["Code"]) for number in range(ACTIONS)])
    try:
        until("the race is over", lambda: all(is_done(jobs, name) for name in names), SECONDS_MAX, 0.5)
    finally:
        is_over.set()
    done = [results.get(timeout=30) for _ in racers]
    for racer in racers:
        racer.join()
    check(jobs, names, done)


def is_done(jobs, name):
    found = jobs.client.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"]
    return found and found[0]["status"] != "InProgress"


def check(jobs, names, done):
    total = PIPELINES * ACTIONS
    reported = [action for one in done for action in one["reported"]]
    jobs.check(len(reported), total, f"{total} jobs were reported")
    jobs.check(len(set(reported)), total, "each of them once")
    shares = [len(one["reported"]) for one in done]
    jobs.report.check(all(shares), f"both workers had some: {shares}", done)
    lost = [one["lost"] for one in done]
    jobs.check(sum(lost), total, f"the other one lost each of them: {lost}")
    for name in names:
        jobs.ends(name, "Succeeded")
        found = []
        for page in jobs.client.get_paginator("list_action_executions").paginate(pipelineName=name):
            found += [one for one in page["actionExecutionDetails"] if one["stageName"] == "Work"]
        statuses = {one["status"] for one in found}
        jobs.check((len(found), statuses), (ACTIONS, {"Succeeded"}), f"{name}: each action was executed once")


def race(running, type_id, keys, to_me, to_other, is_over, results):
    """Does jobs until there are no more. Of each job that it is told of it tells the other worker id and nonce
    before it takes it, so that both try to take it at once: whoever takes it reports it."""
    racer = Racer(worker.Worker(running, type_id, keys))
    while not is_over.is_set():
        found = []
        for job in racer.worker.poll(PROJECT, count=5):
            found.append((job["id"], job["nonce"], job["data"]["pipelineContext"]["action"]["actionExecutionId"]))
            to_other.put(found[-1])
        while not to_me.empty():
            found.append(to_me.get())
        for one in found:
            racer.take(*one)
        if not found:
            time.sleep(0.05)
    # What the other one told last may still be on its way.
    try:
        while True:
            racer.take(*to_me.get(timeout=1))
    except queue.Empty:
        results.put({"reported": racer.reported, "lost": racer.lost})


class Racer:
    """A worker, what it reported, and how often it came too late."""

    def __init__(self, worker_of_mine):
        self.worker, self.reported, self.lost = worker_of_mine, [], 0

    def take(self, job_id, nonce, action):
        """Tries to take a job, and reports it if it is mine now."""
        try:
            status = self.worker.client.acknowledge_job(jobId=job_id, nonce=nonce)["status"]
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "InvalidNonceException", error
            status = "another's"
        # A job that ended already says how; it was another's.
        if status != "InProgress":
            self.lost += 1
            return
        self.worker.client.put_job_success_result(jobId=job_id)
        self.reported.append(action)

"""Hears everything that a deployment says on its own bus, through a rule and a queue of the test's own."""

import json

import roles
from transcript import Events

NAME = "towpath-heard"


class Collector:
    """Reads the queue whenever it is asked what was heard."""

    def __init__(self, emulator, bus):
        self.events = Events()
        self.sqs = emulator.client("sqs")
        rules = emulator.client("events")
        self.url = self.sqs.create_queue(QueueName=NAME)["QueueUrl"]
        asked = {"QueueUrl": self.url, "AttributeNames": ["QueueArn"]}
        arn = self.sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
        roles.let_rules_put(emulator, self.url, arn)
        # A rule that was written for CodePipeline, with nothing changed but the source.
        pattern = {"source": ["towpath"], "detail-type": [{"prefix": "CodePipeline "}]}
        rules.put_rule(Name=NAME, EventBusName=bus, EventPattern=json.dumps(pattern))
        rules.put_targets(Rule=NAME, EventBusName=bus, Targets=[{"Id": "heard", "Arn": arn}])

    def read(self):
        while True:
            messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
            if not messages:
                return self.events
            for message in messages:
                self.events.add(json.loads(message["Body"]))
            done = [{"Id": str(index), "ReceiptHandle": one["ReceiptHandle"]} for index, one in enumerate(messages)]
            self.sqs.delete_message_batch(QueueUrl=self.url, Entries=done)

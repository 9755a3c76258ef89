"""Who is told: an HTTP endpoint that confirms its subscription to a topic and keeps what it is sent.

It tells what it would see: the header of SNS that says what kind of message it is, and the message.
"""

import http.server
import json
import threading


class Reader:
    """Use as a context; `notices` are the notifications in the order in which they came."""

    def __init__(self, emulator=None):
        """Without an emulator it can be told, and subscribes to nothing itself."""
        self.emulator = emulator
        self.notices = []
        # What whoever tells is answered.
        self.status = 200

    def __enter__(self):
        reader = self

        class Door(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                self.send_response(reader.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if reader.status == 200:
                    reader.take(body)

            def log_message(self, *_):
                """Says nothing: what came is kept."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def address(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def subscribe(self, topic, **attributes):
        asked = {"TopicArn": topic, "Protocol": "http", "Endpoint": self.address()}
        if attributes:
            asked["Attributes"] = {name: json.dumps(value) for name, value in attributes.items()}
        self.emulator.client("sns").subscribe(**asked)

    def take(self, message):
        if message.get("Type") == "SubscriptionConfirmation":
            confirm = self.emulator.client("sns").confirm_subscription
            # Not on the thread that the answer is awaited on.
            told = {"TopicArn": message["TopicArn"], "Token": message["Token"]}
            threading.Thread(target=lambda: confirm(**told), daemon=True).start()
        else:
            self.notices.append(message)

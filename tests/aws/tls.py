"""TLS before the emulator, and a proxy that leads there, for clients that speak nothing else.

A function's URL has a name that no name server here knows. So clients are told a proxy, as in a company that has
one: it takes their CONNECT for any host, shows a certificate for that host, and passes on what they say. They
trust it where they were told our authority, and refuse it where they were not.
"""

import contextlib
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading

from emulator import REGION

SILENT_SECONDS = 60
FUNCTIONS = f"*.lambda-url.{REGION}.on.aws"
# Whoever is not ours: one host that sends its visitors elsewhere, and one that has a page for everything.
ELSEWHERE = "elsewhere.example"
PAGE = "page.example"
SAID = {
    ELSEWHERE: b"HTTP/1.1 302 Found\r\nlocation: https://page.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    PAGE: b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>",
}


class Tls:
    """Use as a context; `environment` is what clients are told."""

    def __init__(self, emulator, place):
        self.emulator = emulator
        self.place = place / "tls"
        # What was asked of hosts that are not ours: host and request.
        self.strayed = []
        # Everything that was said to ours, as the server saw it.
        self.heard = []

    def __enter__(self):
        self.place.mkdir()
        make_certificates(self.place)
        tls = self

        class Door(socketserver.StreamRequestHandler):
            timeout = SILENT_SECONDS

            def handle(self):
                with contextlib.suppress(OSError):
                    tls.serve(self.connection, self.rfile)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def environment(self):
        return {"HTTPS_PROXY": self.proxy, "SSL_CERT_FILE": str(self.place / "authority.pem")}

    @property
    def proxy(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def serve(self, connection, reader):
        asked = reader.readline(4096).decode("latin-1").split()
        while reader.readline(4096).strip():
            """The rest of what it says to the proxy is nothing to us."""
        if len(asked) != 3 or asked[0] != "CONNECT":
            connection.sendall(b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n")
            return
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.place / "host.pem", self.place / "host.key")
        context.set_alpn_protocols(["http/1.1"])
        host = asked[1].rsplit(":", 1)[0]
        with context.wrap_socket(connection, server_side=True) as client:
            if host in SAID:
                self.strayed.append((host, client.recv(65536).decode("latin-1")))
                client.sendall(SAID[host])
                return
            with socket.create_connection(("127.0.0.1", self.emulator.port), SILENT_SECONDS) as server:
                back = threading.Thread(target=pour, args=(server, client), daemon=True)
                back.start()
                pour(client, server, self.heard)
                back.join(SILENT_SECONDS)


def pour(source, target, heard=None):
    """Passes on what comes, until nothing comes any more."""
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            if heard is not None:
                heard.append(piece)
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def make_certificates(place):
    """Makes an authority for two days, and what it says of the hosts."""
    if not shutil.which("openssl"):
        sys.exit('"openssl" is not found: install it and try again')
    names = ",".join(f"DNS:{name}" for name in (FUNCTIONS, *SAID))
    (place / "names").write_text(f"subjectAltName={names}\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=place, check=True, capture_output=True, stdin=subprocess.DEVNULL)

    openssl(
        "req",
        "-x509",
        *key,
        "-keyout",
        "authority.key",
        "-out",
        "authority.pem",
        "-days",
        "2",
        "-subj",
        "/CN=authority",
    )
    openssl("req", *key, "-keyout", "host.key", "-out", "host.csr", "-subj", "/CN=host")
    signed_by = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"]
    openssl("x509", "-req", "-in", "host.csr", *signed_by, "-out", "host.pem", "-days", "2", "-extfile", "names")

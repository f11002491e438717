"""A mail server on this machine, which keeps what it is given: the whole conversation of SMTP, over a socket."""

import email
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from queue import Queue
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer


@dataclass(frozen=True)
class Delivered:
    """A letter, and the envelope that it came in."""

    sender: str
    recipients: list[str]
    letter: EmailMessage


class MailServer(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, handler: type[BaseRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.goes_on = threading.Event()
        """Until it is set the greeting does not come to its end."""
        self.goes_on.set()
        self.delivered: Queue[Delivered] = Queue()

    @property
    def url(self) -> str:
        """What KEYPORTAL_EMAIL_URL is to be."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Conversation(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        while not self.server.goes_on.wait(timeout=1):
            self._say("220-mail.example.org")  # or who waits would take the silence for an end
        self._say("220 mail.example.org")
        sender, recipients = "", list[str]()
        while line := self.rfile.readline().decode().strip():
            verb, _blank, rest = line.partition(" ")
            match verb.upper():
                case "MAIL":
                    sender, recipients = _address(rest), []
                case "RCPT":
                    recipients.append(_address(rest))
                case "DATA":
                    self._say("354 go on")
                    letter = email.message_from_bytes(self._body(), policy=email.policy.default)
                    assert isinstance(letter, EmailMessage)
                    self.server.delivered.put(Delivered(sender, recipients, letter))
                case "QUIT":
                    return self._say("221 goodbye")
            self._say("250 fine")
        return None

    def _body(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line.removeprefix(b".") for line in lines)

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


def _address(rest: str) -> str:
    return rest[rest.index("<") + 1 : rest.index(">")]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that listens."""
    with MailServer(_Conversation) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()

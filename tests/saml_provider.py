"""A SAML identity provider of the tests' own, really running: pysaml2 behind a sign-in page.

It says what a test makes it say: who its people are, when they last proved who they are, and how its answers are bent.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from flask import Flask, Response, abort, request
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256
from werkzeug.serving import make_server

PASSWORD_ONLY = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


class SAMLProvider:
    """`people` are attributes by the name that stands on the button of the sign-in page; "NameID" is the account."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, ""
        self._portal = ""
        for name in ("idp", "stranger"):
            _make_key(folder, name)
        self.reset()

    def reset(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.signed_in_at: float | None = None
        self.context = PASSWORD_ONLY
        self.bend: Callable[[str], str] = lambda xml: xml
        self.said: dict[str, Any] = {}
        """What the answer says otherwise than it should, as pysaml2 calls it."""
        self.signs_with, self.is_down = "idp", False
        self.was_told_to_ask_again = False

    def knows(self, portal: str) -> None:
        """Take the metadata of the portal."""
        self._portal = portal

    @property
    def metadata(self) -> str:
        return str(entity_descriptor(self._config("idp")))

    def app(self) -> Flask:
        app = Flask("saml_provider")
        app.before_request(lambda: abort(503) if self.is_down else None)
        app.get("/metadata", endpoint="metadata")(lambda: Response(self.metadata, content_type="text/xml"))
        app.get("/sso")(self._sign_in_page)
        app.post("/sso")(self._signed_in)
        return app

    def _config(self, key: str) -> IdPConfig:
        endpoints = {"single_sign_on_service": [(f"{self.url}/sso", BINDING_HTTP_REDIRECT)]}
        policy = {"default": {"lifetime": {"minutes": 15}, "name_form": NAME_FORMAT_URI}}
        return IdPConfig().load(
            {
                "entityid": f"{self.url}/metadata",
                "service": {"idp": {"endpoints": endpoints, "policy": policy}},
                "key_file": str(self.folder / f"{key}.key"),
                "cert_file": str(self.folder / f"{key}.pem"),
                "metadata": {"inline": [self._portal]} if self._portal else {},
            }
        )

    def _sign_in_page(self) -> str:
        buttons = "".join(f'<button name="person" value="{name}">{name}</button>' for name in self.people)
        return f'<title>Sign in</title><form method="post">{buttons}</form>'

    def _signed_in(self) -> str:
        server = Server(config=self._config(self.signs_with))
        asked = server.parse_authn_request(request.args["SAMLRequest"], BINDING_HTTP_REDIRECT)
        self.was_told_to_ask_again = asked.message.force_authn == "true"
        to = server.response_args(asked.message)
        attributes = dict(self.people[request.form["person"]])
        name = NameID(format=attributes.pop("Format", NAMEID_FORMAT_PERSISTENT), text=attributes.pop("NameID"))
        at = time.time() if self.signed_in_at is None else self.signed_in_at
        told: dict[str, Any] = {
            "identity": attributes,
            "in_response_to": to["in_response_to"],
            "destination": to["destination"],
            "sp_entity_id": to["sp_entity_id"],
            "name_id": name,
            "authn": {"class_ref": self.context, "authn_instant": int(at)},
            "sign_assertion": True,
            "sign_response": False,
            "sign_alg": SIG_RSA_SHA256,
            "digest_alg": DIGEST_SHA256,
        }
        xml = self.bend(str(server.create_authn_response(**(told | self.said))))
        arguments = server.apply_binding(BINDING_HTTP_POST, xml, to["destination"], "", response=True)
        return str(arguments["data"])


def _make_key(folder: Path, name: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    called, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(secret)


@contextmanager
def running_saml_provider(folder: Path) -> Iterator[SAMLProvider]:
    """A provider that answers at `url` on this machine."""
    provider = SAMLProvider(folder)
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield provider
    server.shutdown()

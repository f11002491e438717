"""An OpenID provider of the tests' own, really running: discovery, keys, a sign-in page, tokens, userinfo.

It is strict where providers are (secret, PKCE, address of the portal, a code counts once), and says what a test makes
it say: who its people are, when they last proved who they are, and how its ID tokens are bent.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "keyportal", "a secret of the portal's"
ANSWER = "/accounts/company/openid/answer/"
Claims = dict[str, Any]


class OpenIDProvider:
    """`people` are claims by the name that stands on the button of the sign-in page. `reset()` forgets every trick."""

    def __init__(self) -> None:
        self.url = ""
        self.key, self.other_key = (RSAKey.generate_key(2048, {"kid": "of-the-test"}) for _number in range(2))
        self.codes: dict[str, tuple[dict[str, str], Claims]] = {}
        self.tokens: dict[str, Claims] = {}
        self.reset()

    def reset(self) -> None:
        self.people: dict[str, Claims] = {}
        self.signed_in_at: float | None = None
        """When people proved who they are, where that was not just now; 0 says nothing of it."""
        self.bend: Callable[[Claims], Claims] = lambda claims: claims
        self.signs_with, self.is_down = self.key, False
        self.userinfo: Claims = {}
        self.asked: dict[str, str] = {}
        """What the portal asked for at last."""

    def app(self) -> Flask:
        app = Flask("openid_provider")
        app.before_request(lambda: abort(503) if self.is_down else None)
        app.get("/.well-known/openid-configuration")(self._discovery)
        app.get("/jwks")(self._keys)
        app.get("/authorize")(self._sign_in_page)
        app.post("/authorize")(self._signed_in)
        app.post("/token")(self._tokens)
        app.get("/userinfo")(self._userinfo)
        return app

    def _discovery(self) -> Response:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        endpoints = {name: f"{self.url}/{path}" for name, path in (names | {"userinfo_endpoint": "userinfo"}).items()}
        return jsonify({"issuer": self.url} | endpoints)

    def _keys(self) -> Response:
        return jsonify(KeySet([self.key]).as_dict(private=False))

    def _userinfo(self) -> Response:
        return jsonify(self.tokens[request.headers["Authorization"].split()[1]])

    def _sign_in_page(self) -> str:
        buttons = "".join(f'<button name="person" value="{name}">{name}</button>' for name in self.people)
        return f'<title>Sign in</title><form method="post">{buttons}<button name="deny" value="1">No</button></form>'

    def _signed_in(self) -> Any:
        self.asked = dict(request.args)
        if request.args["client_id"] != CLIENT_ID or not request.args["redirect_uri"].endswith(ANSWER):
            abort(400)
        answer = {"state": request.args["state"]}
        if "deny" in request.form:
            answer["error"] = request.form["deny"] if request.form["deny"] != "1" else "access_denied"
        else:
            code = answer["code"] = secrets.token_urlsafe()
            self.codes[code] = dict(request.args), self.people[request.form["person"]]
        return redirect(f"{request.args['redirect_uri']}?{urlencode(answer)}")

    def _tokens(self) -> Any:
        asked, claims = self.codes.pop(request.form["code"], ({}, {}))
        digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        is_good = (
            (request.form["client_id"], request.form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
            and asked.get("redirect_uri") == request.form["redirect_uri"]
            and asked.get("code_challenge") == base64.urlsafe_b64encode(digest).decode().rstrip("=")
        )
        if not is_good:
            return jsonify({"error": "invalid_grant", "id_token": "of no use"}), 400
        at = time.time() if self.signed_in_at is None else self.signed_in_at
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": int(time.time()), "exp": int(time.time()) + 300} | claims
        claims |= {"nonce": asked["nonce"]} | ({"auth_time": int(at)} if at else {})
        token = secrets.token_urlsafe()
        self.tokens[token] = {"sub": claims["sub"]} | self.userinfo
        header = {"alg": "RS256", "kid": "of-the-test"}
        id_token = jwt.encode(header, self.bend(claims), self.signs_with)
        return jsonify({"access_token": token, "token_type": "Bearer", "id_token": id_token})


@contextmanager
def running_openid_provider() -> Iterator[OpenIDProvider]:
    """A provider that answers at `url` on this machine."""
    provider = OpenIDProvider()
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield provider
    server.shutdown()

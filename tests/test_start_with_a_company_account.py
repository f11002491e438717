"""The environment describes the company's sign-in; half a description stops the start and says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from keyportal.people.company import configuration
from tests.saml_provider import SAMLProvider
from tests.settings import BASE_DIR

GOOD = {
    "KEYPORTAL_OIDC_ISSUER": "https://login.microsoftonline.com/4f1c/v2.0/",
    "KEYPORTAL_OIDC_CLIENT_ID": "b7f4",
    "KEYPORTAL_OIDC_CLIENT_SECRET": "a secret",
}


def _read(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, list[dict[str, object]]]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = configuration.providers(environ.Env(), lambda name: os.environ.get(name, ""))
    return {name: provider["APPS"] for name, provider in found.items()}


def test_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    [app] = _read(GOOD | {"KEYPORTAL_OIDC_NAME": "Microsoft Entra ID"}, monkeypatch)["openid_connect"]
    assert (app["name"], app["client_id"], app["secret"]) == ("Microsoft Entra ID", "b7f4", "a secret")
    assert app["settings"] == {
        "server_url": "https://login.microsoftonline.com/4f1c/v2.0",
        "oauth_pkce_enabled": True,
        "groups_claim": "groups",
        "second_factor": False,
    }


def test_without_it_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _read({"KEYPORTAL_OIDC_NAME": "", "KEYPORTAL_SAML_METADATA": ""}, monkeypatch) == {
        "openid_connect": [],
        "saml": [],
    }


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"KEYPORTAL_OIDC_NAME": "Entra"},
            "KEYPORTAL_OIDC_ISSUER and .* are missing. Set what is missing",
        ),
        (GOOD | {"KEYPORTAL_OIDC_CLIENT_SECRET": ""}, "KEYPORTAL_OIDC_CLIENT_SECRET is missing."),
        ({"KEYPORTAL_SAML_NAME": "AD FS"}, "KEYPORTAL_SAML_METADATA is missing."),
        (GOOD | {"KEYPORTAL_OIDC_ISSUER": "http://login.example.org"}, "that begins with https://"),
        (GOOD | {"KEYPORTAL_OIDC_ISSUER": "login.example.org"}, "that begins with https://"),
        (GOOD | {"KEYPORTAL_OIDC_ISSUER": "https://login.example.org/?a=b"}, "without anything behind"),
        ({"KEYPORTAL_SAML_METADATA": "http://adfs.example.org/metadata.xml"}, "that begins with https://"),
        ({"KEYPORTAL_SAML_METADATA": "/nowhere/metadata.xml"}, "/nowhere/metadata.xml, which is missing."),
    ],
)
def test_what_cannot_work_is_refused(variables: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match=message) as refusal:
        _read(variables, monkeypatch)
    assert "a secret" not in str(refusal.value)


def test_metadata_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    provider, file = SAMLProvider(tmp_path), tmp_path / "metadata.xml"
    provider.url = "https://adfs.example.org"
    file.write_text(provider.metadata)
    [app] = _read({"KEYPORTAL_SAML_METADATA": str(file), "KEYPORTAL_SAML_GROUPS_ATTRIBUTE": "member"}, monkeypatch)[
        "saml"
    ]
    assert isinstance(app["settings"], dict)
    assert app["settings"]["attributes"]["GROUPS"] == ("member",)
    file.write_text("<a/>")
    with pytest.raises(ImproperlyConfigured, match="which will not do: The metadata"):
        _read({}, monkeypatch)


def test_the_settings_refuse_it_as_well(tmp_path: Path) -> None:
    environment = os.environ | {"KEYPORTAL_OIDC_CLIENT_ID": "b7f4", "KEYPORTAL_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", "import keyportal.settings"]
    answer = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert "KEYPORTAL_OIDC_ISSUER and KEYPORTAL_OIDC_CLIENT_SECRET are missing." in answer.stderr

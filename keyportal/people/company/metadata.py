"""The metadata of a SAML identity provider, as python3-saml wants them. The settings ask as well: no models here."""

from typing import Any

from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser


def read_metadata(text: str) -> dict[str, Any]:
    """Raises ValueError for anything but the metadata of an identity provider that people can be sent to."""
    try:
        idp: dict[str, Any] = OneLogin_Saml2_IdPMetadataParser.parse(text.encode()).get("idp", {})
    except (ValueError, SyntaxError, AttributeError) as error:
        raise ValueError(f"The metadata are no XML ({type(error).__name__})") from error
    if not idp.get("entityId"):
        raise ValueError("The metadata name no identity provider")
    if not idp.get("singleSignOnService"):
        raise ValueError("The metadata name no sign-on service for HTTP-Redirect")
    if not (idp.get("x509cert") or idp.get("x509certMulti")):
        raise ValueError("The metadata hold no certificate")
    return idp

"""What the frame around every page needs: language and theme, the place in the tree, the version, the ways in."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

_PLACES = {
    "list": "list",
    "operating-systems": "systems",
    "agreements": "agreements",
    **{f"agreement{page}": "agreement" for page in ("", "-add", "-edit", "-delete", "-paste")},
    "answer-files": "answer-files",
    **{f"answer-file{page}": "answer-file" for page in ("", "-corrected", "-new", "-write")},
    "rollout-templates": "templates",
    **{f"rollout-template{page}": "template" for page in ("", "-add", "-edit", "-duplicate", "-files", "-delete")},
    "imports": "imports",
    "import-new": "import",
    "import": "import",
    "import-row": "import",
    "import-undo": "import",
    "images": "images",
    "match": "match",
    "switch": "switch",
    **{f"switch-{page}": "switching" for page in ("mak", "edition", "errors", "hosts")},
    "identify": "identify",
    "rules": "",
    "trail": "trail",
    "seen-by": "trail",
}
"""Where a page of the workspace stands in the navigation tree; all others stand below the list of keys."""
_ADMIN_PLACES = {"people_user": "people", "auth_user_password": "people", "productkeys_trailentry": "trail"}
"""The parts of the admin that the navigation tree names, by the model of their pages."""


def shell(request: HttpRequest) -> dict[str, object]:
    """`theme` is "light", "dark" or "auto"; `language` the present one; `tree_place` is for components/tree.html."""
    user = getattr(request, "user", None)
    return {
        "theme": user.theme if user and user.is_authenticated else "auto",
        "language": get_language() or settings.LANGUAGE_CODE,
        "tree_place": _tree_place(request),
        "portal_version": settings.VERSION,
        "directory_signs_in": bool(settings.LDAP_URL),
        "mail_is_set_up": settings.MAIL_IS_SET_UP,
    }


def _tree_place(request: HttpRequest) -> str:
    match = request.resolver_match
    if match and match.app_name == "admin":
        return _ADMIN_PLACES.get((match.url_name or "").rpartition("_")[0], "admin")
    return _PLACES.get(match.url_name or "", "keys") if match and match.app_name == "productkeys" else ""

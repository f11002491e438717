"""The tables of what every role is answered, at every address and for every act."""

ROLES = ("", "Viewer", "Deployer", "Key manager", "Revealer", "Auditor", "Administrator")

# 200 opens, 302 or 303 leads on (to an address that is in the table itself), 403 is refused, 404 is not there for this
# person, 405 answers no GET: see ACTS below.
PAGES = """
                                                         none view depl mana reve audi admi
/                                                         302  302  302  302  302  302  302
/product-keys/                                            403  200  200  200  200  403  200
/product-keys/search/                                     403  303  303  303  303  403  303
/product-keys/columns/                                    405  405  405  405  405  405  405
/product-keys/add/                                        403  403  403  200  403  403  403
/product-keys/add/recognise/                              403  403  403  405  403  403  403
/product-keys/bulk/                                       302  302  302  302  302  302  302
/product-keys/export/                                     403  200  200  200  200  403  200
/product-keys/release-reveals/                            405  405  405  405  405  405  405
/product-keys/{pk}/                                       404  200  200  200  200  404  200
/product-keys/{pk}/edit/                                  403  403  403  200  403  403  403
/product-keys/{pk}/duplicate/                             403  403  403  302  403  403  403
/product-keys/{pk}/archive/                               403  403  403  200  403  403  403
/product-keys/{pk}/restore/                               403  403  403  302  403  403  403
/product-keys/{pk}/compromised/                           403  403  403  200  403  403  403
/product-keys/{pk}/delete/                                403  403  403  200  403  403  403
/product-keys/{pk}/reveal/                                404  302  302  302  302  404  302
/product-keys/{pk}/replace/                               403  403  200  200  403  403  403
/product-keys/{pk}/microsoft-count/                       403  403  403  200  403  403  403
/agreements/                                              403  200  200  200  200  403  200
/agreements/add/                                          403  403  403  200  403  403  403
/agreements/{pk}/                                         404  200  200  200  200  404  200
/agreements/{pk}/edit/                                    403  403  403  200  403  403  403
/agreements/{pk}/delete/                                  403  403  403  200  403  403  403
/imports/                                                 403  403  403  200  403  403  403
/imports/new/                                             403  403  403  200  403  403  403
/imports/{uid}/                                           403  403  403  200  403  403  403
/imports/{uid}/format/                                    403  403  403  405  403  403  403
/imports/{uid}/columns/                                   403  403  403  405  403  403  403
/imports/{uid}/values/                                    403  403  403  405  403  403  403
/imports/{uid}/defaults/                                  403  403  403  405  403  403  403
/imports/{uid}/mapping/                                   403  403  403  405  403  403  403
/imports/{uid}/mapping/keep/                              403  403  403  405  403  403  403
/imports/{uid}/rows/{index}/                              403  403  403  200  403  403  403
/imports/{uid}/refused/                                   403  403  403  405  403  403  403
/imports/{uid}/start/                                     403  403  403  405  403  403  403
/imports/{uid}/cancel/                                    403  403  403  405  403  403  403
/imports/{uid}/undo/                                      403  403  403  302  403  403  403
/agreements/{pk}/paste/                                   403  403  403  200  403  403  403
/answer-files/                                            403  200  200  200  200  403  200
/answer-files/new/                                        403  200  200  200  200  403  200
/answer-files/{uid}/                                      403  200  200  200  200  403  200
/answer-files/{uid}/add-key/                              403  403  403  405  403  403  403
/answer-files/{uid}/corrected/                            403  200  200  200  200  403  200
/answer-files/{uid}/forget/                               403  405  405  405  405  403  405
/answer-files/{uid}/write/                                403  200  200  200  200  403  200
/operating-systems/                                       200  200  200  200  200  200  200
/images/                                                  403  200  200  200  200  403  200
/match/                                                   403  200  200  200  200  403  200
/switch-to-kms/                                           403  200  200  200  200  403  200
/switch-to-kms/script/                                    403  404  404  404  404  403  404
/switch-to-kms/mak/                                       403  200  200  200  200  403  200
/switch-to-kms/edition/                                   403  200  200  200  200  403  200
/switch-to-kms/errors/                                    403  200  200  200  200  403  200
/switch-to-kms/hosts/                                     403  200  200  200  200  403  200
/identify/                                                403  200  200  200  200  403  200
/rollout-templates/                                       403  200  200  200  200  403  200
/rollout-templates/add/                                   403  403  200  200  403  403  403
/rollout-templates/{pk}/                                  404  200  200  200  200  404  200
/rollout-templates/{pk}/edit/                             403  403  200  200  403  403  403
/rollout-templates/{pk}/duplicate/                        403  403  200  200  403  403  403
/rollout-templates/{pk}/confirm/                          405  405  405  405  405  405  405
/rollout-templates/{pk}/files/                            404  200  200  200  200  404  200
/rollout-templates/{pk}/delete/                           403  403  200  200  403  403  403
/audit-log/                                               403  403  403  403  403  200  403
/audit-log/export/                                        403  403  403  403  403  405  403
/audit-log/keys-seen-by/{uid}/                            403  403  403  403  403  200  403
/handbook/rules/                                          200  200  200  200  200  200  200
/people/language/                                         405  405  405  405  405  405  405
/people/theme/                                            405  405  405  405  405  405  405
/people/preferences/                                      200  200  200  200  200  200  200
/accounts/login/                                          302  302  302  302  302  302  302
/accounts/logout/                                         200  200  200  200  200  200  200
/accounts/reauthenticate/                                 200  200  200  200  200  200  200
/accounts/password/reset/                                 200  200  200  200  200  200  200
/accounts/password/reset/done/                            200  200  200  200  200  200  200
/accounts/password/reset/{uidb36}/{key}/                  200  200  200  200  200  200  200
/accounts/password/change/                                200  200  200  200  200  200  200
/accounts/login/second-factor/                            302  302  302  302  302  302  302
/accounts/login/passkey/                                  302  302  302  302  302  302  302
/accounts/reauthenticate/code/                            302  302  302  302  302  302  302
/accounts/reauthenticate/passkey/                         302  302  302  302  302  302  302
/accounts/security/                                       200  200  200  200  200  200  200
/accounts/security/app/                                   200  200  200  200  200  200  200
/accounts/security/app/remove/                            404  404  404  404  404  404  404
/accounts/security/recovery-codes/                        404  404  404  404  404  404  404
/accounts/security/recovery-codes/new/                    200  200  200  200  200  200  200
/accounts/security/passkeys/add/                          200  200  200  200  200  200  200
/accounts/security/passkeys/{pk}/                         404  404  404  404  404  404  404
/accounts/security/passkeys/{pk}/remove/                  404  404  404  404  404  404  404
/accounts/company/openid/sign-in/                         404  404  404  404  404  404  404
/accounts/company/openid/answer/                          404  404  404  404  404  404  404
/accounts/company/saml/sign-in/                           404  404  404  404  404  404  404
/accounts/company/saml/answer/                            404  404  404  404  404  404  404
/accounts/company/saml/answer/{name}/                     404  404  404  404  404  404  404
/accounts/company/saml/metadata/                          404  404  404  404  404  404  404
/accounts/company/confirm/                                403  403  403  403  403  403  403
/admin/                                                   200  200  200  200  200  200  200
/admin/login/                                             302  302  302  302  302  302  302
/admin/logout/                                            405  405  405  405  405  405  405
/admin/password_change/                                   302  302  302  302  302  302  302
/admin/password_change/done/                              302  302  302  302  302  302  302
/admin/autocomplete/                                      403  403  403  403  403  403  403
/admin/jsi18n/                                            200  200  200  200  200  200  200
/admin/^(?P<app_label>productkeys|people|auth)/$          404  200  200  200  200  200  200
/admin/(?P<url>.*)$                                       404  404  404  404  404  404  404
/admin/productkeys/agreement/                             403  200  200  200  200  403  200
/admin/productkeys/agreement/search/                      405  405  405  405  405  405  405
/admin/productkeys/agreement/add/                         403  403  403  200  403  403  403
/admin/productkeys/agreement/{object_id}/                 302  302  302  302  302  302  302
/admin/productkeys/agreement/{object_id}/history/         404  200  200  200  200  404  200
/admin/productkeys/agreement/{object_id}/delete/          403  403  403  200  403  403  403
/admin/productkeys/agreement/{object_id}/change/          403  200  200  200  200  403  200
/admin/productkeys/operatingsystem/                       403  403  403  403  403  403  200
/admin/productkeys/operatingsystem/search/                405  405  405  405  405  405  405
/admin/productkeys/operatingsystem/add/                   403  403  403  403  403  403  200
/admin/productkeys/operatingsystem/{object_id}/           302  302  302  302  302  302  302
/admin/productkeys/operatingsystem/{object_id}/history/   404  404  404  404  404  404  200
/admin/productkeys/operatingsystem/{object_id}/delete/    403  403  403  403  403  403  403
/admin/productkeys/operatingsystem/{object_id}/change/    403  403  403  403  403  403  200
/admin/productkeys/productkey/                            403  200  200  200  200  403  200
/admin/productkeys/productkey/bulk/                       302  302  302  302  302  302  302
/admin/productkeys/productkey/export/                     403  200  200  200  200  403  200
/admin/productkeys/productkey/search/                     405  405  405  405  405  405  405
/admin/productkeys/productkey/add/                        403  403  403  200  403  403  403
/admin/productkeys/productkey/{object_id}/                302  302  302  302  302  302  302
/admin/productkeys/productkey/{object_id}/history/        404  200  200  200  200  404  200
/admin/productkeys/productkey/{object_id}/delete/         403  403  403  200  403  403  403
/admin/productkeys/productkey/{object_id}/change/         403  200  200  200  200  403  200
/admin/productkeys/rollouttemplate/                       403  200  200  200  200  403  200
/admin/productkeys/rollouttemplate/search/                405  405  405  405  405  405  405
/admin/productkeys/rollouttemplate/add/                   403  403  403  403  403  403  403
/admin/productkeys/rollouttemplate/{object_id}/           302  302  302  302  302  302  302
/admin/productkeys/rollouttemplate/{object_id}/history/   404  302  302  302  302  404  302
/admin/productkeys/rollouttemplate/{object_id}/delete/    403  403  403  403  403  403  403
/admin/productkeys/rollouttemplate/{object_id}/change/    403  200  200  200  200  403  200
/admin/productkeys/scope/                                 403  403  403  403  403  403  200
/admin/productkeys/scope/search/                          405  405  405  405  405  405  405
/admin/productkeys/scope/add/                             403  403  403  403  403  403  200
/admin/productkeys/scope/{object_id}/                     302  302  302  302  302  302  302
/admin/productkeys/scope/{object_id}/history/             404  404  404  404  404  404  200
/admin/productkeys/scope/{object_id}/delete/              403  403  403  403  403  403  200
/admin/productkeys/scope/{object_id}/change/              403  403  403  403  403  403  200
/admin/productkeys/trailentry/                            403  403  403  403  403  200  403
/admin/productkeys/trailentry/search/                     405  405  405  405  405  405  405
/admin/productkeys/trailentry/add/                        403  403  403  403  403  403  403
/admin/productkeys/trailentry/{object_id}/                302  302  302  302  302  302  302
/admin/productkeys/trailentry/{object_id}/history/        404  404  404  404  404  404  404
/admin/productkeys/trailentry/{object_id}/delete/         403  403  403  403  403  403  403
/admin/productkeys/trailentry/{object_id}/change/         403  403  403  403  403  200  403
/admin/people/user/                                       403  403  403  403  403  403  200
/admin/people/user/search/                                405  405  405  405  405  405  405
/admin/people/user/add/                                   403  403  403  403  403  403  200
/admin/people/user/{id}/password/                         403  403  403  403  403  403  200
/admin/people/user/{id}/second-factor/                    403  403  403  403  403  403  200
/admin/people/user/{object_id}/                           302  302  302  302  302  302  302
/admin/people/user/{object_id}/history/                   404  404  404  404  404  404  200
/admin/people/user/{object_id}/delete/                    403  403  403  403  403  403  403
/admin/people/user/{object_id}/change/                    403  403  403  403  403  403  200
/admin/auth/group/                                        403  403  403  403  403  403  200
/admin/auth/group/search/                                 405  405  405  405  405  405  405
/admin/auth/group/add/                                    403  403  403  403  403  403  403
/admin/auth/group/{object_id}/                            302  302  302  302  302  302  302
/admin/auth/group/{object_id}/history/                    404  404  404  404  404  404  200
/admin/auth/group/{object_id}/delete/                     403  403  403  403  403  403  403
/admin/auth/group/{object_id}/change/                     403  403  403  403  403  403  200
"""
# 400 is past the door as well: the form lacks what only the page before it knows.
ACTS = """
                      none view depl mana reve audi admi
search                 403  303  303  303  303  403  303
columns                403  302  302  302  302  403  302
add                    403  403  403  400  403  403  403
recognise              403  403  403  400  403  403  403
reveal                 404  403  403  403  200  404  403
release                403  403  403  403  403  403  302
edit                   403  403  403  302  403  403  403
archive                403  403  403  302  403  403  403
restore                403  403  403  302  403  403  403
compromised            403  403  403  302  403  403  403
delete                 403  403  403  302  403  403  403
add agreement          403  403  403  302  403  403  403
edit agreement         403  403  403  302  403  403  403
delete agreement       403  403  403  302  403  403  403
add template           403  403  302  302  403  403  403
edit template          403  403  302  302  403  403  403
copy template          403  403  302  302  403  403  403
confirm template       403  403  302  302  403  403  403
delete template        403  403  302  302  403  403  403
replace in templates   403  403  302  302  403  403  403
files: public keys     404  200  200  200  200  404  200
files: secret keys     404  403  403  403  200  404  403
Microsoft's count      403  403  403  302  403  403  403
paste keys             403  403  403  302  403  403  403
edit several           403  403  403  200  403  403  403
delete several         403  403  403  200  403  403  403
answer file: bring     403  302  302  302  302  403  302
answer file: add key   403  403  403  302  403  403  403
answer file: correct   403  200  200  200  200  403  200
answer file: new       403  200  200  200  200  403  200
answer file: write     403  403  403  403  200  403  403
answer file: forget    403  302  302  302  302  403  302
import: bring          403  403  403  302  403  403  403
import: format         403  403  403  302  403  403  403
import: columns        403  403  403  302  403  403  403
import: values         403  403  403  302  403  403  403
import: defaults       403  403  403  302  403  403  403
import: use mapping    403  403  403  302  403  403  403
import: keep mapping   403  403  403  302  403  403  403
import: mend           403  403  403  302  403  403  403
import: refused rows   403  403  403  200  403  403  403
import: start          403  403  403  302  403  403  403
import: cancel         403  403  403  302  403  403  403
import: undo           403  403  403  302  403  403  403
switch a machine       403  200  200  200  200  403  200
identify a key         403  200  200  200  200  403  200
export                 403  200  200  200  200  403  200
export whole keys      403  403  403  403  200  403  403
filter the log         403  403  403  403  403  302  403
export the log         403  403  403  403  403  200  403
language               302  302  302  302  302  302  302
theme                  302  302  302  302  302  302  302
ask for a password     302  302  302  302  302  302  302
sign out               302  302  302  302  302  302  302
admin: sign out        200  200  200  200  200  200  200
admin: add key         403  403  403  302  403  403  403
admin: change key      403  403  403  302  403  403  403
admin: bulk            403  403  403  200  403  403  403
admin: export          403  200  200  200  200  403  200
admin: export ticked   403  200  200  200  200  403  200
read an image          403  200  200  200  200  403  200
admin: search keys     302  302  302  302  302  302  302
admin: search systems  302  302  302  302  302  302  302
admin: search scopes   302  302  302  302  302  302  302
admin: search trail    302  302  302  302  302  302  302
admin: search people   302  302  302  302  302  302  302
admin: search groups   302  302  302  302  302  302  302
admin: find agreement  302  302  302  302  302  302  302
admin: find template   302  302  302  302  302  302  302
admin: add agreement   403  403  403  302  403  403  403
admin: edit agreement  403  403  403  302  403  403  403
admin: drop agreement  403  403  403  302  403  403  403
admin: add system      403  403  403  403  403  403  302
admin: delete system   403  403  403  403  403  403  302
admin: add scope       403  403  403  403  403  403  302
admin: rename scope    403  403  403  403  403  403  302
admin: delete scope    403  403  403  403  403  403  302
admin: add person      403  403  403  403  403  403  302
admin: change person   403  403  403  403  403  403  302
admin: set password    403  403  403  403  403  403  302
admin: second factor   403  403  403  403  403  403  302
admin: add group       403  403  403  403  403  403  403
admin: change group    403  403  403  403  403  403  403
admin: change entry    403  403  403  403  403  403  403
"""

CHANGES_NOTHING = {
    *("search", "columns", "add", "recognise", "reveal", "filter the log", "export the log"),
    *("export", "export whole keys", "admin: export", "admin: export ticked"),
    *("edit several", "delete several", "admin: bulk", "read an image"),
    *("switch a machine", "identify a key"),
    *(f"answer file: {what}" for what in ("bring", "add key", "correct", "new", "write", "forget")),
    *("files: public keys", "files: secret keys"),
    *("admin: find agreement", "admin: find template", "import: use mapping", "import: refused rows"),
    *("language", "theme", "ask for a password", "sign out", "admin: sign out"),
    *(f"admin: search {things}" for things in ("keys", "systems", "scopes", "trail", "people", "groups")),
}
"""What changes no key, import, person, role, scope or operating system, or leads to a question first."""


def read(table: str) -> dict[str, dict[str, int]]:
    """The answers of a table by address or act, and role."""
    rows = [line.rsplit(maxsplit=len(ROLES)) for line in table.strip().splitlines()[1:]]
    return {name: dict(zip(ROLES, map(int, answers), strict=True)) for name, *answers in rows}

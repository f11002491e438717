"""Who gets what, for every address and every act that takes a product key: read by `test_scopes_on_every_route`.

The columns: a key of Berlin that is shared with Bonn, for a role held everywhere, in Berlin, in Bonn, in Cologne;
everybody's key, a published one, and a number that was never given, each for a role held everywhere and in Cologne.
200* changed the key, 200! holds the whole of it.
"""

ANSWERS: dict[str, str] = {
    "who only look": """
GET /product-keys/{pk}/                                     200  200  200  404   200  200   200  200   404  404
POST /product-keys/{pk}/                                    405  405  405  405   405  405   405  405   405  405
GET /product-keys/{pk}/edit/                                403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/edit/                               403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/duplicate/                           403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/duplicate/                          405  405  405  405   405  405   405  405   405  405
GET /product-keys/{pk}/archive/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/archive/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/restore/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/restore/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/compromised/                         403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/compromised/                        403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/delete/                              403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/delete/                             403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/reveal/                              302  302  302  404   302  302   302  302   404  404
POST /product-keys/{pk}/reveal/                             403  403  403  404   403  403   302  302   404  404
GET /product-keys/{pk}/replace/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/replace/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/microsoft-count/                     403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/microsoft-count/                    403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/history/      200  200  200  404   200  200   200  200   404  404
POST /admin/productkeys/productkey/{object_id}/history/     200  200  200  404   200  200   200  200   404  404
GET /admin/productkeys/productkey/{object_id}/delete/       403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/{object_id}/delete/      403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/change/       200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/{object_id}/change/      403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/              302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/{object_id}/             302  302  302  302   302  302   302  302   302  302
POST /product-keys/bulk/ edit, preview                      403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ edit, apply                        403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ archive, preview                   403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ archive, apply                     403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ delete, preview                    403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ delete, apply                      403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ edit, preview      403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ edit, apply        403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ archive, preview   403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ archive, apply     403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ delete, preview    403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ delete, apply      403  403  403  403   403  403   403  403   403  403
POST /product-keys/export/ masked                           200  200  200  302   200  200   200  200   302  302
POST /product-keys/export/ whole                            403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/export/ masked           200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/export/ whole            403  403  403  403   403  403   403  403   403  403
GET /product-keys/ opened                                   200  200  200  200   200  200   200  200   200  200
POST /product-keys/search/ whole                            303  303  303  404   303  303   303  303   404  404
POST /admin/productkeys/productkey/search/ whole            302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/ ticked                  302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/ ticked, export          200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/ typed into the list     403  403  403  403   403  403   403  403   403  403
""",
    "who reveal": """
GET /product-keys/{pk}/                                     200  200  200  404   200  200   200  200   404  404
POST /product-keys/{pk}/                                    405  405  405  405   405  405   405  405   405  405
GET /product-keys/{pk}/edit/                                403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/edit/                               403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/duplicate/                           403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/duplicate/                          405  405  405  405   405  405   405  405   405  405
GET /product-keys/{pk}/archive/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/archive/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/restore/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/restore/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/compromised/                         403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/compromised/                        403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/delete/                              403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/delete/                             403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/reveal/                              302  302  302  404   302  302   302  302   404  404
POST /product-keys/{pk}/reveal/                             200! 200! 200! 404   200! 200!  302  302   404  404
GET /product-keys/{pk}/replace/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/replace/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/microsoft-count/                     403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/microsoft-count/                    403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/history/      200  200  200  404   200  200   200  200   404  404
POST /admin/productkeys/productkey/{object_id}/history/     200  200  200  404   200  200   200  200   404  404
GET /admin/productkeys/productkey/{object_id}/delete/       403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/{object_id}/delete/      403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/change/       200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/{object_id}/change/      403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/              302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/{object_id}/             302  302  302  302   302  302   302  302   302  302
POST /product-keys/bulk/ edit, preview                      403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ edit, apply                        403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ archive, preview                   403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ archive, apply                     403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ delete, preview                    403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ delete, apply                      403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ edit, preview      403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ edit, apply        403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ archive, preview   403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ archive, apply     403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ delete, preview    403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ delete, apply      403  403  403  403   403  403   403  403   403  403
POST /product-keys/export/ masked                           200  200  200  302   200  200   200  200   302  302
POST /product-keys/export/ whole                            200! 200! 200! 302   200! 200!  200  200   302  302
POST /admin/productkeys/productkey/export/ masked           200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/export/ whole            200! 200! 200! 302   200! 200!  200  200   302  302
GET /product-keys/ opened                                   200  200  200  200   200  200   200  200   200  200
POST /product-keys/search/ whole                            303  303  303  404   303  303   303  303   404  404
POST /admin/productkeys/productkey/search/ whole            302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/ ticked                  302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/ ticked, export          200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/ typed into the list     403  403  403  403   403  403   403  403   403  403
""",
    "who keep keys": """
GET /product-keys/{pk}/                                     200  200  200  404   200  200   200  200   404  404
POST /product-keys/{pk}/                                    405  405  405  405   405  405   405  405   405  405
GET /product-keys/{pk}/edit/                                200  200  403  404   200  403   200  403   404  404
POST /product-keys/{pk}/edit/                               302* 302* 403  404   302* 403   302* 403   404  404
GET /product-keys/{pk}/duplicate/                           302  302  302  404   302  302   302  302   404  404
POST /product-keys/{pk}/duplicate/                          405  405  405  405   405  405   405  405   405  405
GET /product-keys/{pk}/archive/                             200  200  403  404   200  403   200  403   404  404
POST /product-keys/{pk}/archive/                            302* 302* 403  404   302* 403   302* 403   404  404
GET /product-keys/{pk}/restore/                             302  302  403  404   302  403   302  403   404  404
POST /product-keys/{pk}/restore/                            302  302  403  404   302  403   302  403   404  404
GET /product-keys/{pk}/compromised/                         200  200  403  404   200  403   200  403   404  404
POST /product-keys/{pk}/compromised/                        302* 302* 403  404   302* 403   409  403   404  404
GET /product-keys/{pk}/delete/                              200  200  403  404   200  403   200  403   404  404
POST /product-keys/{pk}/delete/                             302* 302* 403  404   302* 403   409  403   404  404
GET /product-keys/{pk}/reveal/                              302  302  302  404   302  302   302  302   404  404
POST /product-keys/{pk}/reveal/                             403  403  403  404   403  403   302  302   404  404
GET /product-keys/{pk}/replace/                             200  200  200  404   200  200   200  200   404  404
POST /product-keys/{pk}/replace/                            200  200  200  404   200  200   200  200   404  404
GET /product-keys/{pk}/microsoft-count/                     200  200  403  404   200  403   200  403   404  404
POST /product-keys/{pk}/microsoft-count/                    302* 302* 403  404   302* 403   409  403   404  404
GET /admin/productkeys/productkey/{object_id}/history/      200  200  200  404   200  200   200  200   404  404
POST /admin/productkeys/productkey/{object_id}/history/     200  200  200  404   200  200   200  200   404  404
GET /admin/productkeys/productkey/{object_id}/delete/       200  200  403  404   200  403   200  403   404  404
POST /admin/productkeys/productkey/{object_id}/delete/      200  200  403  404   200  403   200  403   404  404
GET /admin/productkeys/productkey/{object_id}/change/       200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/{object_id}/change/      302* 302* 403  302   302* 403   302* 403   302  302
GET /admin/productkeys/productkey/{object_id}/              302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/{object_id}/             302  302  302  302   302  302   302  302   302  302
POST /product-keys/bulk/ edit, preview                      200  200  200  302   200  200   200  200   302  302
POST /product-keys/bulk/ edit, apply                        302* 302* 409  302   302* 409   302* 409   302  302
POST /product-keys/bulk/ archive, preview                   200  200  200  302   200  200   200  200   302  302
POST /product-keys/bulk/ archive, apply                     302* 302* 409  302   302* 409   302* 409   302  302
POST /product-keys/bulk/ delete, preview                    200  200  200  302   200  200   200  200   302  302
POST /product-keys/bulk/ delete, apply                      302* 302* 409  302   302* 409   409  409   302  302
POST /admin/productkeys/productkey/bulk/ edit, preview      200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/bulk/ edit, apply        302* 302* 409  302   302* 409   302* 409   302  302
POST /admin/productkeys/productkey/bulk/ archive, preview   200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/bulk/ archive, apply     302* 302* 409  302   302* 409   302* 409   302  302
POST /admin/productkeys/productkey/bulk/ delete, preview    200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/bulk/ delete, apply      302* 302* 409  302   302* 409   409  409   302  302
POST /product-keys/export/ masked                           200  200  200  302   200  200   200  200   302  302
POST /product-keys/export/ whole                            403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/export/ masked           200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/export/ whole            403  403  403  403   403  403   403  403   403  403
GET /product-keys/ opened                                   200  200  200  200   200  200   200  200   200  200
POST /product-keys/search/ whole                            303  303  303  404   303  303   303  303   404  404
POST /admin/productkeys/productkey/search/ whole            302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/ ticked                  200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/ ticked, export          200  200  200  302   200  200   200  200   302  302
POST /admin/productkeys/productkey/ typed into the list     302* 302* 200  200   302* 200   302* 200   200  200
""",
    "who see no keys": """
GET /product-keys/{pk}/                                     404  404  404  404   404  404   404  404   404  404
POST /product-keys/{pk}/                                    405  405  405  405   405  405   405  405   405  405
GET /product-keys/{pk}/edit/                                403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/edit/                               403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/duplicate/                           403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/duplicate/                          405  405  405  405   405  405   405  405   405  405
GET /product-keys/{pk}/archive/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/archive/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/restore/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/restore/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/compromised/                         403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/compromised/                        403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/delete/                              403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/delete/                             403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/reveal/                              404  404  404  404   404  404   404  404   404  404
POST /product-keys/{pk}/reveal/                             404  404  404  404   404  404   404  404   404  404
GET /product-keys/{pk}/replace/                             403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/replace/                            403  403  403  403   403  403   403  403   403  403
GET /product-keys/{pk}/microsoft-count/                     403  403  403  403   403  403   403  403   403  403
POST /product-keys/{pk}/microsoft-count/                    403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/history/      404  404  404  404   404  404   404  404   404  404
POST /admin/productkeys/productkey/{object_id}/history/     404  404  404  404   404  404   404  404   404  404
GET /admin/productkeys/productkey/{object_id}/delete/       403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/{object_id}/delete/      403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/change/       403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/{object_id}/change/      403  403  403  403   403  403   403  403   403  403
GET /admin/productkeys/productkey/{object_id}/              302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/{object_id}/             302  302  302  302   302  302   302  302   302  302
POST /product-keys/bulk/ edit, preview                      403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ edit, apply                        403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ archive, preview                   403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ archive, apply                     403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ delete, preview                    403  403  403  403   403  403   403  403   403  403
POST /product-keys/bulk/ delete, apply                      403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ edit, preview      403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ edit, apply        403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ archive, preview   403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ archive, apply     403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ delete, preview    403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/bulk/ delete, apply      403  403  403  403   403  403   403  403   403  403
POST /product-keys/export/ masked                           403  403  403  403   403  403   403  403   403  403
POST /product-keys/export/ whole                            403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/export/ masked           403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/export/ whole            403  403  403  403   403  403   403  403   403  403
GET /product-keys/ opened                                   403  403  403  403   403  403   403  403   403  403
POST /product-keys/search/ whole                            403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/search/ whole            302  302  302  302   302  302   302  302   302  302
POST /admin/productkeys/productkey/ ticked                  403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/ ticked, export          403  403  403  403   403  403   403  403   403  403
POST /admin/productkeys/productkey/ typed into the list     403  403  403  403   403  403   403  403   403  403
""",
}

_MAY = "200  200  200  404   200  200   200  200   404  404"
ANSWERS["who roll out"] = "\n".join(
    f"{line[:60]}{_MAY}" if "/replace/" in line else line for line in ANSWERS["who only look"].splitlines()
)
"""They look, and change templates: what they do to those is no change of the key."""

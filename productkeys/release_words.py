"""Words of fixtures/operating_systems.json that pages show in the person's language: notes and servicing of releases.

The database holds the English text, and templates translate it on the way out. `make messages` finds the text here;
nothing imports this module. What somebody types in the admin has no translation and appears as it is.
"""

from django.utils.translation import gettext_noop as _

SERVICING = (_("fixed"),)

NOTES = (
    _("Microsoft's page of September 2022 printed 2024-10-14 as the end for Home and Pro."),
    _("For new devices only, not offered as an upgrade. The architectures are our judgement."),
    _(
        "Known from secondary sources only; the end for Enterprise and Education was not found (36 months would "
        "be 2029-10-09)."
    ),
    _("The servicing channel was then called CB/CBB. That there was no ARM64 is our judgement."),
    _("The servicing channel was then called CB/CBB."),
    _("ARM64 from this version on is our judgement."),
    _("IoT Enterprise starts on 2019-08-29."),
    _(
        "The only version with Extended Security Updates: three years for organisations, to 2028-10-10; for "
        "consumers to 2027-10-12, as the press reported in June 2026."
    ),
    _("Five years, mainstream support only; the IoT edition is supported longer."),
    _("Mainstream support only; 2032-01-13 belongs to the IoT edition."),
    _("Microsoft also calls it LTSC 2016. Extended Security Updates are announced, their end is not confirmed."),
    _("Microsoft also calls it LTSC 2015."),
    _("The KMS client key ...PDQGT needs build 19044.2905 or later."),
    _("No programme of Extended Security Updates was found."),
    _("Microsoft gives no mainstream date; to stay supported, devices had to move to Windows 8.1."),
    _("Without Service Pack 1, support ended on 2013-04-09."),
    _("Support of the original release ended on 2010-04-13, of Service Pack 1 on 2011-07-12."),
    _("A source of November 2024 printed 2029-10-09 and 2034-10-10; later ones agree on these dates."),
    _("Microsoft's pages start it on 2021-08-18 or 2021-11-02. The version label 21H2 is our judgement."),
    _(
        "Microsoft's release page of 2020 prints 2027-01-11 as the end. Extended Security Updates are announced, "
        "their end is not confirmed."
    ),
    _("MultiPoint Server 2012 has the same dates."),
    _("Extended Security Updates in Azure ran until 2024-01-09. Without Service Pack 1, support ended on 2013-04-09."),
    _(
        "Extended Security Updates in Azure ran until 2024-01-09. Service Pack 2 is build 6002, with later "
        "updates 6003."
    ),
    _("The last release of the Semi-Annual Channel."),
    _("First released on 2018-10-02, again on 2018-11-13. Same build as Windows Server 2019."),
)

"""Which editions have AVMA and which systems have Extended Security Updates, in portals that run already as well."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_SERVER = ("ServerStandard", "ServerDatacenter")
_CHANNEL = ("ServerStandardACor", "ServerDatacenterACor")
_AVMA = {
    "windows-server-2025": (*_SERVER, "ServerTurbine"),
    "windows-server-2022": (*_SERVER, "ServerTurbine"),
    "windows-server-2019": (*_SERVER, "ServerSolution"),
    "windows-server-2016": (*_SERVER, "ServerSolution"),
    "windows-server-2012-r2": (*_SERVER, "ServerSolution"),
    "windows-server-sac-1809-20h2": _CHANNEL,
    "windows-server-1803": _CHANNEL,
    "windows-server-1709": _CHANNEL,
}
_ESU = (
    "windows-10",
    "windows-10-enterprise-ltsb-2016",
    "windows-7",
    "windows-server-2016",
    "windows-server-2012-r2",
    "windows-server-2012",
    "windows-server-2008-r2",
    "windows-server-2008",
)


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What a new portal reads from its fixtures; a portal with rows of its own keeps those."""
    database = schema_editor.connection.alias
    offerings = apps.get_model("productkeys", "Offering").objects.using(database)
    for system, editions in _AVMA.items():
        offerings.filter(operating_system=system, edition__in=editions).update(has_avma=True)
    apps.get_model("productkeys", "OperatingSystem").objects.using(database).filter(pk__in=_ESU).update(has_esu=True)


class Migration(migrations.Migration):
    dependencies = [("productkeys", "0003_search_by_trigram")]
    operations = [
        migrations.AddField(
            "offering",
            "has_avma",
            models.BooleanField(
                default=False, help_text="Microsoft has an AVMA key for guests with this edition.", verbose_name="AVMA"
            ),
        ),
        migrations.AddField(
            "operatingsystem",
            "has_esu",
            models.BooleanField(
                default=False,
                help_text="Microsoft sells them, or has announced them. ESU keys are offered for these systems only.",
                verbose_name="Extended Security Updates",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

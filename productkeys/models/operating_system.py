"""Reference data: operating systems (what a key is for), their editions, and the releases that images are."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Architecture, Family

_slug = RegexValidator(r"\A[a-z0-9][a-z0-9-]*\Z", _("Use small letters, digits and hyphens only."))


def only_real_architectures(value: object) -> None:
    """Raise ValidationError unless `value` is a list of stored architecture values other than "any"."""
    known = set(Architecture.values) - {Architecture.ANY}
    if not isinstance(value, list) or not value or not set(map(str, value)) <= known:
        raise ValidationError(_("List one or more of %(known)s."), params={"known": ", ".join(sorted(known))})


class OperatingSystem(models.Model):
    """A Windows product that a key is for, such as "Windows 11" or the joined "Windows 11 / Windows 10".

    A joined product of Microsoft's list `covers` its members: its keys are usable for each of them.
    """

    slug = models.CharField(
        _("short name"),
        max_length=60,
        primary_key=True,
        validators=[_slug],
        help_text=_("Stands in addresses and files."),
    )
    name = models.CharField(_("name"), max_length=120, unique=True)
    family = models.CharField(_("family"), max_length=10, choices=Family)
    keys_have_n = models.BooleanField(
        _("keys hold the letter N"), default=True, help_text=_("True from Windows 8 and Windows Server 2012 on.")
    )
    has_esu = models.BooleanField(
        _("Extended Security Updates"),
        default=False,
        help_text=_("Microsoft sells them, or has announced them. ESU keys are offered for these systems only."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Choices are offered in this order.")
    )
    covers = models.ManyToManyField(
        "self", verbose_name=_("covers"), symmetrical=False, blank=True, related_name="covered_by"
    )

    class Meta:
        ordering = ["position", "slug"]
        verbose_name = _("operating system")
        verbose_name_plural = _("operating systems")

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """A version of an operating system, known by its builds: what an image or a rollout template is.

    Support dates belong here, keys to the product. Builds alone never tell the product: 26100 is client and server.
    """

    slug = models.CharField(_("short name"), max_length=60, primary_key=True, validators=[_slug])
    operating_system = models.ForeignKey(
        OperatingSystem, models.CASCADE, related_name="releases", verbose_name=_("operating system")
    )
    name = models.CharField(_("name"), max_length=120)
    version = models.CharField(_("version"), max_length=40, blank=True)
    first_build = models.PositiveIntegerField(_("first build"))
    last_build = models.PositiveIntegerField(_("last build"))
    servicing = models.CharField(_("servicing"), max_length=10, blank=True)
    architectures = models.JSONField(_("architectures"), validators=[only_real_architectures])
    start_date = models.DateField(_("available since"), null=True, blank=True)
    end_home_pro = models.DateField(_("end of support, Home and Pro"), null=True, blank=True)
    end_enterprise_education = models.DateField(_("end of support, Enterprise and Education"), null=True, blank=True)
    mainstream_end = models.DateField(_("end of mainstream support"), null=True, blank=True)
    extended_end = models.DateField(_("end of extended support"), null=True, blank=True)
    iot_end = models.DateField(_("end of support, IoT"), null=True, blank=True)
    esu_end = models.DateField(_("end of security updates (ESU)"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    source = models.TextField(_("source"), blank=True)

    class Meta:
        ordering = ["operating_system", "-first_build"]
        verbose_name = _("release")
        verbose_name_plural = _("releases")

    def __str__(self) -> str:
        return self.name


class OfferingManager(models.Manager["Offering"]):
    def get_by_natural_key(self, operating_system: str, edition: str) -> "Offering":
        return self.get(operating_system=operating_system, edition=edition)


class Offering(models.Model):
    """An edition that an operating system has, under the name people use for it there.

    `edition` is Microsoft's EditionID, what DISM, images and answer files say: EnterpriseS is LTSB 2015 and LTSC 2024.
    """

    class Certainty(models.TextChoices):
        CERTAIN = "certain", _("certain")
        PROBABLE = "probable", _("probable")
        EDITORIAL = "editorial", _("our judgement")

    operating_system = models.ForeignKey(
        OperatingSystem, models.CASCADE, related_name="offerings", verbose_name=_("operating system")
    )
    edition = models.CharField(_("edition"), max_length=60, help_text=_("Microsoft's EditionID, such as Professional."))
    label = models.CharField(_("label"), max_length=120)
    label_de = models.CharField(_("German label"), max_length=120, blank=True)
    architectures = models.JSONField(_("architectures"), validators=[only_real_architectures])
    has_avma = models.BooleanField(
        _("AVMA"), default=False, help_text=_("Microsoft has an AVMA key for guests with this edition.")
    )
    certainty = models.CharField(_("certainty"), max_length=10, choices=Certainty, default=Certainty.EDITORIAL)
    source = models.TextField(_("source"), blank=True)

    objects = OfferingManager()

    class Meta:
        ordering = ["operating_system", "id"]
        verbose_name = _("edition of an operating system")
        verbose_name_plural = _("editions of operating systems")
        constraints = [
            models.UniqueConstraint(fields=["operating_system", "edition"], name="one_offering_per_edition"),
        ]

    def __str__(self) -> str:
        return f"{self.operating_system_id}: {self.local_label}"

    def natural_key(self) -> tuple[str, str]:
        return self.operating_system_id, self.edition

    @property
    def local_label(self) -> str:
        return (self.label_de if get_language() == "de" else "") or self.label

"""The product key: what a person declared about it, how much of it is used, and the key itself, sealed."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Cast, Concat
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Architecture, KeyType, Status, Usage
from productkeys.domain.keycode import KeyCode
from productkeys.domain.remarks import remark_text
from productkeys.domain.rules import (
    ACTIVATION_ONLY_TYPES,
    COUNTED_TYPES,
    MAX_COMMENT,
    MAX_NAME,
    MAX_QUANTITY,
    ONE_DEVICE_TYPES,
    PUBLISHED_TYPES,
)
from productkeys.fields import SEALED_COLUMNS, SealedCodeField, fingerprints_of, open_public_code
from productkeys.models import reference
from productkeys.models.agreement import Agreement
from productkeys.models.attributed import Attributed
from productkeys.models.label import Label
from productkeys.models.operating_system import OperatingSystem
from productkeys.models.registered_key import RegisteredKey
from productkeys.models.scope import Scope
from productkeys.models.text import fold

if TYPE_CHECKING:
    from keyportal.people.models import User


READING = frozenset({"view", "reveal"})
"""The rights that change nothing."""


def sorted_and_searched(name: str, comment: str, last_five: str) -> tuple[str, str]:
    """What sorting and searching use of a key (`name_sort`, `search_text`)."""
    return fold(name)[:200], fold(f"{name}\n{comment}\n{last_five}")


class ProductKeyQuerySet(models.QuerySet["ProductKey"]):
    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """The keys whose existence `person` may know of: the only way from a request to a key."""
        return self.permitted(person, "view")

    def with_words(self, words: Iterable[str]) -> Self:
        """The keys that have each of `words`, which are folded, in their name, comment or last five characters."""
        found = self
        for word in words:
            found = found.filter(search_text__contains=word)
        return found

    def permitted(self, person: "User | AnonymousUser", right: str) -> Self:
        """The keys with which `person` may do what `right` ("view", "change", "reveal" ...) names.

        A right held in some scopes reaches the keys that belong there. Reading also reaches those that are everybody's
        and those shared with these scopes; changing does not, since others rely on them.
        """
        name = f"productkeys.{right}_productkey"
        if not person.has_perm(name):
            return self.none()
        assert person.is_authenticated
        scopes = person.scopes_with(name)
        if scopes is None:
            return self
        belongs_there = Q(scope__in=scopes)
        if right in READING:
            shared = ProductKey.shared_with.through.objects.filter(scope__in=scopes).values("productkey")
            belongs_there |= Q(scope__isnull=True) | Q(pk__in=shared)
        return self.filter(belongs_there)

    @property
    def is_everything(self) -> bool:
        """Whether these are all keys that there are: nothing was left out so far."""
        return not self.query.where and not self.query.is_sliced

    def holding(self, code: KeyCode) -> Self:
        """The entry with exactly this product key, whichever master key in force its fingerprint was made with."""
        columns = fingerprints_of(code)
        return self.filter(Q(*columns.items(), _connector=Q.OR))

    def holding_any(self, codes: Iterable[KeyCode]) -> dict[KeyCode, "ProductKey"]:
        """The entry of each of these product keys that has one, asked for all at once."""
        wanted = {(column, print_): code for code in codes for column, print_ in fingerprints_of(code).items()}
        columns = {column for column, _print in wanted}
        prints = [(f"{name}__in", [print_ for column, print_ in wanted if column == name]) for name in columns]
        found = self.filter(Q(*prints, _connector=Q.OR)) if prints else self.none()
        return {
            wanted[column, print_]: key
            for key in found
            for column in columns
            if (column, print_ := getattr(key, column)) in wanted
        }


class ProductKeyManager(models.Manager.from_queryset(ProductKeyQuerySet)):  # type: ignore[misc]  # django-stubs: dynamic base
    def get_by_natural_key(self, uid: str) -> "ProductKey":
        key: ProductKey = self.get(uid=uid)
        return key


def _under_its_key(column: str, prefix: str) -> Q:
    """The condition that `column` was made with the master key that its row names."""
    number = Cast("master_key", CharField(max_length=10))
    # Without the first condition an empty column would pass: NULL LIKE '...' is not false.
    return Q((f"{column}__isnull", False), (f"{column}__startswith", Concat(Value(prefix), number, Value("."))))


class ProductKey(Attributed):
    """One product key. `uid` never changes and names it in the trail; `version` grows with every change.

    `published` keys come from Microsoft's own list and are public; of all others only `last_five` is ever shown.
    A key belongs to its `scope`, and may be read in those it is `shared_with`; without a scope it is everybody's.
    Beside what the portal counts (`in_use`) stands what Microsoft counts (`microsoft_used`), as somebody read it on a
    day. `import_uid` is the import that brought the key. `shelf`, `unlimited` and `stock_level` are computed by the
    database, so that lists sort and filter by index.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=MAX_NAME)
    comment = models.TextField(_("comment"), blank=True, max_length=MAX_COMMENT)
    key_type = models.CharField(_("type"), max_length=10, choices=KeyType)
    operating_system = models.ForeignKey(
        OperatingSystem, models.PROTECT, related_name="product_keys", verbose_name=_("operating system"), db_index=False
    )
    edition = models.CharField(_("edition"), max_length=60, blank=True, choices=reference.edition_choices)
    architecture = models.CharField(_("architecture"), max_length=10, choices=Architecture, default=Architecture.ANY)
    usage = models.CharField(_("used for"), max_length=30, choices=Usage)
    quantity = models.PositiveIntegerField(
        _("quantity"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_QUANTITY)],
        help_text=_("Empty: no limit."),
    )
    in_use = models.PositiveIntegerField(_("in use"), default=0)
    fingerprint_odd = models.CharField(max_length=80, unique=True, null=True, editable=False)  # noqa: DJ001 - unique
    fingerprint_even = models.CharField(max_length=80, unique=True, null=True, editable=False)  # noqa: DJ001 - unique
    last_five = models.CharField(_("last five characters"), max_length=5, editable=False)
    master_key = models.ForeignKey(
        RegisteredKey, models.PROTECT, related_name="+", editable=False, verbose_name=_("master key")
    )
    code = SealedCodeField(_("product key"))
    published = models.BooleanField(_("published by Microsoft"), default=False, editable=False)
    scope = models.ForeignKey(
        Scope,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="product_keys",
        verbose_name=_("scope"),
        help_text=_("Empty: everybody's."),
    )
    shared_with = models.ManyToManyField(Scope, blank=True, related_name="+", verbose_name=_("also shared with"))
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="product_keys", verbose_name=_("agreement")
    )
    labels = models.ManyToManyField(Label, blank=True, related_name="product_keys", verbose_name=_("labels"))
    microsoft_used = models.PositiveIntegerField(_("used as Microsoft counts"), null=True, blank=True)
    microsoft_counted_on = models.DateField(_("counted on"), null=True, blank=True)
    microsoft_counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    microsoft_count_imported = models.BooleanField(default=False, editable=False)
    import_uid = models.UUIDField(null=True, editable=False)
    source = models.CharField(_("source"), max_length=200, blank=True, editable=False)
    source_date = models.DateField(_("date of the source"), null=True, blank=True, editable=False)
    remark = models.SlugField(max_length=40, blank=True, editable=False, db_index=False)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.ACTIVE)
    version = models.PositiveIntegerField(default=1, editable=False)
    name_sort = models.CharField(max_length=200, editable=False)
    search_text = models.TextField(editable=False)

    shelf = models.GeneratedField(
        expression=Case(When(status=Status.ARCHIVED, then=Value(1)), default=Value(0)),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    unlimited = models.GeneratedField(
        expression=Case(When(quantity__isnull=True, then=Value(1)), default=Value(0)),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    stock_level = models.GeneratedField(
        expression=Case(When(quantity__gt=0, then=F("in_use") * Value(1000) / F("quantity")), default=Value(0)),
        output_field=models.PositiveIntegerField(),
        db_persist=True,
    )

    objects = ProductKeyManager()

    class Meta:
        verbose_name = _("product key")
        verbose_name_plural = _("product keys")
        permissions = [
            ("reveal_productkey", _("Can reveal product keys that are not public")),
            ("release_productkey", _("Can let product keys be revealed again after a stop")),
        ]
        constraints = [
            models.CheckConstraint(name="key_type_known", condition=Q(key_type__in=KeyType.values)),
            models.CheckConstraint(name="architecture_known", condition=Q(architecture__in=Architecture.values)),
            models.CheckConstraint(name="usage_known", condition=Q(usage__in=Usage.values)),
            models.CheckConstraint(name="status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="mak_host_esu_activate_only",
                condition=~Q(key_type__in=sorted(ACTIVATION_ONLY_TYPES)) | Q(usage=Usage.ACTIVATION),
            ),
            models.CheckConstraint(
                name="quantity_positive",
                condition=Q(quantity__isnull=True) | Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
            ),
            models.CheckConstraint(
                name="counted_types_have_quantity",
                condition=~Q(key_type__in=sorted(COUNTED_TYPES)) | Q(quantity__isnull=False),
            ),
            models.CheckConstraint(
                name="published_types_have_no_quantity",
                condition=~Q(key_type__in=sorted(PUBLISHED_TYPES)) | Q(quantity__isnull=True),
            ),
            models.CheckConstraint(
                name="one_device_types_have_one",
                # Without the second condition an empty quantity would pass: NULL = 1 is not false.
                condition=~Q(key_type__in=sorted(ONE_DEVICE_TYPES)) | Q(quantity=1, quantity__isnull=False),
            ),
            models.CheckConstraint(
                name="in_use_within_quantity", condition=Q(quantity__isnull=True) | Q(in_use__lte=F("quantity"))
            ),
            models.CheckConstraint(
                name="published_keys_are_everybodys", condition=Q(published=False) | Q(scope__isnull=True)
            ),
            # A row that names one master key and was sealed with another would outlive the key that opens it.
            models.CheckConstraint(name="sealed_with_its_master_key", condition=_under_its_key("code", "kp1.e")),
            models.CheckConstraint(
                name="found_by_its_master_key",
                condition=_under_its_key("fingerprint_odd", "f") | _under_its_key("fingerprint_even", "f"),
            ),
            models.CheckConstraint(
                name="only_public_types_are_published",
                condition=Q(published=False) | Q(key_type__in=sorted(PUBLISHED_TYPES)),
            ),
        ]
        # One index per sort of the list (listing/sorting.py), each after the shelf and ending in the id; then the
        # filters that people combine most, in the order of the list.
        indexes = [
            models.Index(fields=["shelf", "published", "name_sort", "id"], name="key_sort_own_first"),
            models.Index(fields=["shelf", "name_sort", "id"], name="key_sort_name"),
            models.Index(fields=["shelf", "key_type", "id"], name="key_sort_type"),
            models.Index(fields=["shelf", "operating_system", "id"], name="key_sort_system"),
            models.Index(fields=["shelf", "edition", "id"], name="key_sort_edition"),
            models.Index(fields=["shelf", "architecture", "id"], name="key_sort_architecture"),
            models.Index(fields=["shelf", "usage", "id"], name="key_sort_usage"),
            models.Index(fields=["shelf", "unlimited", "stock_level", "id"], name="key_sort_stock"),
            models.Index(fields=["shelf", "unlimited", "-stock_level", "-id"], name="key_sort_stock_falling"),
            models.Index(fields=["shelf", "changed_at", "id"], name="key_sort_changed"),
            models.Index(fields=["shelf", "last_five", "id"], name="key_sort_last_five"),
            models.Index(fields=["shelf", "key_type", "published", "name_sort", "id"], name="key_type_own_first"),
            models.Index(
                fields=["shelf", "key_type", "operating_system", "published", "name_sort", "id"],
                name="key_type_and_system",
            ),
            models.Index(fields=["import_uid"], condition=Q(import_uid__isnull=False), name="key_of_import"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Let what is derived from a field be written along with it."""
        if (fields := kwargs.get("update_fields")) is not None:
            fields = set(fields)
            if "code" in fields:
                fields |= set(SEALED_COLUMNS)
            if fields & {"name", "comment", "code"}:
                fields |= {"name_sort", "search_text"}
            kwargs["update_fields"] = fields
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("productkeys:detail", args=[self.pk])

    def prepare_text(self) -> None:
        """Set what sorting and searching use; for writes that skip `save`, such as `bulk_create`."""
        self.name_sort, self.search_text = sorted_and_searched(self.name, self.comment, self.last_five)

    def natural_key(self) -> tuple[str]:
        return (str(self.uid),)

    def permits(self, person: "User", right: str) -> bool:
        """Whether this key is among those that `permitted` gives, by the scope that it has in memory.

        Asks the database for nothing but whom a key of another scope is shared with, and for reading alone.
        """
        scopes = person.scopes_with(f"productkeys.{right}_productkey")
        if scopes is None or self.scope_id in scopes:
            return True
        if right not in READING or not scopes:
            return False
        return self.scope_id is None or self.shared_with.filter(pk__in=scopes).exists()

    @property
    def edition_label(self) -> str:
        """What people call the edition on this operating system; "all editions" where the key names none."""
        if not self.edition:
            return str(_("all editions"))
        return reference.current().edition_label(self.operating_system_id, self.edition)

    @property
    def left(self) -> int | None:
        """How many activations (MAK), hosts or devices are left; None where there is no limit."""
        return None if self.quantity is None else self.quantity - self.in_use

    @property
    def remark_text(self) -> str:
        return remark_text(self.remark)

    @property
    def public_code(self) -> str:
        """The whole key where Microsoft published it, and its mask otherwise."""
        code = self.code
        return open_public_code(code.token, self.uid, self.last_five) if self.published else str(code)


@receiver(pre_save, sender=ProductKey)
def prepare_text(instance: ProductKey, **_signal: Any) -> None:
    """Raw saves (fixtures) skip `save`, so this listens instead."""
    instance.prepare_text()

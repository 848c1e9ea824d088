"""Two rows of reference data that mean one thing become one: "БМВ" goes into "BMW".

Whatever pointed to the one that goes points to the one that stays: listings with all their drafts, models of a make,
dealers of a city. Its names and its code stay as aliases, so that files, visitors and old addresses still find the
right one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ForeignObjectRel, Model, QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Revision
from wagtail.permissions import policy_registry

from cms.users.models import User

from .known_names import plain_name
from .marks import mark
from .models import CarModel, Equipment, EquipmentGroup, Generation, Listing, Make, Trim, Version
from .models.reference import ReferenceRow
from .tasks import start_rebuild

CHILDREN: dict[type[ReferenceRow], tuple[type[ReferenceRow], str]] = {
    Make: (CarModel, "make"),
    CarModel: (Generation, "model"),
    Generation: (Trim, "generation"),
    EquipmentGroup: (Equipment, "group"),
}
"""Rows that move along, and their field that names the parent. Two of one name become one as well."""

BATCH = 500


def merge(keep: ReferenceRow, others: Sequence[ReferenceRow], user: User | None = None) -> Counter[str]:
    """Moves everything from `others` to `keep` and deletes them, in one transaction.

    Returns how many rows of each kind moved, by the kind's name. Raises ValidationError when the rows cannot mean one
    thing, PermissionDenied when the user may not change the one and delete the others.
    """
    _check(keep, others, user)
    moved: Counter[str] = Counter()
    with transaction.atomic():
        for other in others:
            _merge_one(keep, other, moved)
        Version.take_next(Version.Of.REFERENCE)
        log(
            instance=keep,
            action="listings.merge",
            user=user,
            data={"merged": [str(other) for other in others], "moved": dict(moved)},
        )
    return moved


def may_merge(user: Any, kind: type[ReferenceRow]) -> bool:
    """Whether the user may change one row of the kind and delete the others."""
    policy = policy_registry.get_by_type(kind)
    return bool(policy.user_has_permission(user, "change") and policy.user_has_permission(user, "delete"))


def siblings(row: ReferenceRow) -> QuerySet[Any]:
    """Rows that can mean the same as this one."""
    parent = _common_parent(row)
    within = {parent: getattr(row, parent)} if parent else {}
    return type(row)._default_manager.filter(**within).exclude(pk=row.pk)


def _common_parent(row: ReferenceRow) -> str | None:
    """The field that doubles have in common: a model of two makes is two models. Equipment moves between groups."""
    parents = {child: field for child, field in CHILDREN.values() if field != "group"}
    return parents.get(type(row))


def _check(keep: ReferenceRow, others: Sequence[ReferenceRow], user: User | None) -> None:
    if not others or keep in others:
        raise ValidationError(_("Choose at least two, and which of them stays."))
    parent = _common_parent(keep)
    for other in others:
        if type(other) is not type(keep):
            raise ValidationError(_("Only entries of one kind can be merged."))
        if parent and getattr(other, f"{parent}_id") != getattr(keep, f"{parent}_id"):
            raise ValidationError(
                _("“%(one)s” and “%(other)s” belong to different parents: merge those first.")
                % {"one": keep, "other": other}
            )
    if user is not None and not may_merge(user, type(keep)):
        raise PermissionDenied


def _merge_one(keep: ReferenceRow, other: ReferenceRow, moved: Counter[str]) -> None:
    _move_children(keep, other, moved)
    for relation in _relations(keep):
        if relation.many_to_many:
            _move_choices(relation, keep, other, moved)
        else:
            rows = relation.related_model._default_manager.filter(**{relation.field.name: other})
            if relation.related_model is Listing:
                mark(rows.values_list("pk", flat=True))
            _count(moved, relation.related_model, rows.update(**{relation.field.name: keep}))
    _move_in_drafts(keep, other)
    names = dict.fromkeys([*keep.aliases.splitlines(), *other.words(), other.code_in_addresses()])
    keep.aliases = "\n".join(name for name in names if name not in {keep.words()[0], ""})
    other.delete()
    keep.save()
    field = _listing_field(keep)
    if field:
        start_rebuild(field, keep.pk)


def _relations(row: ReferenceRow) -> list[Any]:
    """Everything that points to rows of this kind, unnamed relations too; a choice's own table is its relation's."""
    found = row._meta.get_fields(include_hidden=True)
    return [item for item in found if isinstance(item, ForeignObjectRel) and not item.related_model._meta.auto_created]


def _move_children(keep: ReferenceRow, other: ReferenceRow, moved: Counter[str]) -> None:
    if type(keep) not in CHILDREN:
        return
    child, parent = CHILDREN[type(keep)]
    there = {plain_name(word): row for row in child._default_manager.filter(**{parent: keep}) for word in row.words()}
    for row in child._default_manager.filter(**{parent: other}):
        same = next((there[plain_name(word)] for word in row.words() if plain_name(word) in there), None)
        if same is not None:
            _merge_one(same, row, moved)
        else:
            child._default_manager.filter(pk=row.pk).update(**{parent: keep})
            _count(moved, child, 1)


def _move_choices(relation: Any, keep: ReferenceRow, other: ReferenceRow, moved: Counter[str]) -> None:
    """A car that has both keeps one."""
    field = relation.field
    through, target, source = field.remote_field.through, field.m2m_reverse_field_name(), field.m2m_field_name()
    has_both = through._default_manager.filter(**{target: keep}).values(source)
    rows = through._default_manager.filter(**{target: other})
    if field.model is Listing:
        mark(rows.values_list(source, flat=True))
    rows.filter(**{f"{source}__in": has_both}).delete()
    _count(moved, field.model, through._default_manager.filter(**{target: other}).update(**{target: keep}))


def _move_in_drafts(keep: ReferenceRow, other: ReferenceRow) -> None:
    """Drafts, scheduled versions and history: a revision names its rows by id."""
    field = _listing_field(keep)
    if field is None:
        return
    revisions = Revision.objects.filter(base_content_type=ContentType.objects.get_for_model(Listing))
    if Listing._meta.get_field(field).many_to_many:
        changed = _with_choice(revisions.iterator(BATCH), field, keep.pk, other.pk)
    else:
        changed = _with_key(revisions.filter(**{f"content__{field}": other.pk}).iterator(BATCH), field, keep.pk)
    batch: list[Revision] = []
    for revision in changed:
        batch.append(revision)
        if len(batch) == BATCH:
            Revision.objects.bulk_update(batch, ["content"])
            batch.clear()
    Revision.objects.bulk_update(batch, ["content"])


def _with_key(revisions: Iterable[Revision], field: str, pk: int) -> Iterable[Revision]:
    for revision in revisions:
        revision.content[field] = pk
        yield revision


def _with_choice(revisions: Iterable[Revision], field: str, keep: int, other: int) -> Iterable[Revision]:
    for revision in revisions:
        chosen = revision.content.get(field) or []
        if other in chosen:
            revision.content[field] = list(dict.fromkeys(keep if pk == other else pk for pk in chosen))
            yield revision


def _listing_field(row: ReferenceRow) -> str | None:
    """The listing's field that points to rows of this kind."""
    return next((field.name for field in Listing._meta.get_fields() if field.related_model is type(row)), None)


def _count(moved: Counter[str], model: type[Model], number: int) -> None:
    if number:
        moved[str(model._meta.verbose_name_plural)] += number

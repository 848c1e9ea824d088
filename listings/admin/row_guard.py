"""Closes Wagtail's admin to rows that are not the user's.

Wagtail's generic views mostly ask whether somebody may change *listings*, not *this listing*. Here every view of a
viewset gets a guard in front of it, so that a view which Wagtail or we add later is guarded too:

    class ListingViewSet(GuardedSnippetViewSet): …       # its policy is registered at the top of wagtail_hooks.py

A foreign row does not exist: 404, and no title. What belongs to no viewset is closed by `RowBlindViewsMiddleware`.
"""

from collections.abc import Callable, Collection
from typing import Any, cast

from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views import View
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import Revision, TaskState, WorkflowState
from wagtail.permissions import policy_registry
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from listings.models import Listing
from listings.permissions import sees_all_dealers

ANY = ("add", "change", "delete", "view", "publish", "choose")
"""Whoever may do any of these with a row knows that it exists."""

PARTS = {
    "revision_id": (Revision, "base_content_type", "object_id"),
    "revision_id_a": (Revision, "base_content_type", "object_id"),
    "revision_id_b": (Revision, "base_content_type", "object_id"),
    "task_state_id": (TaskState, "workflow_state__base_content_type", "workflow_state__object_id"),
    "workflow_state_id": (WorkflowState, "base_content_type", "object_id"),
}
"""What an address may name beside the row, and how it must hang together with the row."""


def rows_of(user: Any, model: type[Model]) -> QuerySet[Any]:
    """All rows of the model that the user may know of."""
    rows: QuerySet[Any] = policy_registry.get_by_type(model).instances_user_has_any_permission_for(user, ANY)
    return rows


class RowGuard(View):
    """Before the view fetches anything: is the row, and are its revision and task, the user's?"""

    guarded_model: type[Model]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if not policy_registry.get_by_type(self.guarded_model).user_has_any_permission(request.user, ANY):
            raise PermissionDenied
        key = kwargs.get("pk", args[0] if args else None)
        if key is not None:
            self._require(request.user, unquote(str(key)), kwargs)
        super().setup(request, *args, **kwargs)

    def _require(self, user: Any, key: str, kwargs: dict[str, Any]) -> None:
        try:
            found = rows_of(user, self.guarded_model).filter(pk=key).exists()
        except (ValueError, OverflowError) as error:
            raise Http404 from error
        if not found:
            raise Http404
        for name in PARTS.keys() & kwargs.keys():
            part = str(kwargs[name])
            # "latest", "live" and the like are looked up from the row itself.
            if part.isdigit() and not self._belongs(name, part, key):
                raise Http404

    def _belongs(self, name: str, part: str, key: str) -> bool:
        model, kind, row = PARTS[name]
        kinds = ContentType.objects.get_for_models(self.guarded_model, for_concrete_models=False).values()
        return bool(model._default_manager.filter(**{"pk": part, f"{kind}__in": list(kinds), row: key}).exists())


class ListGuard:
    """For views that list, search, filter or export."""

    guarded_model: type[Model]
    request: HttpRequest

    def get_base_queryset(self) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_base_queryset()  # type: ignore[misc]
        # A history lists log entries of one row, which has been checked.
        if queryset.model is not self.guarded_model or sees_all_dealers(self.request.user):
            return queryset
        return queryset.filter(pk__in=rows_of(self.request.user, self.guarded_model).values("pk"))


class ChooseGuard:
    guarded_model: type[Model]
    request: HttpRequest

    def get_object_list(self) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_object_list()  # type: ignore[misc]
        return queryset.filter(pk__in=rows_of(self.request.user, self.guarded_model).values("pk"))


class ChosenMultipleGuard:
    guarded_model: type[Model]
    request: HttpRequest

    def get_objects(self, keys: Collection[Any]) -> QuerySet[Any]:
        return rows_of(self.request.user, self.guarded_model).filter(pk__in=[key for key in keys if str(key).isdigit()])


LISTS: dict[str, type] = {
    "get_base_queryset": ListGuard,
    "get_object_list": ChooseGuard,
    "get_objects": ChosenMultipleGuard,
}
"""Methods by which Wagtail's views fetch many rows, and what limits them."""


class GuardedViewsMixin:
    """For a viewset whose model has a policy of rows."""

    model: Any

    def construct_view(self, view_class: type[View], **kwargs: Any) -> Callable[..., HttpResponse]:
        bases = [RowGuard, *(guard for name, guard in LISTS.items() if hasattr(view_class, name))]
        guarded = type(view_class.__name__, (*bases, view_class), {"guarded_model": self.model})
        return cast(Any, super()).construct_view(guarded, **kwargs)


class GuardedChooserViewSet(GuardedViewsMixin, SnippetChooserViewSet):
    """The snippet's chooser, of the user's rows only."""


class GuardedSnippetViewSet(GuardedViewsMixin, SnippetViewSet):
    chooser_viewset_class = GuardedChooserViewSet


class GuardedModelViewSet(GuardedViewsMixin, ModelViewSet):
    """For models that are no snippets."""


class GuardedModelChooserViewSet(GuardedViewsMixin, ChooserViewSet):
    """A chooser of a model that is no snippet."""


class OwnRowsBulkAction(SnippetBulkAction):
    """A bulk action that neither counts nor prints what is not the user's. `verb`: the right it takes."""

    verb: str

    def get_queryset(self, model: type[Model], object_ids: Collection[Any]) -> list[Any]:
        """An instance's method in place of Wagtail's class method: it needs the user."""
        keys = [key for key in object_ids if str(key).isdigit()]
        found = list(rows_of(self.request.user, model).filter(pk__in=keys))
        if not found:
            raise Http404
        return found

    def check_perm(self, obj: Model) -> bool:
        # The row is his: what is left is whether he may do this at all.
        return bool(self.permission_policy.user_has_permission(self.request.user, self.verb))


class DeleteOwnRows(OwnRowsBulkAction, DeleteBulkAction):
    """Wagtail's deletion of many; the models are those that have a policy of rows."""

    verb = "delete"
    models: list[type[Model]] = [Listing]

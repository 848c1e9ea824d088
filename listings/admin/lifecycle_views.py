"""Wagtail's buttons on a listing end in the verbs of `lifecycle`, as everything else does."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.snippets.views.snippets import CreateView, EditView, UnpublishView

from listings import bulk, lifecycle
from listings.models import Listing
from listings.moderation import workflow


class LifecycleMixin:
    """For the pages on which a listing is made or edited."""

    object: Listing
    action: str
    request: HttpRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        # A revision a second would bury the change log, and half a sentence is nothing to moderate.
        self.autosave_enabled = False

    def publish_action(self) -> HttpResponse | None:
        return self._act(lifecycle.publish)

    def submit_action(self) -> HttpResponse | None:
        if self.object.pk in workflow.ids_in_moderation([self.object.pk]):
            return None
        return self._act(lifecycle.submit)

    restart_workflow_action = submit_action

    def cancel_workflow_action(self) -> HttpResponse | None:
        return self._act(lifecycle.withdraw)

    def workflow_action_action(self) -> HttpResponse | None:
        try:
            super().workflow_action_action()  # type: ignore[misc]
        except ValidationError as error:
            return self._refuse(error)
        return None

    def get_success_message(self, instance: Listing | None = None) -> str:
        """What became of the car. Wagtail's sentences take a name into them that Russian would have to bend."""
        car = instance or self.object
        if self.action == "publish" and not (car.go_live_at and car.go_live_at > timezone.now()):
            return _("“%s” is published.") % car
        if self.action in ("submit", "restart-workflow"):
            return _("“%s” is submitted. You will see on the home page what the moderator decides.") % car
        if self.action == "cancel-workflow":
            return _("“%s” does not wait for a moderator any more.") % car
        if self.action in ("edit", "create"):
            return _("“%s” is saved.") % car
        return str(super().get_success_message(instance))  # type: ignore[misc]

    def _act(self, verb: Any) -> HttpResponse | None:
        """Saved it is already; a refusal is shown on the edit page."""
        try:
            lifecycle.single(verb([self.object], self.request.user))
        except ValidationError as error:
            return self._refuse(error)
        self.object.refresh_from_db()
        return None

    def _refuse(self, error: ValidationError) -> HttpResponse:
        messages.error(self.request, " ".join(error.messages))
        return redirect(reverse(Listing.snippet_viewset.get_url_name("edit"), args=[self.object.pk]))


class ListingCreateView(LifecycleMixin, CreateView):
    pass


class ListingEditView(LifecycleMixin, EditView):
    def save_instance(self) -> Listing:
        """A change that the settings trust needs no moderator; a car in moderation stays there with its new content."""
        before = bulk.newest_contents([self.object.pk]).get(self.object.pk)
        settled = self.object.live and not self.object.has_unpublished_changes
        listing: Listing = super().save_instance()
        workflow.follow([listing])
        if settled and self.action == "edit":
            lifecycle.publish_small_change(listing, before, self.request.user)  # type: ignore[arg-type]
        return listing


class ListingUnpublishView(UnpublishView):
    def unpublish(self) -> HttpResponse | None:
        try:
            lifecycle.single(lifecycle.unpublish([self.object], self.request.user))
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
            return redirect(self.get_next_url())
        return None

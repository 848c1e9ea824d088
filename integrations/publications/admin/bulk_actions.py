"""Decisions on many ticked publications and channels: first a page that says what will happen, then the verbs.

What the page says of each row is what the verb would answer: both ask the same function.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from integrations.publications import actions, decisions, pausing
from integrations.publications.models import Channel, Publication

from .filters import PublicationFilterSet
from .views import visible_publications

MOST = 500
"""Rows of one go: each is a transaction of its own, and a person waits for the page."""
LISTED = 100
ID_DIGITS = 18
SAID = 5
"""Refusals that the message afterwards names."""
CONFIRMED = "confirmed"

Deed = Callable[..., None]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=pausing.LONGEST_REASON,
        help_text=gettext_lazy("Your colleagues will read it."),
    )


class ProofForm(forms.Form):
    how = forms.CharField(
        label=gettext_lazy("When and how was it removed?"),
        max_length=decisions.LONGEST_PROOF,
        help_text=gettext_lazy("For example: deleted in the application on Friday at 14:00. It is kept as proof."),
    )


def read_ids(values: Sequence[str]) -> list[int]:
    """Those that can be ids of rows at all."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= ID_DIGITS]


@dataclass(frozen=True)
class Line:
    row: Any
    refusal: str


class RowsBulkAction(BulkAction):
    """One deed for all ticked rows that the user may see."""

    template_name = "publications/admin/bulk_action.html"
    explanation: Any = ""
    icon = "history"
    deed: Deed

    def visible(self) -> QuerySet[Any]:
        raise NotImplementedError

    def shown(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of them that the list shows: its filters and its search are in the address."""
        raise NotImplementedError

    def refusal(self, row: Any) -> str:
        raise NotImplementedError

    @cached_property
    def rows(self) -> list[Any]:
        ids = self.request.GET.getlist("id")
        rows = self.visible()
        rows = self.shown(rows) if "all" in ids else rows.filter(pk__in=read_ids(ids))
        found = list(rows[: MOST + 1])
        if not found:
            raise Http404
        return found

    @property
    def too_many(self) -> bool:
        return len(self.rows) > MOST

    def get_actionable_objects(self) -> Any:
        return self.rows, {"items_with_no_access": []}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = [] if self.too_many else [Line(row, self.refusal(row)) for row in self.rows]
        # Refusals are what one has to read: they come first, and so onto the page.
        lines.sort(key=lambda line: not line.refusal)
        form = kwargs.pop("form", None) or self.get_form()
        refused = sum(bool(line.refusal) for line in lines)
        return {
            "view": self,
            "form": form,
            "action": self,
            "lines": lines[:LISTED],
            "more": max(len(lines) - LISTED, 0),
            "number": len(lines),
            "refused": refused,
            "will_be_done": len(lines) - refused,
            "most": MOST,
            "next": self.next_url,
            "submit_url": self.request.get_full_path(),
        }

    def form_valid(self, form: forms.Form) -> HttpResponse:
        if self.too_many or CONFIRMED not in self.request.POST:
            return cast(HttpResponse, self.render_to_response(self.get_context_data(form=form)))
        refused: list[str] = []
        for row in self.rows:
            try:
                type(self).deed(row, self.request.user, **form.cleaned_data)
            except ValidationError as error:
                refused.append(f"{row}: {' '.join(error.messages)}")
            except PermissionDenied:
                refused.append(_("%s: you may not do this.") % row)
        self._tell(refused)
        return redirect(self.next_url)

    def _tell(self, refused: Sequence[str]) -> None:
        done = len(self.rows) - len(refused)
        if done:
            words = ngettext("%(action)s: done for %(count)d row.", "%(action)s: done for %(count)d rows.", done)
            messages.success(self.request, words % {"action": self.display_name, "count": done})
        if refused:
            words = ngettext("%(count)d row was refused.", "%(count)d rows were refused.", len(refused))
            rest = [_("And others.")] if len(refused) > SAID else []
            messages.warning(self.request, " ".join([words % {"count": len(refused)}, *refused[:SAID], *rest]))


# --- Publications ---------------------------------------------------------------------------------
class PublicationBulkAction(RowsBulkAction):
    models = [Publication]
    verb: str

    def visible(self) -> QuerySet[Publication]:
        if not self.request.user.has_perm("publications.change_publication"):
            raise PermissionDenied
        return visible_publications(self.request.user).select_related("document", "channel").order_by("-changed_at")

    def shown(self, rows: QuerySet[Publication]) -> QuerySet[Publication]:
        filters = PublicationFilterSet(self.request.GET, queryset=rows, request=self.request)
        rows = filters.qs if filters.is_valid() else rows.none()
        words = self.request.GET.get("q", "").strip()
        return rows.filter(document__title__icontains=words) if words else rows

    @cached_property
    def _may_publish(self) -> bool:
        """The rows are the user's: what is left is the right itself, as `actions.may_change` asks for each."""
        return bool(self.request.user.has_perm("listings.publish_listing"))

    def refusal(self, row: Publication) -> str:
        if not (self._may_publish if row.document.listing_id else actions.may_change(row, self.request.user)):
            return _("You may not publish this car.")
        return str(decisions.refusal(row, self.verb))


def publication_action(
    verb: str, priority: int, deed: Deed, name: Any, explanation: Any, form: type[forms.Form] = forms.Form
) -> type[PublicationBulkAction]:
    attributes = {
        "display_name": name,
        "aria_label": name,
        "action_type": verb.replace("_", "-"),
        "verb": verb,
        "action_priority": priority,
        "deed": staticmethod(deed),
        "explanation": explanation,
        "form_class": form,
    }
    return type(f"{verb.title().replace('_', '')}Action", (PublicationBulkAction,), attributes)


PUBLICATION_ACTIONS = [
    publication_action(
        "retry", 10, actions.retry_now, gettext_lazy("Try now"), gettext_lazy("Workers look at each at once."),
    ),
    publication_action(
        "withdraw", 20, decisions.withdraw, gettext_lazy("Withdraw"),
        gettext_lazy("The posts are removed, and the cars stay out of these channels until somebody puts them back."),
    ),
    publication_action(
        "post_again", 30, decisions.post_again, gettext_lazy("Publish anew"),
        gettext_lazy(
            "Each post is taken away and made anew, within the channel's hours and limits. "
            "Where a program cannot remove posts, a person is asked to."
        ),
    ),
    publication_action(
        "skip", 40, decisions.skip, gettext_lazy("Leave out"),
        gettext_lazy("The cars are not published in these channels until somebody puts them back."),
    ),
    publication_action(
        "put_back", 50, decisions.put_back, gettext_lazy("Put back"),
        gettext_lazy("The cars go into these channels again, as the channels' rules allow."),
    ),
    publication_action(
        "removed_by_hand", 60, decisions.removed_by_hand, gettext_lazy("Removed by hand"),
        gettext_lazy("You have removed the posts yourself. The cars stay out of these channels until put back."),
        ProofForm,
    ),
]  # fmt: skip


# --- Channels -------------------------------------------------------------------------------------
class ChannelBulkAction(RowsBulkAction):
    models = [Channel]
    icon = "site"

    def visible(self) -> QuerySet[Channel]:
        if not self.request.user.has_perm("publications.change_channel"):
            raise PermissionDenied
        return Channel.objects.all()

    def shown(self, rows: QuerySet[Channel]) -> QuerySet[Channel]:
        words = self.request.GET.get("q", "").strip()
        return rows.filter(name__icontains=words) if words else rows


class PauseChannels(ChannelBulkAction):
    display_name = gettext_lazy("Pause")
    aria_label = gettext_lazy("Pause the ticked channels")
    action_type = "pause"
    action_priority = 10
    deed = staticmethod(pausing.pause_channel)
    form_class = ReasonForm
    explanation = gettext_lazy("Nothing is published, changed or withdrawn there until somebody resumes the channels.")

    def refusal(self, row: Channel) -> str:
        return pausing.refuses_pause(row)


class ResumeChannels(ChannelBulkAction):
    display_name = gettext_lazy("Resume")
    aria_label = gettext_lazy("Resume the ticked channels")
    action_type = "resume"
    action_priority = 20
    deed = staticmethod(pausing.resume_channel)
    explanation = gettext_lazy("Everything that has waited goes on.")

    def refusal(self, row: Channel) -> str:
        return pausing.refuses_resume(row)


def register() -> None:
    for action in [*PUBLICATION_ACTIONS, PauseChannels, ResumeChannels]:
        hooks.register("register_bulk_action", action)

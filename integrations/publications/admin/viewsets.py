"""Channels and publications in the admin."""

import logging
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import ProtectedError, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin import messages
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.widgets.button import HeaderButton

from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable, credential_store
from integrations.marketplaces.registry import all_adapters, get_adapter
from integrations.publications.actions import may_change
from integrations.publications.models import Channel, Publication
from integrations.publications.texts import actions_of, problem_of, state_label, tone
from integrations.publications.vocabulary import TROUBLED
from listings.admin.row_guard import GuardedModelViewSet

from .filters import PublicationFilterSet
from .forms import STORE_IS_AWAY, ChannelForm, channel_form
from .views import decisions_of, visible_publications

logger = logging.getLogger(__name__)

ATTEMPTS_SHOWN = 50


class StateColumn(Column):
    """The state in colour, with the problem below."""

    def get_value(self, instance: Publication) -> str:
        return format_html(
            '<span class="listing-place listing-place--{}">{}</span><div class="listing-place__detail">{}</div>',
            tone(instance),
            state_label(instance),
            problem_of(instance),
        )


class AddressColumn(Column):
    def get_value(self, instance: Publication) -> str:
        if not instance.address.startswith(("https://", "http://")):
            return "—"
        return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', instance.address, _("Open"))


class ChannelStateColumn(Column):
    def get_value(self, instance: Channel) -> Any:
        if not instance.is_active:
            return _("Switched off")
        if instance.paused_at:
            return instance.paused_reason
        return _("The platform is down, it is asked again soon") if instance.resting_until else _("Works")


# --- Channels -------------------------------------------------------------------------------------
class TickedIndexView(generic.IndexView):
    """A list whose rows can be ticked, for those who may decide something of them."""

    right: str

    @cached_property
    def may_tick(self) -> bool:
        return bool(self.request.user.has_perm(self.right))

    @cached_property
    def columns(self) -> list[Any]:
        tick = BulkActionsCheckboxColumn("bulk_actions", obj_type=self.model._meta.model_name)
        return [tick, *super().columns] if self.may_tick else list(super().columns)


class ChannelIndexView(TickedIndexView):
    right = "publications.change_channel"

    def get_base_queryset(self) -> QuerySet[Channel]:
        queryset: QuerySet[Channel] = super().get_base_queryset().select_related("dealer")
        return queryset

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.add_url:
            return []
        return [HeaderButton(_("Add a channel"), url=self.add_url, icon_name="plus")]


def platform_cards() -> list[dict[str, Any]]:
    """Every platform that a channel can be made for, by name."""
    deliveries = {
        "call": _("Published through the platform's programming interface"),
        "feed": _("The platform fetches a file with your cars"),
    }
    add = reverse("channel:add")
    cards = [
        {
            "label": str(adapter.label),
            "about": adapter.about,
            "delivery": deliveries[adapter.capabilities.delivery],
            "url": f"{add}?adapter={key}",
        }
        for key, adapter in all_adapters().items()
    ]
    return sorted(cards, key=lambda card: card["label"])


class SecretsAreTyped(View):
    """A view whose form puts secrets into their store: a store that is away is told, and nothing is saved."""

    @method_decorator(sensitive_post_parameters())
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: ChannelForm) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        except (CredentialsUnavailable, CredentialsUnreadable) as error:
            logger.error("Access data cannot be stored: %s", error)
            form.add_error(None, STORE_IS_AWAY)
            # As Wagtail's own check of the form leaves it behind.
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            response = self.form_invalid(form)  # type: ignore[attr-defined]
        return response


class ChannelCreateView(SecretsAreTyped, generic.CreateView):
    @property
    def adapter_key(self) -> str:
        key: str = self.request.GET.get("adapter", "")
        if key not in all_adapters():
            raise Http404
        return key

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without a platform: the page on which one is chosen."""
        if "adapter" in request.GET:
            response: HttpResponseBase = super().get(request, *args, **kwargs)
            return response
        context = {"page_title": _("Which platform?"), "header_icon": self.header_icon, "platforms": platform_cards()}
        return render(request, "publications/admin/platforms.html", context)

    def get_form_class(self) -> type[ChannelForm]:
        return channel_form(self.adapter_key)

    def get_page_subtitle(self) -> str:
        """Eighteen platforms have this same page."""
        return str(get_adapter(self.adapter_key).label)

    def get_add_url(self) -> str:
        return f"{super().get_add_url()}?adapter={self.adapter_key}"

    def get_success_url(self) -> str:
        return reverse("channel:edit", args=[self.object.pk])


class ChannelEditView(SecretsAreTyped, generic.EditView):
    def get_form_class(self) -> type[ChannelForm]:
        return channel_form(self.object.adapter)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        publications = reverse("publication:index")
        troubled = "&".join(f"state={state}" for state in TROUBLED)
        context["publications_url"] = f"{publications}?channel={self.object.pk}"
        context["troubled_url"] = f"{publications}?channel={self.object.pk}&{troubled}"
        context["troubled"] = self.object.publications.filter(state__in=TROUBLED).count()
        return context


class ChannelDeleteView(generic.DeleteView):
    def form_valid(self, form: Any) -> HttpResponse:
        reference = self.object.credential
        try:
            response: HttpResponse = super().form_valid(form)
        except ProtectedError:
            messages.error(self.request, _("Cars were published here, so the channel stays. Switch it off instead."))
            return redirect("channel:edit", self.object.pk or self.kwargs["pk"])
        credential_store().delete(reference)
        return response


class ChannelViewSet(ModelViewSet):
    model = Channel
    icon = "site"
    menu_label = _("Channels")
    name = "channel"
    url_prefix = "channels"
    index_template_name = "publications/admin/index.html"
    index_view_class = ChannelIndexView
    add_view_class = ChannelCreateView
    edit_view_class = ChannelEditView
    delete_view_class = ChannelDeleteView
    create_template_name = "publications/admin/channel_create.html"
    edit_template_name = "publications/admin/channel_edit.html"
    copy_view_enabled = False
    add_to_reference_index = False
    search_fields = ["name"]
    search_backend_name = None
    list_display = [
        "name",
        Column("platform", label=_("Platform")),
        Column("dealer", label=_("Dealer")),
        ChannelStateColumn("state", label=_("State")),
    ]

    def get_form_class(self, for_update: bool = False) -> type[ChannelForm]:
        # The views choose by the channel's adapter.
        return ChannelForm


# --- Publications ---------------------------------------------------------------------------------
class PublicationIndexView(TickedIndexView):
    right = "publications.change_publication"

    def get_base_queryset(self) -> QuerySet[Publication]:
        return visible_publications(self.request.user).select_related("document", "channel")


class PublicationInspectView(generic.InspectView):
    page_title = _("Publication")

    def get_object(self, queryset: Any = None) -> Publication:
        rows = visible_publications(self.request.user).select_related("document__listing", "channel")
        return get_object_or_404(rows, pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        row = self.object
        context |= {
            "state_label": state_label(row),
            "tone": tone(row),
            "problem": problem_of(row),
            "actions": actions_of(row) if may_change(row, self.request.user) else [],
            "decisions": decisions_of(row, self.request),
            "attempts": row.attempts.all()[:ATTEMPTS_SHOWN],
        }
        return context


class PublicationViewSet(GuardedModelViewSet):
    """Rows are made by the engine: people look, filter and decide."""

    model = Publication
    icon = "history"
    menu_label = _("Publications")
    name = "publication"
    url_prefix = "publications"
    index_template_name = "publications/admin/index.html"
    index_view_class = PublicationIndexView
    inspect_view_class = PublicationInspectView
    inspect_view_enabled = True
    inspect_view_fields = ["channel", "published_at"]
    inspect_template_name = "publications/admin/publication.html"
    filterset_class = PublicationFilterSet
    copy_view_enabled = False
    add_to_reference_index = False
    search_fields = ["document__title"]
    search_backend_name = None
    ordering = "-changed_at"
    list_per_page = 50
    list_display = [
        "car",
        Column("channel", label=_("Channel"), sort_key="channel__name"),
        StateColumn("state", label=_("State"), sort_key="state"),
        AddressColumn("address", label=_("Post")),
        DateColumn("published_at", label=_("Published"), sort_key="published_at"),
        DateColumn("changed_at", label=_("Last change"), sort_key="changed_at"),
    ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        absent = ("history", "usage", "add", "edit", "delete")
        kwargs = {f"{name}_url_name": None for name in absent} | kwargs
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return common

    def get_form_fields(self) -> list[str]:
        return []

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("inspect/<int:pk>/", self.inspect_view, name="inspect"),
        ]

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        permissions: QuerySet[Permission] = super().get_permissions_to_register()
        return permissions.filter(codename__in=["view_publication", "change_publication"])

    def register_admin_url_finder(self) -> None:
        """There is no edit view to find."""


class ChannelGroup(ModelViewSetGroup):
    items = (PublicationViewSet, ChannelViewSet)
    menu_label = _("Channels")
    menu_icon = "site"
    menu_order = 300
    submenu_hook = "register_channels_menu_item"

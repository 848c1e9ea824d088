"""The form of a channel, made from the fields that its adapter declares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from annotated_types import MaxLen
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, HttpUrl, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from integrations.credentials.selectors import credential_info
from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable, Secrets, credential_store
from integrations.marketplaces.base import Shown, Words
from integrations.marketplaces.explaining import EXPLAINED
from integrations.marketplaces.post import NAMES
from integrations.marketplaces.registry import get_adapter
from integrations.publications.models import Channel
from integrations.publications.wishes import catch_up

from .channel_fields import RULE, CommonChannelFields

SETTING, SECRET = "setting_", "secret_"
LONGEST_VALUE = 500
"""Unless the adapter's field has a `max_length` of its own; longer ones get lines."""
LINES = 16
STORE_IS_AWAY = _("The access data cannot be stored just now. Try again in a few minutes, or tell your administrator.")


class SecretField(forms.CharField):
    """Shows nothing of what is stored; what is typed leaves it as a value that does not print."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
        super().__init__(max_length=LONGEST_VALUE, widget=widget, **kwargs)

    def clean(self, value: Any) -> SecretStr:
        return SecretStr(super().clean(value))


@dataclass(frozen=True)
class Group:
    """Fields of the form that belong together."""

    title: Words
    fields: Sequence[forms.BoundField]
    key: str = ""


class ChannelForm(CommonChannelFields):
    """Common fields; `channel_form` adds the adapter's. Secrets go in and never come out."""

    adapter_key: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.adapter = self.adapter_key
        if get_adapter(self.adapter_key).capabilities.text_limit is None:
            del self.fields["template"]
        info = credential_info(self.instance.credential)
        self.stored_fields = set(info.fields if info else [])
        for name, field in self.fields.items():
            if name.startswith(SETTING):
                value = self.instance.settings.get(name.removeprefix(SETTING))
                field.initial = field.initial if value is None else value
            elif name.startswith(SECRET) and name.removeprefix(SECRET) in self.stored_fields:
                field.required = False
                field.help_text = _("Stored. Leave empty to keep it.")

    @property
    def about(self) -> Words:
        return get_adapter(self.adapter_key).about

    @property
    def template_preview_url(self) -> str:
        return reverse("publications_preview_text", args=[self.adapter_key])

    @property
    def template_names(self) -> list[tuple[str, Words]]:
        return list(NAMES.items())

    @property
    def groups(self) -> list[Group]:
        """The form as people read it."""
        rules = [name for name in self.fields if name.startswith(RULE)]
        own = [name for name in self.fields if name.startswith((SETTING, SECRET))]
        return [
            self._group(_("Channel and access"), ["name", "dealer", *own, "is_active"]),
            self._group(_("Which cars"), ["automatic", *rules, "when_sold"]),
            self._group(_("Text and photos"), ["photo_limit", "template"], "template"),
            self._group(_("When"), ["window_days", "window_from", "window_to", "per_hour", "repost_days"]),
        ]

    def _group(self, title: Words, names: Sequence[str], key: str = "") -> Group:
        return Group(title, [self[name] for name in names if name in self.fields], key)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        adapter = get_adapter(self.adapter_key)
        settings = self._validate(adapter.Settings, SETTING, self._typed(SETTING))
        self.checked_settings = {name: _plain(value) for name, value in settings.items()}
        typed = self._typed(SECRET)
        self.checked_secrets = {}
        if typed or not self.stored_fields:
            kept = self._stored_secrets() if self.stored_fields - set(typed) else {}
            secrets = self._validate(adapter.Credentials, SECRET, kept | typed)
            self.checked_secrets = {name: value for name, value in secrets.items() if value}
        return cleaned

    def save(self, commit: bool = True) -> Channel:
        """Settings and secrets are written together; what the change affects is looked at again."""
        channel = cast(Channel, self.instance)
        with transaction.atomic():
            channel.settings = self.checked_settings
            if self.checked_secrets:
                channel.credential = credential_store().put(
                    channel.credential, self.checked_secrets, owner=channel.name
                )
            _keep_pause_by_hand(channel)
            channel = super().save(commit)
            catch_up(channel)
        return channel

    def _stored_secrets(self) -> Secrets:
        """Those that stay as they are. They are opened only to go with newly typed ones."""
        known = get_adapter(self.adapter_key).Credentials.model_fields
        try:
            stored = credential_store().get(self.instance.credential)
            return {name: value for name, value in stored.items() if name in known}
        except CredentialsUnreadable:
            return {}
        except CredentialsUnavailable:
            self.add_error(None, STORE_IS_AWAY)
            return {}

    def _typed(self, prefix: str) -> dict[str, Any]:
        values = {name: self.cleaned_data.get(name) for name in self.fields if name.startswith(prefix)}
        empty = (None, "", SecretStr(""))
        return {name.removeprefix(prefix): value for name, value in values.items() if value not in empty}

    def _validate(self, model: type[BaseModel], prefix: str, values: dict[str, Any]) -> dict[str, Any]:
        """The model's values; problems become errors of their fields, without quoting what was typed."""
        try:
            checked = model.model_validate(values)
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False, include_context=False):
                name = f"{prefix}{problem['loc'][0]}" if problem["loc"] else ""
                # What concerns several fields together stands above the form.
                field = name if name in self.fields else None
                if not self.has_error(field or NON_FIELD_ERRORS):
                    explained = problem["msg"] if problem["type"] == EXPLAINED else ""
                    words = _("This value does not fit. Compare it with the hint and correct it.")
                    self.add_error(field, explained or words)
            return {}
        return checked.model_dump(mode="python")


def _keep_pause_by_hand(channel: Channel) -> None:
    """Saving ends a pause of the engine, never one by hand: not even one made while the form was being read."""
    values = Channel.objects.select_for_update().values("paused_at", "paused_by_hand", "paused_reason")
    stored = values.filter(pk=channel.pk, paused_by_hand=True).first()
    for name, value in (stored or {"paused_at": None, "paused_by_hand": False, "paused_reason": ""}).items():
        setattr(channel, name, value)


def channel_form(adapter_key: str) -> type[ChannelForm]:
    """The form class for channels of this adapter."""
    adapter = get_adapter(adapter_key)
    fields = {SETTING + name: _field(info) for name, info in adapter.Settings.model_fields.items()}
    fields |= {SECRET + name: SecretField(**_common(info)) for name, info in adapter.Credentials.model_fields.items()}
    return cast(type[ChannelForm], type("AdapterChannelForm", (ChannelForm,), {"adapter_key": adapter_key, **fields}))


def _shown(info: FieldInfo) -> Shown:
    return next((part for part in info.metadata if isinstance(part, Shown)), Shown(""))


def _common(info: FieldInfo) -> dict[str, Any]:
    shown = _shown(info)
    return {"label": shown.label, "help_text": shown.help, "required": info.is_required()}


def _field(info: FieldInfo) -> forms.Field:
    shown = _shown(info)
    initial = None if info.default is PydanticUndefined else _plain(info.default)
    common = _common(info) | {"initial": initial}
    if info.annotation is bool:
        return forms.BooleanField(**(common | {"required": False}))
    if info.annotation is int:
        return forms.IntegerField(**common)
    if shown.choices:
        return forms.ChoiceField(choices=_translated(shown.choices), **common)
    longest = next((part.max_length for part in info.metadata if isinstance(part, MaxLen)), LONGEST_VALUE)
    widget = forms.Textarea(attrs={"rows": LINES}) if longest > LONGEST_VALUE else forms.TextInput()
    return forms.CharField(max_length=longest, widget=widget, **common)


def _translated(choices: tuple[tuple[str, Words], ...]) -> list[tuple[str, Any]]:
    return [(code, label) for code, label in choices]


def _plain(value: Any) -> Any:
    """A value as JSON and form fields hold it."""
    return str(value).rstrip("/") if isinstance(value, HttpUrl) else value

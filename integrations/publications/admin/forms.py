"""The form of a channel, made from the fields that its adapter declares."""

from typing import Any, cast

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, HttpUrl, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from integrations.credentials.store import CredentialsUnreadable, credential_store
from integrations.marketplaces.base import Shown, Words
from integrations.marketplaces.registry import get_adapter
from integrations.publications.models import Channel
from integrations.publications.wishes import catch_up

SETTING, SECRET = "setting_", "secret_"
LONGEST_VALUE = 500


class ChannelForm(forms.ModelForm):
    """Common fields; `channel_form` adds the adapter's. Secrets go in and never come out."""

    adapter_key: str

    class Meta:
        model = Channel
        fields = ("name", "dealer", "when_sold", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.adapter = self.adapter_key
        stored = self._stored_secrets()
        for name, field in self.fields.items():
            if name.startswith(SETTING):
                value = self.instance.settings.get(name.removeprefix(SETTING))
                field.initial = field.initial if value is None else value
            elif name.startswith(SECRET) and stored.get(name.removeprefix(SECRET)):
                field.required = False
                field.help_text = _("Stored. Leave empty to keep it.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        adapter = get_adapter(self.adapter_key)
        self.checked_settings = self._validate(adapter.Settings, SETTING, {})
        self.checked_secrets = self._validate(adapter.Credentials, SECRET, self._stored_secrets())
        return cleaned

    def save(self, commit: bool = True) -> Channel:
        """Settings and secrets are written together; what the change affects is looked at again."""
        channel = cast(Channel, self.instance)
        with transaction.atomic():
            channel.settings = self.checked_settings
            if any(name.startswith(SECRET) and self.cleaned_data.get(name) for name in self.fields):
                channel.credential = credential_store().put(channel.credential, self.checked_secrets)
            channel.paused_at, channel.paused_reason = None, ""
            channel = super().save(commit)
            catch_up(channel)
        return channel

    def _stored_secrets(self) -> dict[str, str]:
        try:
            return credential_store().get(self.instance.credential)
        except CredentialsUnreadable:
            return {}

    def _validate(self, model: type[BaseModel], prefix: str, known: dict[str, str]) -> dict[str, Any]:
        """Values as JSON; problems become errors of their fields, without quoting what was typed."""
        typed = {
            name.removeprefix(prefix): self.cleaned_data[name]
            for name in self.fields
            if name.startswith(prefix) and self.cleaned_data.get(name) not in (None, "")
        }
        try:
            values = model.model_validate(known | typed)
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False, include_context=False):
                field = f"{prefix}{problem['loc'][0]}"
                if not self.has_error(field):
                    self.add_error(field, _("This value does not fit. Compare it with the hint and correct it."))
            return {}
        return {name: _plain(value) for name, value in values.model_dump(mode="python").items()}


def channel_form(adapter_key: str) -> type[ChannelForm]:
    """The form class for channels of this adapter."""
    adapter = get_adapter(adapter_key)
    fields = {SETTING + name: _field(info) for name, info in adapter.Settings.model_fields.items()}
    fields |= {SECRET + name: _field(info) for name, info in adapter.Credentials.model_fields.items()}
    return cast(type[ChannelForm], type("AdapterChannelForm", (ChannelForm,), {"adapter_key": adapter_key, **fields}))


def _field(info: FieldInfo) -> forms.Field:
    shown = next((part for part in info.metadata if isinstance(part, Shown)), Shown(""))
    initial = None if info.default is PydanticUndefined else _plain(info.default)
    common: dict[str, Any] = {
        "label": shown.label,
        "help_text": shown.help,
        "initial": initial,
        "required": info.is_required(),
    }
    if info.annotation is SecretStr:
        return forms.CharField(
            max_length=LONGEST_VALUE,
            widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
            **common,
        )
    if info.annotation is bool:
        return forms.BooleanField(**(common | {"required": False}))
    if info.annotation is int:
        return forms.IntegerField(**common)
    if shown.choices:
        return forms.ChoiceField(choices=_translated(shown.choices), **common)
    return forms.CharField(max_length=LONGEST_VALUE, **common)


def _translated(choices: tuple[tuple[str, Words], ...]) -> list[tuple[str, Any]]:
    return [(code, label) for code, label in choices]


def _plain(value: Any) -> Any:
    """A value as JSON and form fields hold it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).rstrip("/") if isinstance(value, HttpUrl) else value

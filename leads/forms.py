"""What an enquiry must contain, with messages that say what to do."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.pages.links import is_local_path

from .models import MAX_MESSAGE, MAX_NAME, MAX_PAGE
from .phones import to_e164

MAX_TAG = 100
"""Characters of one utm tag; longer ones are cut."""

CONSENT_TEXT = "Согласен на обработку персональных данных, чтобы мне перезвонили по этой заявке."
"""The words beside the box on the site (a test compares them). Stored as the proof of what was agreed to."""

SHOWN_ERRORS = ("name", "phone", "consent")
"""Fields with words of their own in the site's form; the others share those of the form."""


class LeadForm(forms.Form):
    """Fields have the names of the API. `website` is a trap: people do not see it, robots fill it in."""

    name = forms.CharField(
        max_length=MAX_NAME,
        error_messages={
            "required": _("Enter your name so that we know whom to ask for."),
            "max_length": _("The name is too long: shorten it."),
        },
    )
    phone = forms.CharField(
        max_length=40,
        error_messages={
            "required": _("Enter your phone number: we will call you back."),
            "max_length": _("Enter a phone number, for example +375 29 123-45-67."),
        },
    )
    message = forms.CharField(
        required=False,
        max_length=MAX_MESSAGE,
        error_messages={"max_length": _("The message is too long: leave up to %(limit_value)d characters.")},
    )
    consent = forms.BooleanField(
        error_messages={"required": _("Tick that you agree: without it we may not keep your phone number.")}
    )
    listing = forms.UUIDField(
        required=False, error_messages={"invalid": _("This car is not known. Open its page again.")}
    )
    page = forms.CharField(required=False)
    website = forms.CharField(required=False)

    def clean_name(self) -> str:
        # One line: the name goes into mails and lists.
        return " ".join(self.cleaned_data["name"].split())

    def clean_phone(self) -> str:
        phone = to_e164(self.cleaned_data["phone"])
        if phone is None:
            raise ValidationError(_("Enter a phone number, for example +375 29 123-45-67."), code="phone")
        return phone

    def clean_page(self) -> str:
        """Never an error: it only tells where the form stood. An unsafe one becomes the front page."""
        page = self.cleaned_data["page"]
        return page if is_local_path(page) and len(page) <= MAX_PAGE else "/"

    def source(self) -> dict[str, str]:
        """The advertising tags in the page's address."""
        query = urlsplit(self.cleaned_data.get("page", "/")).query
        return {name: value[:MAX_TAG] for name, value in parse_qsl(query) if name in UTM}

    def first_error(self) -> str:
        return next((name for name in SHOWN_ERRORS if name in self.errors), "form")

    def problems(self) -> dict[str, list[Any]]:
        return {name: [str(message) for message in messages] for name, messages in self.errors.items()}


UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")

"""Filters of the publications list."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import State


class PublicationFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=State.choices, widget=forms.CheckboxSelectMultiple
    )
    channel = django_filters.ModelMultipleChoiceFilter(
        label=_("Channel"), queryset=Channel.objects.all(), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Publication
        fields = ("state", "channel")

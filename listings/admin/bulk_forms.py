"""What the bulk actions of the list of cars ask for."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from listings.channels import channels_for
from listings.models import City
from listings.permissions import own_dealers, sees_all_dealers


class ReturnForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("What the dealer has to correct"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PriceForm(forms.Form):
    percent = forms.DecimalField(
        label=gettext_lazy("By percent"),
        required=False,
        min_value=Decimal("-90"),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        help_text=gettext_lazy("-5: five percent cheaper. 3: three percent dearer."),
    )
    amount = forms.IntegerField(
        label=gettext_lazy("Or by an amount"),
        required=False,
        help_text=gettext_lazy("In the currency of each car: -500 is five hundred cheaper."),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        given = [values[name] for name in ("percent", "amount") if values.get(name)]
        if len(given) != 1 and not self.errors:
            raise forms.ValidationError(_("Fill in one of the two: the percent or the amount."))
        return values


class CityForm(forms.Form):
    city = forms.ModelChoiceField(label=gettext_lazy("City"), queryset=City.objects.all())


class ChannelForm(forms.Form):
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Channels"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one channel.")},
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dealers = None if sees_all_dealers(user) else list(own_dealers(user).values_list("pk", flat=True))
        field = cast(forms.MultipleChoiceField, self.fields["channels"])
        field.choices = [(channel.key, channel.name) for channel in channels_for(dealers)]

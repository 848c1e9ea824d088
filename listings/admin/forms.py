"""The listing's form: whose it becomes and which photos it may show are decided on the server.

Choosers and hidden fields only spare people mistakes. The edit page, "add", "copy", preview and revert all go through
this form, and so do writes by the API.
"""

from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.permissions import policy_registry

from cms.images.models import CustomImage
from cms.users.models import User
from listings.models import Dealer
from listings.permissions import is_agent_of, own_dealers, sees_all_dealers
from listings.vin import taken_by
from listings.vocabulary import SaleState


class ListingForm(WagtailAdminModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nobody in particular may do nothing in particular.
        self.user = self.for_user or AnonymousUser()
        self._limit_dealer()
        self._limit_agent()
        self._limit_photos()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self._clean_vin(values.get("vin", "").strip().upper())
        dealer = values.get("dealer") if "dealer" in self.fields else self._dealer_of_instance()
        if dealer is None:
            return values
        if not sees_all_dealers(self.user) and is_agent_of(self.user, dealer):
            # Whatever was sent: an agent's cars are his own.
            values["agent"] = self.instance.agent = self.user
        agent = values.get("agent") if "agent" in self.fields else None
        if agent is not None and not dealer.members.filter(user=agent).exists():
            self.add_error("agent", ValidationError(_("This person does not work at the dealer: choose another one.")))
        return values

    def _clean_vin(self, vin: str) -> None:
        if self.instance.archived_at or self.instance.sale_state == SaleState.SOLD:
            return
        problem = taken_by(vin, self.user, self.instance.pk)
        if problem:
            self.add_error("vin", problem)

    def _dealer_of_instance(self) -> Dealer | None:
        return self.instance.dealer if self.instance.dealer_id else None

    def _limit_dealer(self) -> None:
        """Who works for one dealer is not asked for which."""
        if sees_all_dealers(self.user):
            return
        dealers = own_dealers(self.user)
        if "dealer" in self.fields:
            self.fields["dealer"].queryset = dealers
        mine = list(dealers[:2])
        if len(mine) == 1:
            # Also on a draft from the days when the car was another dealer's.
            self.instance.dealer = mine[0]
            self.fields.pop("dealer", None)

    def _limit_agent(self) -> None:
        if "agent" not in self.fields:
            return
        people = User.objects.filter(is_active=True, dealer_members__dealer__in=own_dealers(self.user)).distinct()
        self.fields["agent"].queryset = people.order_by("last_name", "username")
        self.fields["agent"].label_from_instance = lambda user: user.get_full_name() or user.username
        if self.instance.dealer_id and is_agent_of(self.user, self.instance.dealer) and "dealer" not in self.fields:
            self.instance.agent = self.user
            del self.fields["agent"]

    def _limit_photos(self) -> None:
        """Photos that the user may choose, and those that the car shows already."""
        formset = getattr(self, "formsets", {}).get("photos")
        if formset is None:
            return
        policy = policy_registry.get_by_type(CustomImage)
        mine = policy.instances_user_has_permission_for(self.user, "choose").values("pk")
        shown = [photo.image_id for photo in self.instance.photos.all()]
        photos = CustomImage.objects.filter(Q(pk__in=mine) | Q(pk__in=shown))
        for form in formset.forms:
            field = form.fields["image"]
            field.queryset = photos
            # The chooser prints the title of whatever id was sent, refused or not.
            field.widget.get_instance = partial(_photo_to_show, photos)


def _photo_to_show(photos: QuerySet[CustomImage], value: Any) -> CustomImage | None:
    if value is None or isinstance(value, CustomImage):
        return value
    return photos.filter(pk=value).first() if str(value).isdigit() else None

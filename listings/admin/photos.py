"""Wagtail's pages of photos show the photos that somebody may see, and the tags of all: here without these."""

from typing import Any

from wagtail.images.views import chooser, images

from listings.permissions import sees_all_dealers


class OwnImagesFilterSet(images.ImagesFilterSet):
    def __init__(self, *args: Any, request: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        if not sees_all_dealers(request.user):
            self.filters.pop("tag", None)


class OwnImageChooseView(chooser.ImageChooseView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if not sees_all_dealers(self.request.user):
            context["popular_tags"] = []
        return context


def limit_tags() -> None:
    """Wagtail offers no setting for either class; both are read when the addresses are made, later than this."""
    images.IndexView.filterset_class = OwnImagesFilterSet
    chooser.viewset.choose_view_class = OwnImageChooseView

from wagtail import hooks
from wagtail.rich_text.feature_registry import FeatureRegistry

from .rich_text import SitePageLinkHandler


# After Wagtail's own registration, which it replaces.
@hooks.register("register_rich_text_features", order=100)
def link_pages_by_site_path(features: FeatureRegistry) -> None:
    features.register_link_type(SitePageLinkHandler)

from .document import PageType, PublishedPage
from .pages import ContentPage, HomePage, SitePage
from .settings import SiteSettings

__all__ = ["ContentPage", "HomePage", "PageType", "PublishedPage", "SitePage", "SiteSettings"]

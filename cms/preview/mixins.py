"""Live preview of drafts by the site (see PAGES helper)."""

from wagtail.models import PreviewableMixin


class SnippetHeadlessPreviewMixin(PreviewableMixin):
    """Preview of a snippet, rendered by the site."""

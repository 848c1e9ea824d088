"""/api/v1/pages, /site and /redirects: reads published documents, and nothing else."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from cms.http import gone, not_found, tagged_by_content
from listings.schemas import Problem

from .links import is_local_path
from .resolvers import resolve_page
from .schemas import Page, Redirects, Site
from .selectors import find_page, redirects_payload, site_payload

router = Router(tags=["pages"])


@router.get("/pages", response={200: Page, 404: Problem, 410: Problem}, summary="A page")
def get_page(
    request: HttpRequest, path: str = Query(..., description="Its address, for example /blog/page/2")
) -> HttpResponse:
    """The page with this address. 410 when it was public once and has been withdrawn."""
    if not is_local_path(path):
        return not_found()
    row, number = find_page(path)
    if row is None:
        return not_found()
    if not row.is_public:
        return gone()
    document = resolve_page(row, row.data, number)
    return not_found() if document is None else tagged_by_content(request, document)


@router.get("/site", response={200: Site}, summary="Name, contacts, navigation")
def get_site(request: HttpRequest) -> HttpResponse:
    """What every page of the site shows."""
    return tagged_by_content(request, site_payload())


@router.get("/redirects", response={200: Redirects}, summary="Old addresses")
def get_redirects(request: HttpRequest) -> HttpResponse:
    """Where pages stood before, and where they are now."""
    return tagged_by_content(request, redirects_payload())

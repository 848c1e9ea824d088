from wagtail import hooks

from .places import site_places

hooks.register("register_listing_places", site_places)

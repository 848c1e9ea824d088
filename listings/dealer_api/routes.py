"""The router of the dealers' API. One for all its modules: methods of one address must stand in one router."""

from ninja import Router

router = Router(tags=["dealer"])

"""The router of the dealers' API. One for all its modules: methods of one address must stand in one router."""

from ninja import Router

from .auth import Bearer

router = Router(tags=["dealer"])


def name_scopes(router: Router) -> None:
    """Says in the API's description which scope each operation takes."""
    for view in router.path_operations.values():
        for operation in view.operations:
            for auth in operation.auth_callbacks:
                if isinstance(auth, Bearer):
                    operation.description = f"{operation.description or ''}\n\nScope: `{auth.scope}`.".strip()

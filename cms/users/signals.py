"""What `cms.users` tells the apps that know more about people than it does."""

from django.dispatch import Signal

roles_set_up = Signal()
"""Sent inside the transaction of `setup_roles`; `groups`: dict of Group by the key of its role."""

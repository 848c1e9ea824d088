from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Channels on the sandbox's platforms, and what follows a car into them. The only code that knows both sides."""

    name = "integrations.demo"
    label = "demo_channels"

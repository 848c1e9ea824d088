"""A local server that imitates the marketplaces, for the demo, the tests and trying out adapters.

A process of its own: the product never imports it. It knows only what the platforms document.
"""

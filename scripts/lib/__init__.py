"""How the product's processes are set up and started: shared by scripts/demo, scripts/test and the tests."""

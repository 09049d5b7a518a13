"""Three made-up newspapers on loopback, for `make demo` and for the tests."""

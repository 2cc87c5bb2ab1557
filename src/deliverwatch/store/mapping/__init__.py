"""Rows to core values and back: pure functions, one module per room. Rows never leave `store`."""

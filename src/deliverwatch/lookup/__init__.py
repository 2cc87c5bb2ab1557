"""DNS lives here: query names, account keys, and the engine that asks."""

"""DNS lives here: query names, account keys, and the engine that asks.

A known limit: c-ares reports NXDOMAIN as a bare number and shows no record that came with it. An alias that leads to a
name which does not exist is rightly clear (RFC 2308 §2.1). A server that contradicts itself, with NXDOMAIN in the
header and an address in the answer, is read as clear too; to tell that as nonsense takes an engine that reads whole
messages.
"""

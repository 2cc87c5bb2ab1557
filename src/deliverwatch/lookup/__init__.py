"""DNS lives here: query names, account keys, and the engines that ask.

`bulk_resolver` asks in every round, through an engine of our own (`engine`); `aiodns_resolver` takes the second look,
through c-ares; `dns_lookups` opens them. A known limit of the second: c-ares reports NXDOMAIN as a bare number and
shows no record that came with it, so that a server which contradicts itself, with NXDOMAIN in the header and an address
in the answer, is clear there and nonsense here.
"""

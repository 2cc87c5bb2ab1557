"""Where sending data come from: one module per source, one line in the registry.

Each reads what a sending platform, an MTA or a receiver writes, and normalises it at the edge (`core.delivery`). All of
it is foreign: anybody who can send mail through a customer, or answer it, has a say in these bytes. A reader raises for
none of them; what it cannot read it rejects, with the line and a reason, and goes on.
"""

"""Best-practice checks: what a sender has published, and how a message of theirs looks.

SPF is evaluated by pyspf and signatures are verified by dkimpy, as receivers do it; both ask only the resolvers of the
settings, through `resolvers`. What could not be looked up is UNKNOWN, never a failure. Everything that comes back is
foreign text.
"""

"""The shipped catalogue is read once for many installations: most of what opening one costs is reading the forms and
compiling their letters, and no test changes them."""

from functools import cache

from deliverwatch import app, in_use
from deliverwatch import remediation as wiring
from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.forms import load_forms, load_letters
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.render.drafts import Letters


@cache
def _forms():
    return load_forms()


@cache
def _shared():
    return load_letters()


@cache
def _letters():
    return Letters(_forms(), _shared())


@cache
def _providers():
    return load_mailbox_providers()


_lists = cache(load_lists)


def read_once(monkeypatch):
    """For installations without a catalogue of their own."""
    monkeypatch.setattr(wiring, "load_forms", lambda overlay: _forms())
    monkeypatch.setattr(wiring, "load_letters", lambda overlay: _shared())
    monkeypatch.setattr(wiring, "Letters", lambda forms, shared: _letters())
    monkeypatch.setattr(in_use, "load_lists", _lists)
    monkeypatch.setattr(app, "load_mailbox_providers", lambda overlay: _providers())

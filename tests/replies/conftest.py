"""The classifier as it is shipped."""

import pytest

from deliverwatch.in_use import load_classifier
from deliverwatch.settings import load_settings


@pytest.fixture(scope="session")
def classifier():
    return load_classifier(load_settings(None, {}))


@pytest.fixture(scope="session")
def fresh():
    """Makes one that has read nothing yet."""
    return lambda: load_classifier(load_settings(None, {}))

"""What the tests of receivers' sources share: reading a sample, and a time to read it at."""

from datetime import UTC, datetime
from pathlib import Path

from deliverwatch.flows.source_ports import ReaderOptions

SAMPLES = Path(__file__).with_name("samples")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def read(source, content, **options):
    """The items of a body, or of a sample by its name."""
    content = (SAMPLES / source.id / content).read_bytes() if isinstance(content, str) else content
    return list(source.reader(ReaderOptions(NOW, UTC, **options)).read(content))

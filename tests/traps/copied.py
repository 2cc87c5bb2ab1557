"""An overlay whose entries an operator copied from an old configuration."""

from datetime import date

import yaml


def entry(zone, **more):
    return {
        "id": "copied",
        "name": "Copied",
        "zone": zone,
        "kinds": ["ipv4"],
        "scope": "address",
        "codes": [{"value": "127.0.0.2", "impact": "high", "meaning": "listed"}],
        "test_points": [],
        "access": {"terms": "open", "note": "free"},
        "removal": {"way": "automatic"},
        "source": "copied from elsewhere",
        "checked_on": date(2026, 11, 22),
        "confidence": "low",
        "status": "unverified",
        **more,
    }


def overlay(folder, *entries):
    folder.mkdir(exist_ok=True)
    (folder / "blocklists.yaml").write_text(yaml.safe_dump({"lists": list(entries)}))
    return folder

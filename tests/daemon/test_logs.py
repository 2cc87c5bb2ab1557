"""The log: one JSON object per line, whoever writes it, and no values of variables."""

import io
import json
import logging

import pytest
import structlog

from deliverwatch.serve import set_up_logs


@pytest.fixture
def log_file():
    stream = io.StringIO()
    set_up_logs(stream)
    yield stream
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def test_every_line_is_json_and_no_variable_is_shown(log_file):
    def fails(password):
        raise RuntimeError("it broke")

    for write in (structlog.get_logger().error, logging.getLogger("apscheduler").error):
        try:
            fails("canary0password")
        except RuntimeError as failure:
            write("work_broke", exc_info=failure)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    lines = [json.loads(line) for line in log_file.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["work_broke", "work_broke", "Invalid HTTP request received."]
    assert all(line["exception"][0]["exc_value"] == "it broke" for line in lines[:2])
    assert all({"at", "level"} <= set(line) for line in lines)
    assert "canary0password" not in log_file.getvalue()

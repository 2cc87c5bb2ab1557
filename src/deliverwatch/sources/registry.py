"""The data sources there are, one line each."""

from deliverwatch.flows.source_ports import Source
from deliverwatch.sources import (
    arf,
    bird,
    dsn,
    exim,
    google_postmaster_api,
    kumomta,
    mailgun,
    plain_csv,
    plain_json,
    postfix,
    postmark,
    powermta,
    sendgrid,
    ses,
    snds,
    sparkpost,
    sparkpost_metrics,
)

SOURCES: dict[str, Source] = {
    source.id: source
    for source in (
        sparkpost.WEBHOOK,
        sparkpost.EVENTS,
        sparkpost_metrics.SOURCE,
        bird.SOURCE,
        ses.SOURCE,
        sendgrid.SOURCE,
        mailgun.SOURCE,
        postmark.SOURCE,
        arf.SOURCE,
        dsn.SOURCE,
        snds.SOURCE,
        google_postmaster_api.SOURCE,
        powermta.SOURCE,
        kumomta.SOURCE,
        postfix.SOURCE,
        exim.SOURCE,
        plain_csv.SOURCE,
        plain_json.SOURCE,
    )
}
"""By id, in the order in which they are shown."""

"""The data sources by id, as commands, settings and addresses name them. What each is, `sources.registry` says."""

SOURCE_IDS = (
    "sparkpost-webhook",
    "sparkpost-events",
    "sparkpost-metrics",
    "bird-webhook",
    "powermta",
    "kumomta",
    "postfix",
    "exim",
    "ses",
    "sendgrid",
    "mailgun",
    "postmark",
    "arf",
    "dsn",
    "snds",
    "google-postmaster",
    "csv",
    "json",
)

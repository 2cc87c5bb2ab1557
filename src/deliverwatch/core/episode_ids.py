"""The id by which people and programs name a block, throttle, finding or warning: its key tells whose it is."""

from deliverwatch.core.alerting import notification_id
from deliverwatch.core.block import Episode


def episode_id(episode: Episode) -> str:
    return notification_id("episode", episode.key)

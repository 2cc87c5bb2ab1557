"""Deliverability monitoring that never says more than it verified."""

__version__ = "0.1.0"

"""`python -m deliverwatch`."""

from deliverwatch.cli import main

main()

"""Files written by people -> checked core values: blocklists, forms, warm-up plans, and the customers of an ESP."""

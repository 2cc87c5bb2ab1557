"""SMTP replies read by rules: which of hundreds apply to one, quickly. What they mean is `core.reply`'s business."""

"""What the desk shows, folded from what is kept: pure, over frozen values."""

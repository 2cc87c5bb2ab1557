"""What the program does: one verb per module. Load (a short read), look (network, no transaction), commit (one)."""

"""What songs and charts are looked up by."""

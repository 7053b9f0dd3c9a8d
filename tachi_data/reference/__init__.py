"""To the bit as the original server: canonical JSON, numbers, blanks and folded titles."""

"""Finding out why orphans wait: groups, suggestions, patches for the catalogue, and stories of single ones."""

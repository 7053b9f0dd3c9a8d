"""The Pandera schemas of the frames that an import passes through."""

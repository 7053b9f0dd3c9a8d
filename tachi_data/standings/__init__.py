"""Sessions, personal bests, profiles, classes and goals: all that follows from scores."""

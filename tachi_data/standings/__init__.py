"""What follows from scores: sessions, personal bests, profiles, classes and goals."""

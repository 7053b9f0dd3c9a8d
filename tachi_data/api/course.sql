-- One row is the course of these charts, and the class that it stands for.
SELECT playtype, set, value FROM courses WHERE game = $game AND lower(md5sums) = lower($md5sums)

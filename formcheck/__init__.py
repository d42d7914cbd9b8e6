"""FormCheck: measures hip, knee and spine angles of lifts in video, counts and scores the reps."""

__version__ = "0.1.0"

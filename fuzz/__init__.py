"""Coverage-guided fuzzing of everything that is read from files, see README.md."""

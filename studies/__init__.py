"""Studies: numerical experiments that no test runs, because they take minutes or hours; see README.md."""

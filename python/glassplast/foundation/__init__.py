"""What knows no glass: array types, two or three dimensions, progress, threads, seeds, grids, ranks.

Everything else in the package may use these modules; they use nothing of it but the engine and the errors.
"""

"""Shear glasses, find where they yield, and compare the fields that predict it."""

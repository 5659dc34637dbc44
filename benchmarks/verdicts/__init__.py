"""How often the judge is right, on labelled price changes of three years.

Run as `python -m benchmarks.verdicts`; see README.md beside this file.
"""

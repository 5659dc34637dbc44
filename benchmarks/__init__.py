"""How fast and how large Pricetrail is, as ratios that outlive a machine.

Run as `python -m benchmarks`; see README.md beside this file.
"""

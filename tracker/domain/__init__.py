"""The domain of Pricetrail: what a price is and how its history is derived.

Everything here is pure: no clock, no files, no database, no log. `now` is a
parameter. Only the standard library is imported, and of that nothing that
reaches outside the process (an import-linter contract checks it).
"""

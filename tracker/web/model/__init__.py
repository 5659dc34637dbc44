"""The page of one model, by part: each turns rows of the database into what is shown.

Everything here is of one offer. What is of all of them, such as who else sells a
model, is worked out once for each state and shared (`market`).
"""

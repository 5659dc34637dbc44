"""The page people look at: the same pages served on request and written as files.

A page is made from one state of the database (`view`), by the section it belongs to
(`pages`), with templates that load nothing from elsewhere. `app` serves them beside
the API; `site` writes them into a folder.
"""

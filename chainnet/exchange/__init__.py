"""Other people's data: datasets and graph files in, files for other programs out.

What comes from outside is read as if it were hostile: sizes, depths and archives are capped,
XML may hold no document type, no file names another, and every row is used or reported.
"""

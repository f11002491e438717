"""Files and pasted text read as tables, and tables written as files. Pure Python: no database, request or setting.

`reading.py` and `writing.py` are the two doors. What a column means and what its cells say is not known here.
"""

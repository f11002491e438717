"""Deployment files that carry product keys: read whatever has become of them, checked, and written byte for byte.

`reading.py` finds every place for a key, `checking.py` says what is wrong, `writing.py` puts keys in. The files are
answer files (unattend.xml) and, to read and check, CustomSettings.ini, ei.cfg and PID.txt.
"""

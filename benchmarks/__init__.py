"""How long the pages take, as ratios to a floor measured in the same run: `make bench` or `python -m benchmarks`.

The floor is a view written by hand for speed alone: signed in, 50 rows of 8 columns by `values_list`, one plain
template, behind the same middleware. A real gunicorn answers over a kept connection. Trust the ratios: the milliseconds
are the machine's.
"""
